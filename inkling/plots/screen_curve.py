"""What the screen stops of wrong labels, against what it stops of right ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from inkling.plots.style import POINT, axes_at, canvas, picture, write

WIDTH, HEIGHT = 480, 340
MARKED = 5.5  # the size of the point that was chosen

Points = Sequence[tuple[float, float]]  # shares stopped, of right labels and of the others


def plot_screen(
    curves: Mapping[str, Points], chosen: Mapping[str, int], out: Path, *, dark: bool = False
) -> None:
    """Plot curves over the screen's threshold, in per cent, by what the others are.

    chosen: the index of the point in each curve that the app's threshold gives.
    """
    with picture(out, WIDTH, HEIGHT, "What the screen stops", dark=dark) as (figure, colours):
        words = canvas(figure)
        write(words, 8, 18, "What the screen stops", colours.ink, 16, weight="bold")
        said = "per cent of right labels (across), of the others (up); the dot is the app's"
        write(words, 8, HEIGHT - 12, said, colours.soft, 12)
        axes = axes_at(figure, 44, 40, WIDTH - 64, HEIGHT - 96)
        axes.tick_params(labelbottom=True, labelleft=True, colors=colours.soft)
        axes.grid(color=colours.line)
        axes.set_ylim(0, 103)
        for (name, points), colour in zip(
            curves.items(), (colours.accent, colours.wrong), strict=True
        ):
            right, others = (
                [100 * share for share in shares] for shares in zip(*points, strict=True)
            )
            axes.plot(right, others, color=colour, linewidth=2 * POINT, label=name)
            at = chosen[name]
            axes.plot(right[at], others[at], "o", color=colour, markersize=MARKED)
        axes.legend(frameon=False, labelcolor=colours.ink, fontsize=11, loc="lower right")
