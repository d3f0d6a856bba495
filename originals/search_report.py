"""What a search found: a picture, a table, and the best recipe as a file for training."""

import json
from collections.abc import Sequence
from pathlib import Path

from optuna.trial import FrozenTrial, TrialState

from plots.pictures import PHONE, POINT, axes_at, canvas, picture, write

PANEL, GAP, COLUMNS = 200, 60, 3  # CSS pixels
LOGARITHMIC = ("learning_rate", "l2", "hidden", "batch_size")


def table(best: Sequence[FrozenTrial]) -> str:
    """The best trials as a Markdown table, best first."""
    names = list(best[0].params)
    rows = [["validation", *names], ["---"] * (len(names) + 1)]
    for trial in best:
        values = [_short(trial.params[name]) for name in names]
        rows.append([f"{trial.value or 0:.2%}", *values])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _short(value: float | str) -> str:
    return f"{value:.2g}" if isinstance(value, float) else str(value)


def write_report(
    net: str, trials: Sequence[FrozenTrial], best: Sequence[FrozenTrial], folder: Path
) -> None:
    """Write search-<net>.svg, .md and .json, the best trial's recipe, to a folder.

    Raises ValueError where no trial was completed.
    """
    if not best:
        raise ValueError("No trial was completed. Run the search with more trials.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"search-{net}.md").write_text(table(best) + "\n")
    recipe = json.dumps(best[0].user_attrs["recipe"], indent=1)
    (folder / f"search-{net}.json").write_text(recipe + "\n")
    plot_search(net, trials, folder / f"search-{net}.svg")


def plot_search(net: str, trials: Sequence[FrozenTrial], out: Path, *, dark: bool = False) -> None:
    """A panel for each hyperparameter: the validation accuracy of each complete trial over it."""
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    names = sorted({name for trial in complete for name in trial.params})
    pruned = sum(trial.state == TrialState.PRUNED for trial in trials)
    lines = -(-len(names) // COLUMNS)
    width = max(PHONE, COLUMNS * (PANEL + GAP) + GAP / 2)
    with picture(
        out, width, 90 + lines * (PANEL + GAP), f"Search for {net.upper()}", dark=dark
    ) as (figure, colours):
        page = canvas(figure)
        write(page, 12, 22, f"Search for {net.upper()}", colours.ink, 18, weight="bold")
        counts = f"{len(complete)} trials to the end, {pruned} given up; up: validation accuracy"
        write(page, 12, 48, counts, colours.soft)
        best = max(complete, key=lambda trial: trial.value or 0)
        for number, name in enumerate(names):
            left = GAP + number % COLUMNS * (PANEL + GAP)
            top = 84 + number // COLUMNS * (PANEL + GAP)
            axes = axes_at(figure, left, top, PANEL - 10, PANEL - 30)
            shown = [trial for trial in complete if name in trial.params]
            values = [trial.params[name] for trial in shown]
            shares = [100 * (trial.value or 0) for trial in shown]
            if name in LOGARITHMIC:
                axes.set_xscale("log")
            axes.grid(color=colours.line, linewidth=POINT)
            axes.tick_params(
                labelbottom=True, labelleft=True, labelsize=11 * POINT, labelcolor=colours.soft
            )
            axes.plot(values, shares, "o", color=colours.bar, markersize=5 * POINT)
            if name in best.params:
                axes.plot(
                    [best.params[name]],
                    [100 * (best.value or 0)],
                    "o",
                    color=colours.accent,
                    markersize=9 * POINT,
                )
            write(page, left, top - 10, name.replace("_", " "), colours.ink)
