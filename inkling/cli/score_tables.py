"""Scores as tables for a terminal of 80 to 100 columns, and what other tables share with them."""

from collections.abc import Iterator, Mapping

from inkling.evaluation.by_writer import interval_words
from inkling.evaluation.metrics import ANSWER, NO_ANSWER, Score, Scores
from inkling.nets.registry import NETWORKS

NAME_WIDTH = 15  # columns, the widest model's name and two
WORST = "*"
ROBUST = (*NETWORKS, ANSWER)  # the columns of the robustness table


def percent(share: float | None) -> str:
    """Return a share in per cent, a dash where there is none."""
    return "–" if share is None else f"{share:.2%}"


def digit_head(width: int) -> str:
    """Return the ten digits as the heads of columns, beside that of the models' names."""
    return " " * NAME_WIDTH + "".join(f"{digit:>{width}}" for digit in range(10))


def score_tables(scores: Scores) -> Iterator[str]:
    """Every set's lines: accuracy and calibration, accuracy per digit, the confusion matrices."""
    for name, models in scores.items():
        count = models[ANSWER].count
        yield f"{name}: {count:,} digit{'s' if count != 1 else ''}"
        yield ""
        yield from accuracy_table(models)
        yield ""
        if models[ANSWER].by_writer:
            yield from writer_tables(models)
            yield ""
        yield from digit_table(models)
        yield ""
        for alike, score in _alike(models).items():
            yield from confusion_matrix(alike, score, no_answer=alike == ANSWER)
            yield ""


def accuracy_table(models: Mapping[str, Score]) -> Iterator[str]:
    """A line for each model: accuracy and calibration error, both in per cent."""
    yield f"{'':{NAME_WIDTH}}{'accuracy':>10}{'calibration error':>20}"
    for name, score in models.items():
        error = percent(score.calibration_error)
        yield f"{name:{NAME_WIDTH}}{percent(score.accuracy):>10}{error:>20}"


def writer_tables(models: Mapping[str, Score]) -> Iterator[str]:
    """Lines on writers: each model's mean over them and intervals; who was misread most often."""
    known = {name: score.by_writer for name, score in models.items() if score.by_writer}
    writers = next(iter(known.values())).writers
    yield f"By writer, of {writers}; 95 % intervals, whole writers drawn anew"
    yield f"{'':{NAME_WIDTH}}{'accuracy':>18}{'mean over writers':>22}{'':>18}"
    for name, found in known.items():
        line = f"{name:{NAME_WIDTH}}{interval_words(found.accuracy_interval):>18}"
        yield f"{line}{percent(found.mean):>22}{interval_words(found.mean_interval):>18}"
    if worst := known[ANSWER].worst:
        yield "Misread most often by the app, wrong answers of all:"
        yield from (f"  {w.writer}  {w.count - w.right} of {w.count}" for w in worst)


def digit_table(models: Mapping[str, Score]) -> Iterator[str]:
    """A line for each model: accuracy per digit in per cent, a star before the worst."""
    yield f"Accuracy per digit in %, {WORST} the worst"
    yield digit_head(7)
    for name, score in models.items():
        told = ["–" if share is None else f"{100 * share:.1f}" for share in score.per_digit]
        if score.worst_digit is not None:
            told[score.worst_digit] = WORST + told[score.worst_digit]
        yield f"{name:{NAME_WIDTH}}" + "".join(f"{cell:>7}" for cell in told)


def confusion_matrix(name: str, score: Score, *, no_answer: bool) -> Iterator[str]:
    """A line for each label, a column for each digit that was said; zeros as dots."""
    yield f"{name}: rows are labels, columns what was said"
    yield f"{'':5}" + "".join(f"{digit:>7}" for digit in range(10)) + "  no answer" * no_answer
    for label, row in enumerate(score.confusion):
        cells = "".join(f"{count or '.':>7}" for count in row[:NO_ANSWER])
        yield f"{label:>5}" + cells + f"{row[NO_ANSWER] or '.':>11}" * no_answer


def _alike(models: Mapping[str, Score]) -> dict[str, Score]:
    """The scores under all the names that share one, the answer's under its own alone."""
    names: dict[Score, list[str]] = {}
    for name, score in models.items():
        if name != ANSWER:
            names.setdefault(score, []).append(name)
    return {", ".join(alike): score for score, alike in names.items()} | {ANSWER: models[ANSWER]}


def robustness_table(rows: Scores) -> Iterator[str]:
    """A line for each row: accuracies in per cent, and how many points off the first row they are.

    Nothing where there are no rows.
    """
    if not rows:
        return
    base = next(iter(rows.values()))
    yield "Robustness: accuracy in %, and its difference to the first row in points"
    yield f"{'':22}" + "".join(f"{name:>18}" for name in ROBUST)
    for name, models in rows.items():
        line = f"{name:22}"
        for model in ROBUST:
            accuracy = models[model].accuracy
            points = "" if models is base else f"{100 * (accuracy - base[model].accuracy):+.2f}"
            line += f"{100 * accuracy:>10.2f}{points:>8}"
        yield line.rstrip()
