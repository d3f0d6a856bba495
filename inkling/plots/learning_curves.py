"""Plots of what learning does: errors against labels, and what was helped against forgotten."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes

from inkling.learning.rule import MEMORY, SGD
from inkling.plots.style import PHONE, axes_at, canvas, picture, write

Curve = Sequence[tuple[int, float]]  # labels, and the share in [0, 1] of errors
HEIGHT = 300


def plot_errors(
    curves: Mapping[str, tuple[Curve, Curve]], out: Path, *, dark: bool = False
) -> None:
    """Plot errors against labels, a panel for each model: its curves by `memory2` and `sgd`."""
    highest = 100 * max(share for pair in curves.values() for curve in pair for _, share in curve)
    with picture(out, PHONE * len(curves), HEIGHT, "Errors against labels", dark=dark) as page:
        figure, colours = page
        words = canvas(figure)
        for column, (model, (memory, sgd)) in enumerate(curves.items()):
            left = PHONE * column
            write(words, left + 8, 18, model, colours.ink, 18, weight="bold")
            write(words, left + 40, HEIGHT - 14, "labels; errors in %", colours.soft)
            axes = axes_at(figure, left + 40, 40, PHONE - 110, HEIGHT - 90)
            axes.tick_params(labelbottom=True, labelleft=True, colors=colours.soft)
            axes.set(ylim=(0, 1.1 * highest), xticks=[labels for labels, _ in memory])
            axes.grid(axis="y", color=colours.line)
            for curve, colour, name in (
                (sgd, colours.bar, SGD.name),
                (memory, colours.accent, MEMORY.name),
            ):
                labels, errors = zip(*curve, strict=True)
                axes.plot(labels, [100 * share for share in errors], color=colour, marker="o")
                _name(axes, labels[-1], 100 * errors[-1], name, colour)


def _name(axes: Axes, x: float, y: float, name: str, colour: str) -> None:
    """Write a curve's name beside its end."""
    axes.text(x + 2, y, name, color=colour, va="center", clip_on=False)


def plot_trade(
    points: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]],
    out: Path,
    *,
    dark: bool = False,
) -> None:
    """Plot errors gone on a group's drawings against errors come on MNIST, in points of per cent.

    points: by model, then by rule; a dot for each group and seed.
    """
    with picture(out, PHONE * len(points), HEIGHT, "Helped and forgot", dark=dark) as page:
        figure, colours = page
        words = canvas(figure)
        for column, (model, rules) in enumerate(points.items()):
            left = PHONE * column
            write(words, left + 8, 18, model, colours.ink, 18, weight="bold")
            said = "points: helped (across), forgot on MNIST (up)"
            write(words, left + 8, HEIGHT - 14, said, colours.soft, 12)
            axes = axes_at(figure, left + 44, 40, PHONE - 64, HEIGHT - 90)
            axes.tick_params(labelbottom=True, labelleft=True, colors=colours.soft)
            axes.axhline(0, color=colours.line)
            axes.axvline(0, color=colours.line)
            for rule, colour in ((SGD.name, colours.bar), (MEMORY.name, colours.accent)):
                helped, forgot = zip(*rules[rule], strict=True)
                axes.scatter(helped, forgot, s=14, color=colour, label=rule)
            axes.legend(frameon=False, labelcolor=colours.ink, fontsize=11)
