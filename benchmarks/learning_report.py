"""Tables and plots of docs/learning.md from the runs that were measured."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.learning import IN_TURN, POINTS, UNUSUAL
from inkling.evaluation.metrics import ANSWER
from inkling.learning.rule import LEARNING_RULES, MEMORY
from inkling.plots.learning_curves import plot_errors, plot_trade
from inkling.settings import ROOT

REPORT, IMAGES = ROOT / "docs" / "learning.md", ROOT / "docs" / "images"
MODELS = {"fnn": "FNN", "cnn": "CNN", ANSWER: "the app's answer"}
RULES = tuple(LEARNING_RULES)

Run = dict[str, Any]


def write(runs: Sequence[Run]) -> None:
    """Put the tables between the report's marks, and plot what the first of them tells."""
    alone = [run for run in runs if run["group"] != IN_TURN]
    unseen = [run for run in alone if not run["shipped"]]
    shipped = [run for run in alone if run["shipped"]]
    in_turn = [run for run in runs if run["group"] == IN_TURN]
    for name, lines in (
        ("unseen", [*_seeds(unseen), *_summary(unseen)]),
        ("groups", _by_group(unseen)),
        ("in turn", _in_turn(in_turn)),
        ("shipped", [*_seeds(shipped), *_summary(shipped), "", *_by_group(shipped)]),
    ):
        put(name, lines)
    for dark in ("", "-dark"):
        _plot(unseen, dark)


def put(name: str, lines: Iterable[str]) -> None:
    """Write these lines between the report's two marks of this name."""
    text, (start, end) = REPORT.read_text("utf-8"), (f"<!-- {name} -->", f"<!-- end of {name} -->")
    marked = re.compile(re.escape(start) + ".*" + re.escape(end), re.DOTALL)
    if not marked.search(text):
        raise ValueError(f"{REPORT} has no marks {start} and {end}.")
    text = marked.sub(lambda _: "\n".join([start, *lines, end]), text)
    REPORT.write_text(text, "utf-8")


def _seeds(runs: Sequence[Run]) -> Iterator[str]:
    """Which seeds there are, and what screen and gate rejected of these honest labels."""
    for rule in RULES:
        found = [run for run in runs if run["rule"] == rule]
        seeds = ", ".join(map(str, sorted({run["seed"] for run in found})))
        rejected = sum(len(run["rejected"]) for run in found)
        yield (
            f"- {rule}: seeds {seeds}; of {POINTS[-1] * len(found):,} honest labels screen and "
            f"gate rejected {rejected}."
        )
    yield ""


def _errors(run: Run, model: str, labels: int) -> float:
    return 100 - 100 * float(run["own"][str(labels)][model])


def _worse(run: Run, model: str, where: str) -> float:
    """How many points more errors there are elsewhere after all labels."""
    return 100 * float(run["before"][where][model] - run["after"][where][model])


def _of(runs: Sequence[Run], rule: str, model: str, unusual: bool | None) -> list[Run]:
    """The runs by a rule; those of groups that are unusual to a model, or those that are not."""
    found = [run for run in runs if run["rule"] == rule]
    if unusual is None:
        return found
    strange = _unusual(runs, model)
    return [run for run in found if (run["group"] in strange) == unusual]


def _unusual(runs: Sequence[Run], model: str) -> set[str]:
    groups = {run["group"] for run in runs}

    def share(group: str) -> float:
        errors = [_errors(run, model, 0) for run in runs if run["group"] == group]
        return float(np.mean(errors)) / 100

    return {group for group in groups if share(group) >= UNUSUAL}


def _told(values: Sequence[float]) -> str:
    if not values:
        return "–"
    spread = f" ± {np.std(values):.2f}" if len(values) > 1 else ""
    return f"{np.mean(values):.2f}{spread}"


def _summary(runs: Sequence[Run]) -> Iterator[str]:
    yield (
        "| model | groups | rule | runs | errors before | "
        + " | ".join(f"after {labels}" for labels in POINTS)
        + " | left after 25 | left after 100 | MNIST worse by | other writers worse by |"
    )
    yield "|---|---|---|--:|--:|" + "--:|" * (len(POINTS) + 4)
    for model, name in MODELS.items():
        for unusual, kind in ((True, "unusual"), (False, "others")):
            for rule in RULES:
                found = _of(runs, rule, model, unusual)
                if not found:
                    continue
                errors = [_told([_errors(r, model, n) for r in found]) for n in (0, *POINTS)]
                left = [f"{_left(found, model, n):.0%}" for n in (POINTS[0], POINTS[-1])]
                worse = [_told([_worse(r, model, w) for r in found]) for w in ("mnist", "others")]
                cells = [name, kind, rule, str(len(found)), *errors, *left, *worse]
                yield "| " + " | ".join(cells) + " |"


def _left(runs: Sequence[Run], model: str, labels: int) -> float:
    """The share of all these groups' errors that is left after so many labels."""

    def mistakes(labels: int) -> float:
        others = (int(run["count"]) - POINTS[-1] for run in runs)
        errors = (_errors(run, model, labels) for run in runs)
        return sum(n * share for n, share in zip(others, errors, strict=True))

    return mistakes(labels) / (mistakes(0) or 1)


def _by_group(runs: Sequence[Run]) -> Iterator[str]:
    """Errors before and after by the rule, a line for each group."""
    heads = " | ".join(f"{name}: before → 25 → 50 → 100" for name in MODELS.values())
    yield f"| group | drawings | {heads} |"
    yield "|---|--:|" + "--:|" * len(MODELS)
    for group in dict.fromkeys(run["group"] for run in runs):
        found = [run for run in _of(runs, MEMORY.name, "fnn", None) if run["group"] == group]
        cells = [group, str(found[0]["count"])]
        for model in MODELS:
            means = [np.mean([_errors(run, model, n) for run in found]) for n in (0, *POINTS)]
            cells.append(" → ".join(f"{mean:.1f}" for mean in means))
        yield "| " + " | ".join(cells) + " |"


def _in_turn(runs: Sequence[Run]) -> Iterator[str]:
    yield "| rule | model | seed | the groups' others | the first group: then, at last | MNIST |"
    yield "|---|---|--:|--:|--:|--:|"
    for run in runs:
        for model, name in MODELS.items():

            def told(where: str, model: str = model, run: Run = run) -> str:
                pair = (run[when][where][model] for when in ("before", "after"))
                return " → ".join(f"{100 - 100 * share:.2f}" for share in pair)

            first = [
                run["before"]["first group"],
                run["first group then"],
                run["after"]["first group"],
            ]
            kept = " → ".join(f"{100 - 100 * said[model]:.1f}" for said in first)
            cells = [run["rule"], name, str(run["seed"]), told("own"), kept, told("mnist")]
            yield "| " + " | ".join(cells) + " |"


def _plot(runs: Sequence[Run], dark: str) -> None:
    curves, points = {}, {}
    for model, name in MODELS.items():
        both = []
        for rule in RULES:
            found = _of(runs, rule, model, True) or _of(runs, rule, model, None)
            both.append(
                [
                    (n, float(np.mean([_errors(r, model, n) for r in found])) / 100)
                    for n in (0, *POINTS)
                ]
            )
        curves[name] = (both[0], both[1])
        points[name] = {
            rule: [
                (
                    _errors(run, model, 0) - _errors(run, model, POINTS[-1]),
                    _worse(run, model, "mnist"),
                )
                for run in _of(runs, rule, model, None)
            ]
            for rule in RULES
        }
    plot_errors(curves, IMAGES / f"learning-errors{dark}.svg", dark=bool(dark))
    plot_trade(points, IMAGES / f"learning-trade{dark}.svg", dark=bool(dark))
