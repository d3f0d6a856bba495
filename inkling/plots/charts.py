"""Plots of training, of samples and variants as the nets see them, and of mistakes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from functions import SIDE, FloatArray
from inkling.errors import InvalidInput
from inkling.evaluation.metrics import ANSWER, NO_ANSWER, Score, Scores
from inkling.plots.style import PHONE, POINT, Colours, axes_at, canvas, picture, write

GAP = 3  # pixels of a digit between digits
CELL, PANEL = 28, 420  # CSS pixels: a confusion matrix's cells, and all that goes with it


@dataclass(frozen=True)
class Training:
    """How a net was trained, one entry an epoch: mean losses, and accuracies in [0, 1].

    Where nothing was watched, what tells of it is empty. title: its name, where that is not `net`.
    """

    net: str
    seed: int
    loss: list[float]
    accuracy: list[float]
    validation_accuracy: list[float]
    validation_loss: list[float] = field(default_factory=list)
    title: str = ""

    @property
    def name(self) -> str:
        """Its name for people."""
        return self.title or self.net.upper()


def plot_history(trainings: Sequence[Training], out: Path, *, dark: bool = False) -> None:
    """Plot loss and accuracy over the epochs, nets side by side on the same scales."""
    nets = [training.name for training in trainings]
    highest = max(max(training.loss + training.validation_loss) for training in trainings)
    lowest = min(min(t.accuracy + t.validation_accuracy) for t in trainings)
    scales = highest * 1.05 or 1, min(0.95, np.floor(lowest * 20) / 20)
    title = f"Training of {' and '.join(nets)}"
    with picture(out, PHONE * len(nets), 440, title, dark=dark) as (figure, colours):
        page = canvas(figure)
        for column, training in enumerate(trainings):
            name = training.name
            if nets.count(training.name) > 1:
                name += f", seed {training.seed}"
            write(page, PHONE * column + 8, 18, name, colours.ink, 18, weight="bold")
            _draw_training(figure, page, colours, PHONE * column, training, scales)


def _draw_training(
    figure: Figure,
    page: Axes,
    colours: Colours,
    left: float,
    training: Training,
    scales: tuple[float, float],
) -> None:
    """Draw loss above, and accuracy below.

    `scales` are the greatest loss and the least accuracy.
    """
    highest, lowest = scales
    write(page, left + 8, 52, "Loss", colours.soft)
    loss = axes_at(figure, left + 52, 72, 194, 130)
    loss.set_ylim(0, highest)
    losses = _watched(training.loss, training.validation_loss, colours)
    _draw_curves(loss, colours, losses, "{:.3f}")
    write(page, left + 8, 226, "Accuracy", colours.soft)
    accuracy = axes_at(figure, left + 52, 250, 194, 146)
    accuracy.set_ylim(lowest, 1)
    accuracy.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g} %"))
    shares = _watched(training.accuracy, training.validation_accuracy, colours)
    _draw_curves(accuracy, colours, shares, "{:.1%}")
    accuracy.tick_params(labelbottom=True)
    write(page, left + 149, 428, "epoch", colours.soft, ha="center")


def _watched(
    training: list[float], validation: list[float], colours: Colours
) -> dict[str, tuple[list[float], str]]:
    """Return the curves that there are, with their colours, by name."""
    found = {"training": (training, colours.bar)}
    return found | ({"validation": (validation, colours.accent)} if validation else {})


def _draw_curves(
    axes: Axes, colours: Colours, curves: Mapping[str, tuple[list[float], str]], form: str
) -> None:
    """Draw curves with their colours by name; write name and last value at each one's end."""
    epochs = max(len(values) for values, _ in curves.values())
    axes.set_xlim(1 - 0.02 * epochs, epochs)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.grid(axis="y", color=colours.line, linewidth=POINT)
    axes.tick_params(labelleft=True, labelsize=12 * POINT, labelcolor=colours.soft)
    low, high = axes.get_ylim()
    ends = [(values[-1] - low) / (high - low) for values, _ in curves.values()]
    places = _spread(ends, 0.28)
    for (name, (values, colour)), place in zip(curves.items(), places, strict=True):
        axes.plot(range(1, len(values) + 1), values, color=colour, linewidth=2 * POINT)
        axes.plot(
            [len(values)], values[-1:], "o", color=colour, markersize=7 * POINT, clip_on=False
        )
        last = form.format(values[-1]).replace("%", " %")
        named = colours.accent if colour == colours.accent else colours.soft
        for words, up in ((name, 0.06), (last, -0.06)):
            write(axes, 1.06, place + up, words, named, transform=axes.transAxes)


def _spread(places: Sequence[float], apart: float) -> Sequence[float]:
    """Return places in [0, 1], two at most, moved to lie so far apart, as little as may be."""
    if len(places) < 2 or abs(places[0] - places[1]) >= apart:
        return places
    middle = min(max(sum(places) / 2, apart / 2), 1 - apart / 2)
    half = apart / 2 if places[0] > places[1] else -apart / 2
    return middle + half, middle - half


def choose_samples(
    labels: Sequence[int] | NDArray[np.int64], count: int, seed: int, path: Path
) -> NDArray[np.int64]:
    """Return indices (count, 10) into labels (n,): so many of each digit at random, in its column.

    Raises InvalidInput that names the file, `path`, where it has fewer of a digit.
    """
    rng = np.random.default_rng(seed)
    columns = []
    for digit in range(10):
        indices = np.flatnonzero(np.asarray(labels) == digit)
        if len(indices) < count:
            raise InvalidInput(
                f"{path} has {len(indices)} samples of a {digit}, not {count}.",
                "Give a lower --count or another file.",
            )
        columns.append(rng.choice(indices, count, replace=False))
    return np.stack(columns, axis=1)


def plot_samples(digits: FloatArray, out: Path, *, dark: bool = False) -> None:
    """Plot digits (rows, 10, 28, 28) in [0, 1] as the nets see them, a column per label 0…9."""
    rows, columns = digits.shape[:2]
    scale = 2 * PHONE / _length(columns)
    width, height = 2 * PHONE, _length(rows) * scale
    with picture(out, width, height + 40, "Samples", dark=dark) as (figure, colours):
        page = canvas(figure)
        for column in range(columns):
            middle = (column * (SIDE + GAP) + SIDE / 2) * scale
            write(page, middle, 20, str(column), colours.ink, 24, ha="center")
        _show(figure, digits, 0, 40, scale)


def plot_variants(
    digit: FloatArray, variants: FloatArray, out: Path, *, dark: bool = False
) -> None:
    """Plot a digit (28, 28) in [0, 1] beside its variants (24, 28, 28): four sizes, six angles."""
    grid = variants.reshape(4, 6, SIDE, SIDE)
    scale = 2 * PHONE / (_length(6) + 4 * GAP + _length(4))
    side = _length(4) * scale
    with picture(out, 2 * PHONE, side + 40, "Variants of a drawing", dark=dark) as (
        figure,
        colours,
    ):
        page = canvas(figure)
        right = side + 4 * GAP * scale
        write(page, 0, 18, "The digit", colours.ink, 24)
        write(page, right, 18, f"{len(variants)} variants", colours.ink, 24)
        _show(figure, digit[None, None], 0, 40, side / SIDE)
        _show(figure, grid, right, 40, scale)


def _length(count: int) -> int:
    """Return how long so many digits in a row are, in pixels of a digit."""
    return count * (SIDE + GAP) - GAP


def _show(figure: Figure, digits: FloatArray, left: float, top: float, scale: float) -> None:
    """Draw digits (rows, columns, 28, 28) in a grid, without smoothing, with nothing between."""
    rows, columns = digits.shape[:2]
    grid = np.zeros((_length(rows), _length(columns), 4))  # RGBA
    for row, column in np.ndindex(rows, columns):
        y, x = row * (SIDE + GAP), column * (SIDE + GAP)
        grid[y : y + SIDE, x : x + SIDE, :3] = digits[row, column, :, :, None]
        grid[y : y + SIDE, x : x + SIDE, 3] = 1
    axes = axes_at(figure, left, top, grid.shape[1] * scale, grid.shape[0] * scale)
    axes.imshow(grid, interpolation="none", aspect="auto")


def plot_confusion(scores: Scores, out: Path, *, dark: bool = False) -> None:
    """Plot a confusion matrix for each model on each set, two side by side, mistakes coloured.

    The stronger the colour, the greater the share of its label's digits that a cell holds; one
    scale serves them all.
    """
    panels = list(_panels(scores))
    most = max(_mistakes(panel.score).max() for panel in panels)
    rows, columns = (1 + max(p.row for p in panels), 1 + max(p.column for p in panels))
    width = 64 + CELL * max(_said(panel.score) for panel in panels)
    with picture(out, columns * width, rows * PANEL, "Confusion", dark=dark) as (figure, colours):
        page = canvas(figure)
        for row, column, name, model, score in panels:
            left, top = column * width, row * PANEL
            right = f"{score.count * score.accuracy:,.0f} of {score.count:,} right"
            write(page, left + 12, top + 20, model_words(model), colours.ink, 18, weight="bold")
            write(page, left + 12, top + 44, f"{name}: {right}", colours.soft)
            _write_margins(page, colours, left + 52, top + 112, _said(score))
            _draw_cells(page, colours, left + 52, top + 112, score, most)


class _Panel(NamedTuple):
    row: int
    column: int
    name: str
    model: str
    score: Score


def _panels(scores: Scores) -> Iterator[_Panel]:
    """Yield where each model's matrix on each set goes; a set begins on a row of its own."""
    first = 0
    for name, models in scores.items():
        for number, (model, score) in enumerate(models.items()):
            yield _Panel(first + number // 2, number % 2, name, model, score)
        first += -(-len(models) // 2)


def model_words(model: str) -> str:
    """Return a model's key as the pages say it: FNN original, CNN retrained, The app's answer."""
    net, _, kind = model.partition("_")
    return "The app’s answer" if model == ANSWER else f"{net.upper()} {kind or 'original'}"


def _said(score: Score) -> int:
    """Return how many columns a matrix needs: the last, no answer, only where there was such."""
    return NO_ANSWER + any(row[NO_ANSWER] for row in score.confusion)


def _mistakes(score: Score) -> NDArray[np.float64]:
    """Return the share (10, 11) of each label's digits that was said wrong in each way; else 0."""
    counts = np.array(score.confusion, dtype=np.float64)
    counts /= np.maximum(1, counts.sum(axis=1, keepdims=True))
    counts[range(10), range(10)] = 0
    return counts


def _write_margins(page: Axes, colours: Colours, left: float, top: float, columns: int) -> None:
    """Write the digits along both sides of a matrix, and what each side is."""
    write(page, left + 5 * CELL, top - 38, "said", colours.soft, ha="center")
    write(page, left - 34, top + 5 * CELL, "label", colours.soft, ha="center", rotation="vertical")
    for digit in range(10):
        write(page, left - 12, top + (digit + 0.5) * CELL, str(digit), colours.ink, ha="center")
    for said in range(columns):
        words = "none" if said == NO_ANSWER else str(said)
        write(page, left + (said + 0.5) * CELL, top - 14, words, colours.ink, ha="center")


def _draw_cells(
    page: Axes, colours: Colours, left: float, top: float, score: Score, most: float
) -> None:
    """Draw the counts of a score, without zeros: right ones pale, wrong ones redder the more."""
    shares = _mistakes(score)
    for label, said in np.argwhere(np.array(score.confusion)).tolist():
        x, y, count = left + said * CELL, top + label * CELL, score.confusion[label][said]
        fill, ink, strength = colours.track, colours.soft, 1.0
        if said != label:
            strength = 0.15 + 0.85 * float(shares[label, said] / most)
            fill, ink = colours.wrong, colours.ground if strength > 0.55 else colours.ink
        cell = Rectangle((x + 1, y + 1), CELL - 2, CELL - 2, facecolor=fill, alpha=strength)
        page.add_patch(cell)
        size = 13 if count < 1000 else 10
        write(page, x + CELL / 2, y + CELL / 2, str(count), ink, size, ha="center")
