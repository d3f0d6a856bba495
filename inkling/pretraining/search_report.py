"""What a search found: a picture, a table, and the best recipe as a file for training."""

import json
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from optuna.trial import FrozenTrial, TrialState

from inkling.errors import InvalidInput
from inkling.files import write_whole
from inkling.plots.style import POINT, Colours, axes_at, canvas, picture, write

PANEL, GAP, HEAD, COLUMNS = 180, 60, 90, 3  # CSS pixels; panels a line
LOGARITHMIC = ("learning_rate", "l2", "hidden", "batch_size")


def table(best: Sequence[FrozenTrial]) -> str:
    """Return the best trials as a Markdown table, best first."""
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

    Raises InvalidInput where no trial was completed.
    """
    if not best:
        raise InvalidInput("No trial was completed.", "Run the search with more trials.")
    write_whole(folder / f"search-{net}.md", table(best) + "\n")
    recipe = json.dumps(best[0].user_attrs["recipe"], indent=1)
    write_whole(folder / f"search-{net}.json", recipe + "\n")
    plot_search(net, trials, folder / f"search-{net}.svg")


def plot_search(net: str, trials: Sequence[FrozenTrial], out: Path, *, dark: bool = False) -> None:
    """Plot the validation accuracy of each complete trial, a panel for each hyperparameter."""
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    names = sorted({name for trial in complete for name in trial.params})
    pruned = sum(trial.state == TrialState.PRUNED for trial in trials)
    title = f"Search for {net.upper()}"
    width, height = COLUMNS * (PANEL + GAP) + GAP, HEAD + -(-len(names) // COLUMNS) * (PANEL + GAP)
    with picture(out, width, height, title, dark=dark) as (figure, colours):
        page = canvas(figure)
        write(page, 12, 22, title, colours.ink, 18, weight="bold")
        counts = f"validation accuracy in %; {len(complete)} trials to the end, {pruned} given up"
        write(page, 12, 48, counts, colours.soft)
        for number, name in enumerate(names):
            line, column = divmod(number, COLUMNS)
            left, top = GAP + column * (PANEL + GAP), HEAD + line * (PANEL + GAP)
            write(page, left, top - 10, name.replace("_", " "), colours.ink)
            axes = axes_at(figure, left, top, PANEL, PANEL - 30)
            _draw_panel(axes, colours, name, [t for t in complete if name in t.params])


def _draw_panel(axes: Axes, colours: Colours, name: str, trials: Sequence[FrozenTrial]) -> None:
    """Draw accuracy over one hyperparameter, the best trial in the accent's colour."""
    if name in LOGARITHMIC:
        axes.set_xscale("log")
        values = [trial.params[name] for trial in trials]
        narrow = max(values) < 100 * min(values)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1,), numticks=5))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        whole = all(isinstance(trial.params[name], int) for trial in trials)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=whole))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(color=colours.line, linewidth=POINT)
    axes.tick_params(
        labelbottom=True, labelleft=True, labelsize=11 * POINT, labelcolor=colours.soft
    )
    best = max(trials, key=lambda trial: trial.value or 0)
    for shown, colour, size in ((trials, colours.bar, 5), ([best], colours.accent, 9)):
        values = [trial.params[name] for trial in shown]
        shares = [100 * (trial.value or 0) for trial in shown]
        axes.plot(values, shares, "o", color=colour, markersize=size * POINT)
