"""Diagrams of the nets, drawn from the shapes of their weights, so that they cannot differ."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Polygon, Rectangle

from functions import SIDE, process_image
from inkling.checkpoints import Arrays
from inkling.data.rendering import render_strokes
from inkling.errors import InvalidInput
from inkling.plots.style import PHONE, POINT, Colours, canvas, picture, write

POOL = 2  # the side of a max-pool's window, and its stride
DROPOUT = (0.1, 0.2, 0.4)  # where no history tells another
NAMES = {"fnn": "FNN", "cnn": "CNN"}
LONG_NAMES = {"fnn": "feed-forward net", "cnn": "convolutional net"}

# All in CSS pixels. Art lies on the left, around a middle line; words lie on the right.
TOP, BOTTOM, GAP = 84, 16, 38
LEFT, MIDDLE, WORDS, LINE = 10, 98, 198, 21
PIXEL, SHIFT = 3.0, (2.3, 1.1)  # a pixel of a map; how far each map lies behind the one before
DOT, DOTS_A_ROW = 6.6, 25
OUTPUT = 18

# What goes in and what comes out, as an example: a pen's path, (x, y) with y downwards.
EXAMPLE, EXAMPLE_PATH = 7, [[0, 10, 4], [0, 0, 16]]


@dataclass(frozen=True)
class Step:
    """What makes a layer of the one before.

    window: the side of what slides over maps; 0 where every unit sees everything.
    dropout: the share that is dropped afterwards while training from scratch.
    """

    name: str
    parameters: int = 0
    window: int = 0
    dropout: float = 0


@dataclass(frozen=True)
class Layer:
    """One layer: `count` maps of side × side, or, with side 0, `count` units in a row."""

    name: str
    count: int
    side: int = 0
    step: Step | None = None  # None for the input

    @property
    def shape(self) -> str:
        """Its shape in words: 28 × 28 × 16, or 625."""
        if not self.side:
            return f"{self.count}"
        return f"{self.side} × {self.side}" + (f" × {self.count}" if self.count > 1 else "")

    @property
    def size(self) -> tuple[float, float]:
        """Width and height on the page, in CSS pixels."""
        if self.side:
            behind = self.count - 1
            return self.side * PIXEL + behind * SHIFT[0], self.side * PIXEL + behind * SHIFT[1]
        if self.step and self.step.name == "softmax":
            return self.count * OUTPUT, OUTPUT
        return min(self.count, DOTS_A_ROW) * DOT, math.ceil(self.count / DOTS_A_ROW) * DOT

    @property
    def lines(self) -> list[str]:
        """What is told of it: its name, its shape, its parameters, its dropout."""
        if not self.step:
            return [self.name, self.shape, f"{self.count * self.side**2} pixels"]
        name = f"{self.name}, {self.step.name}" if self.step.name else self.name
        lines = [name, self.shape]
        if self.step.parameters:
            lines.append(f"{self.step.parameters:,} parameters")
        if self.step.dropout:
            lines.append(f"dropout {self.step.dropout:g}")
        return lines

    @property
    def height(self) -> float:
        """How much of the page's height it takes, its words too, in CSS pixels."""
        return max(self.size[1], LINE * len(self.lines))


def fnn_layers(arrays: Arrays) -> list[Layer]:
    """Return the layers of the FNN with these weights.

    Raises KeyError where one is missing, InvalidInput where the shapes fit no such net.
    """
    pixels, hidden = arrays["hidden_kernel"].shape
    inputs, outputs = arrays["output_kernel"].shape
    _check(pixels == SIDE * SIDE and inputs == hidden, arrays)
    return [
        Layer("Input", 1, SIDE),
        Layer("Hidden", hidden, step=Step("ReLU", _parameters(arrays, "hidden"))),
        Layer("Output", outputs, step=Step("softmax", _parameters(arrays, "output"))),
    ]


def cnn_layers(arrays: Arrays, dropout: Sequence[float] = DROPOUT) -> list[Layer]:
    """Return the layers of the CNN with these weights; raise what `fnn_layers` raises.

    dropout: what was dropped after the first pool, the second pool and the dense layer.
    """
    layers, side = [Layer("Input", 1, SIDE)], SIDE
    for number, rate in enumerate(dropout[:2], 1):
        window, width, inputs, maps = arrays[f"conv{number}_kernel"].shape
        _check(window == width and inputs == layers[-1].count, arrays)
        step = Step("ReLU", _parameters(arrays, f"conv{number}"), window)
        layers.append(Layer(f"Conv {window} × {window}", maps, side, step))
        side //= POOL
        layers.append(Layer("Max-pool", maps, side, Step("", window=POOL, dropout=rate)))
    units, inputs = arrays["dense_kernel"].shape
    outputs, last = arrays["output_kernel"].shape
    _check(inputs == side * side * layers[-1].count and last == units, arrays)
    dense = Step("ReLU", _parameters(arrays, "dense"), dropout=dropout[2])
    output = Step("softmax", _parameters(arrays, "output"))
    return [*layers, Layer("Dense", units, step=dense), Layer("Output", outputs, step=output)]


def _parameters(arrays: Arrays, layer: str) -> int:
    return arrays[f"{layer}_kernel"].size + arrays[f"{layer}_bias"].size


def _check(fits: bool, arrays: Arrays) -> None:
    if not fits:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InvalidInput(f"These shapes fit no net: {shapes}.")


def plot_diagram(net: str, layers: list[Layer], out: Path, *, dark: bool = False) -> None:
    """Plot a net from its input above to its output below, for a page as narrow as a phone."""
    tops = [float(TOP)]
    for layer in layers:
        tops.append(tops[-1] + layer.height + GAP)
    bottom = tops.pop() - GAP + BOTTOM
    # The art of each layer lies in the middle of its height.
    starts = [
        top + (layer.height - layer.size[1]) / 2 for top, layer in zip(tops, layers, strict=True)
    ]
    dropout = any(layer.step and layer.step.dropout for layer in layers)
    title = f"{NAMES[net]}: {' – '.join(layer.shape for layer in layers)}"
    with picture(out, PHONE, bottom + 26 * dropout, title, dark=dark) as (figure, colours):
        page = canvas(figure)
        _write_heading(page, colours, net, layers)
        for layer, top, start in zip(layers, tops, starts, strict=True):
            _draw_layer(page, colours, layer, start)
            _write_layer(page, colours, layer, top + layer.height / 2)
        drawn = list(zip(layers, starts, strict=True))
        for (above, upper), (below, lower) in pairwise(drawn):
            draw = _draw_window if below.step and below.step.window else _draw_fan
            draw(page, colours, above, upper, below, lower)
        if dropout:
            words = "Dropout: only while training from scratch"
            write(page, LEFT, bottom + 6, words, colours.soft, 13)


def _write_heading(page: Axes, colours: Colours, net: str, layers: list[Layer]) -> None:
    total = sum(layer.step.parameters for layer in layers if layer.step)
    write(page, LEFT, 22, NAMES[net], colours.ink, 24, weight="bold")
    write(page, LEFT, 52, f"{LONG_NAMES[net]}, {total:,} parameters", colours.soft, 14)


def _write_layer(page: Axes, colours: Colours, layer: Layer, middle: float) -> None:
    """Write what a layer is, its shape boldest."""
    lines = layer.lines
    for number, words in enumerate(lines):
        y = middle + LINE * (number - (len(lines) - 1) / 2)
        if words == layer.shape:
            write(page, WORDS, y, words, colours.ink, 17, weight="bold")
        else:
            write(page, WORDS, y, words, colours.soft, 14 if number == 0 else 13)


def _draw_layer(page: Axes, colours: Colours, layer: Layer, top: float) -> None:
    if not layer.step:
        _draw_input(page, layer, top)
    elif layer.side:
        _draw_maps(page, colours, layer, top)
    elif layer.step.name == "softmax":
        _draw_outputs(page, colours, layer, top + OUTPUT / 2)
    else:
        _draw_dots(page, colours, layer, top)


def _draw_input(page: Axes, layer: Layer, top: float) -> None:
    """Draw an example, as the nets see it."""
    digit = process_image(render_strokes([np.array(EXAMPLE_PATH, dtype=np.float32)]))
    if digit is None:
        raise InvalidInput("EXAMPLE_PATH shows no ink.", "Give it more points.")
    left, (width, height) = _left(layer), layer.size
    extent = (left, left + width, top + height, top)
    page.imshow(digit, cmap="gray", vmin=0, vmax=1, interpolation="none", extent=extent)
    page.set(aspect="auto", xlim=(0, PHONE), ylim=page.get_ylim())


def _draw_maps(page: Axes, colours: Colours, layer: Layer, top: float) -> None:
    """Draw every map of a layer; the first is in front, lowest and leftmost."""
    x, y, side = *_front(layer, top), layer.side * PIXEL
    for behind in reversed(range(layer.count)):
        corner = x + behind * SHIFT[0], y - behind * SHIFT[1]
        sheet = Rectangle(corner, side, side, fc=colours.paper, ec=colours.bar, lw=0.75 * POINT)
        page.add_patch(sheet)


def _draw_dots(page: Axes, colours: Colours, layer: Layer, top: float) -> None:
    """Draw a dot for each unit. A row of them is one dashed line: a tenth of the bytes."""
    size = 0.64 * DOT
    for row, first in enumerate(range(0, layer.count, DOTS_A_ROW)):
        left, count = _left(layer) + DOT / 2, min(DOTS_A_ROW, layer.count - first)
        page.plot(
            (left, left + (count - 0.8) * DOT),
            [top + (row + 0.5) * DOT] * 2,
            color=colours.bar,
            linewidth=size * POINT,
            linestyle=(0, (0.01, DOT / size - 0.01)),
            dash_capstyle="round",
        )


def _draw_outputs(page: Axes, colours: Colours, layer: Layer, middle: float) -> None:
    """Draw a circle for each digit; fill the example's."""
    for digit in range(layer.count):
        x, said = _left(layer) + (digit + 0.5) * OUTPUT, digit == EXAMPLE
        fill, ink = (colours.accent, colours.ground) if said else (colours.paper, colours.ink)
        circle = Circle((x, middle), OUTPUT / 2 - 1.5, fc=fill, ec=colours.accent, lw=1.2 * POINT)
        page.add_patch(circle)
        write(page, x, middle, str(digit), ink, 12, ha="center")


def _left(layer: Layer) -> float:
    return MIDDLE - layer.size[0] / 2


def _front(layer: Layer, top: float) -> tuple[float, float]:
    """Return the upper left corner of a layer's front map."""
    return _left(layer), top + (layer.count - 1) * SHIFT[1]


def _draw_window(
    page: Axes, colours: Colours, above: Layer, upper: float, below: Layer, lower: float
) -> None:
    """Draw the window that slides over a map, and the one pixel that it makes below."""
    x, y = (corner + 0.5 * above.side * PIXEL for corner in _front(above, upper))
    to_x, to_y = (corner + 0.25 * below.side * PIXEL for corner in _front(below, lower))
    window = below.step.window * PIXEL if below.step else PIXEL
    for corner, side in (((x, y), window), ((to_x, to_y), PIXEL)):
        page.add_patch(Rectangle(corner, side, side, facecolor=colours.accent, zorder=3))
    for xs in ((x, to_x), (x + window, to_x + PIXEL)):
        page.plot(xs, (y + window, to_y), color=colours.accent, linewidth=POINT, zorder=3)


def _draw_fan(
    page: Axes, colours: Colours, above: Layer, upper: float, below: Layer, lower: float
) -> None:
    """Draw a fan: every unit below sees all that is above."""
    start, end = upper + above.size[1] + 5, lower - 5
    wide, narrow = above.size[0] / 2, below.size[0] / 2
    corners = [
        (MIDDLE - wide, start),
        (MIDDLE + wide, start),
        (MIDDLE + narrow, end),
        (MIDDLE - narrow, end),
    ]
    page.add_patch(Polygon(corners, facecolor=colours.track, linewidth=0))
