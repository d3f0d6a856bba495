"""What learning does for writers whom the originals never saw: the figures of docs/learning.md.

`python -m benchmarks.learning DRAWINGS MNIST MODELS [SEED …]` measures. MODELS are originals that
were trained without a tablet's writers (`inkling train … --without pendigits/ --out MODELS`), or
`models`, the shipped ones, to whom fewer writers are new. What was measured already
(tmp/learning.jsonl) is not measured again. `python -m benchmarks.learning --write` writes tables
and plots of what there is.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inkling import checkpoints
from inkling.data.datasets import held_out, read_mnist, read_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.evaluation.adaptation import Teacher, accuracies, split
from inkling.evaluation.evaluate import DigitSet, drawn_set
from inkling.learning.rule import LEARNING_RULES
from inkling.settings import ROOT

FIGURES = ROOT / "tmp" / "learning.jsonl"
POINTS = (25, 50, 100)  # labels
UNUSUAL = 0.04  # of the writers' drawings a net gets so many wrong: then it has much to learn
TABLET = "pendigits/"  # whose writers one may train without; each has some 250 drawings
IN_TURN = "all in turn"

Groups = dict[str, list[StrokeDrawing]]


def groups_of(drawings: Sequence[StrokeDrawing], tablet_seen: bool) -> Groups:
    """The drawings by writers whom the originals never saw, in groups of about 300 or more."""
    unseen = [
        drawing
        for drawing in sorted(drawings, key=lambda d: d.writer)
        if held_out(drawing.writer) or (not tablet_seen and drawing.writer.startswith(TABLET))
    ]
    writers = sorted({d.writer for d in unseen if d.writer.startswith(TABLET)})
    pairs = zip(writers[::2], writers[1::2], strict=True)
    named = {w: f"{pair[0]}+{pair[1].removeprefix(TABLET)}" for pair in pairs for w in pair}
    groups: Groups = {}
    for drawing in unseen:
        name = named.get(drawing.writer) or _family(drawing.writer)
        groups.setdefault(name, []).append(drawing)
    others = groups.pop("others")
    half = {d.writer for d in others[: len(others) // 2]}
    groups["others, one half"] = [d for d in others if d.writer in half]
    groups["others, the other"] = [d for d in others if d.writer not in half]
    return groups


def _family(writer: str) -> str:
    named = ("unipen/syn/syn1/tds", "unipen/syn", "unipen/apb")
    return next((family for family in named if writer.startswith(family)), "others")


class Benchmark:
    """One pair of originals, and the people who are new to them."""

    def __init__(self, drawings: Sequence[StrokeDrawing], mnist: DigitSet, models: Path) -> None:
        from inkling.learning.learner import build_learner

        self._originals, self._name = checkpoints.originals(models), models.name
        self._shipped = models.resolve() == ROOT / "models"
        self._groups = groups_of(drawings, tablet_seen=self._shipped)
        self._mnist = mnist
        self._digits = {name: drawn_set(found) for name, found in self._groups.items()}
        rules = LEARNING_RULES.items()
        self._learners = {name: build_learner(self._originals, rule) for name, rule in rules}

    def measure(self, seed: int) -> None:
        """Measure what is not measured yet, and note each run as a line of JSON."""
        for rule, learner in self._learners.items():
            for group in (*self._groups, IN_TURN):
                run = {"shipped": self._shipped, "rule": rule, "group": group, "seed": seed}
                if _is_done(run) or (group == IN_TURN and self._shipped):
                    continue
                teacher = Teacher(learner, self._originals)
                found = self._in_turn(teacher, seed) if group == IN_TURN else None
                _note(run | (found or self._group(teacher, group, seed)))

    def _group(self, teacher: Teacher, group: str, seed: int) -> dict[str, Any]:
        """Accuracies on a group's other drawings at 0 and POINTS, elsewhere before and after."""
        parts = split(self._groups[group], POINTS[-1], seed)
        own, learner = drawn_set(parts.others), teacher.learner
        elsewhere = {
            "mnist": self._mnist,
            "others": _joined([d for name, d in self._digits.items() if name != group]),
        }
        before = {name: accuracies(learner, digits) for name, digits in elsewhere.items()}
        points, rejected = {0: accuracies(learner, own)}, list[Any]()
        for start, end in zip((0, *POINTS), POINTS, strict=False):
            found = teacher.teach(parts.labelled[start:end], seed * 1000 + start)
            rejected += [rejection.to_json() for rejection in found]
            points[end] = accuracies(learner, own)
        return {
            "count": len(self._groups[group]),
            "own": points,
            "rejected": rejected,
            "before": before,
            "after": {name: accuracies(learner, digits) for name, digits in elsewhere.items()},
        }

    def _in_turn(self, teacher: Teacher, seed: int) -> dict[str, Any]:
        """Accuracies before and after so many labels of each group, one after another."""
        parts = {name: split(found, POINTS[-1], seed) for name, found in self._groups.items()}
        first, learner = next(iter(parts)), teacher.learner
        sets = {
            "own": drawn_set([d for part in parts.values() for d in part.others]),
            "mnist": self._mnist,
            "first group": drawn_set(parts[first].others),
        }
        found: dict[str, Any] = {
            "labels": sum(len(part.labelled) for part in parts.values()),
            "before": {name: accuracies(learner, digits) for name, digits in sets.items()},
            "rejected": [],
        }
        for number, (name, part) in enumerate(parts.items()):
            rejected = teacher.teach(part.labelled, seed * 1000 + number)
            found["rejected"] += [rejection.to_json() for rejection in rejected]
            if name == first:
                found["first group then"] = accuracies(learner, sets["first group"])
        return found | {"after": {name: accuracies(learner, s) for name, s in sets.items()}}


def _joined(sets: Sequence[DigitSet]) -> DigitSet:
    return DigitSet(
        np.concatenate([found.digits for found in sets]),
        np.concatenate([found.labels for found in sets]),
    )


def _note(run: dict[str, Any]) -> None:
    FIGURES.parent.mkdir(exist_ok=True)
    with FIGURES.open("a") as file:
        file.write(json.dumps(run) + "\n")
    print(json.dumps(run)[:300], flush=True)


def noted() -> Iterator[dict[str, Any]]:
    """Every run that was measured."""
    if FIGURES.exists():
        yield from map(json.loads, FIGURES.read_text().splitlines())


def _is_done(run: dict[str, Any]) -> bool:
    return any(run.items() <= done.items() for done in noted())


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        from benchmarks.learning_report import write

        write([*noted()])
    else:
        test = read_mnist(Path(sys.argv[2]))
        digits = DigitSet(test.test_digits, test.test_labels)
        benchmark = Benchmark(read_strokes(Path(sys.argv[1])), digits, Path(sys.argv[3]))
        for number in sys.argv[4:] or ["0"]:
            benchmark.measure(int(number))
