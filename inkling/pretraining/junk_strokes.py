"""Strokes that are no digits: lines, arcs and outlines at random, digits over one another.

Each is in a box of about 100 × 100, y down, but for those that `distort_strokes` measures anyway.
"""

from collections.abc import Callable, Mapping

import numpy as np

from functions import FloatArray
from inkling.pretraining.junk_parts import moved, piece, turned
from inkling.pretraining.synthetic_digits import Strokes, arc, line, shape

Rng = np.random.Generator


def points(rng: Rng, least: int, most: int) -> FloatArray:
    """Return at least so many points (2, n) and fewer than `most`, anywhere in the box."""
    return rng.uniform(0, 100, (2, int(rng.integers(least, most)))).astype(np.float32)


def polyline(rng: Rng) -> Strokes:
    return [points(rng, 5, 14)]


def curve(rng: Rng) -> Strokes:
    """Return a curve of random waves, up to some five turns."""
    t, most = np.linspace(0, 1, 90), int(rng.integers(2, 7))
    waves = np.arange(most + 1)
    turns = np.cos(np.pi * np.outer(t, waves) * rng.uniform(0.8, 1.2, most + 1))
    return [(rng.normal(0, 1, (2, most + 1)) / (1 + 0.3 * waves) @ turns.T).astype(np.float32)]


def curves(rng: Rng) -> Strokes:
    return [
        curve(rng)[0] + rng.uniform(-1, 1, (2, 1)).astype(np.float32)
        for _ in range(rng.integers(2, 4))
    ]


def walk(rng: Rng) -> Strokes:
    """Return the way of a pen that turns as it likes."""
    turn = np.cumsum(rng.normal(0, rng.uniform(0.15, 0.6), 120))
    return [np.cumsum(np.stack([np.cos(turn), np.sin(turn)]), axis=1).astype(np.float32)]


def lines(rng: Rng) -> Strokes:
    return [points(rng, 2, 4) for _ in range(rng.integers(3, 9))]


def arcs(rng: Rng) -> Strokes:
    def one() -> FloatArray:
        (x, y), (rx, ry) = rng.uniform(0, 100, 2), rng.uniform(5, 55, 2)
        start = rng.uniform(0, 360)
        return arc(x, y, rx, ry, start, start + rng.choice([100, 180, 360]))

    return [one() for _ in range(rng.integers(2, 7))]


def mixed(rng: Rng) -> Strokes:
    """Return lines, arcs and a curve's piece together, as in most things that people draw."""
    parts = lines(rng)[: rng.integers(1, 5)] + arcs(rng)[: rng.integers(1, 5)]
    return parts + [points(rng, 1, 2) for _ in range(rng.integers(0, 4))]


def star_shaped(rng: Rng) -> Strokes:
    """Return a closed outline with dents."""
    corners = int(rng.integers(5, 12))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = rng.uniform(0.15, 1, corners)
    outline = np.stack([reach * np.cos(angles), reach * np.sin(angles)]).astype(np.float32)
    return [np.concatenate([outline, outline[:, :1]], axis=1)]


def parallels(rng: Rng) -> Strokes:
    """Return lines beside one another."""
    count, high, lean = int(rng.integers(2, 7)), rng.uniform(30, 130), rng.normal(0, 15)
    stems = [line((x + lean, 0), (x - lean, high)) for x in np.linspace(0, 100, count)]
    return [stroke[::-1].copy() for stroke in stems] if rng.random() < 0.5 else stems


def coil(rng: Rng) -> Strokes:
    """Return loops along a line, as a spring has."""
    turns, wide = rng.uniform(2.5, 9), rng.uniform(6, 30)
    t = np.linspace(0, 2 * np.pi * turns, 160)
    x, y = 100 * t / t[-1] + wide * np.cos(t), rng.uniform(10, 50) * np.sin(t)
    return [np.stack([x, y] if rng.random() < 0.7 else [y, x]).astype(np.float32)]


def cloud_of_dots(rng: Rng) -> Strokes:
    return [points(rng, 1, 2) for _ in range(rng.integers(6, 40))]


def digits_over_one_another(rng: Rng) -> Strokes:
    one, other = (int(d) for d in rng.choice(10, 2, replace=False))
    place = rng.normal(0, 14, 2)
    return shape(one, rng) + moved(shape(other, rng), place[0], place[1], rng.uniform(0.6, 1.1))


def digits_in_a_column(rng: Rng) -> Strokes:
    count = int(rng.integers(2, 5))
    digits = [shape(int(rng.integers(10)), rng) for _ in range(count)]
    return [s for row, d in enumerate(digits) for s in moved(d, rng.normal(0, 8), 120 * row)]


def number(rng: Rng) -> Strokes:
    """Return three to five digits in a row."""
    count, step = int(rng.integers(3, 6)), rng.uniform(75, 115)
    digits = [shape(int(rng.integers(10)), rng) for _ in range(count)]
    return [s for at, d in enumerate(digits) for s in moved(d, step * at, rng.normal(0, 8))]


def digit_in_a_frame(rng: Rng) -> Strokes:
    digit, far = shape(int(rng.integers(10)), rng), rng.uniform(15, 45)
    if rng.random() < 0.5:
        return [*digit, arc(50, 50, 55 + far, 55 + far, 0, 365)]
    low, high = -far, 100 + far
    return [*digit, line((low, low), (high, low), (high, high), (low, high), (low, low))]


def row_of_one(rng: Rng) -> Strokes:
    """Return a small thing three to seven times in a row."""
    part, count, step = piece(rng), int(rng.integers(3, 8)), rng.uniform(14, 34)
    row = [stroke for n in range(count) for stroke in moved(part, step * n, 0)]
    return turned(row, 90 * int(rng.integers(4)))


def lying_line(rng: Rng) -> Strokes:
    """Return a line that lies more than it stands, straight or bent a little, sometimes two."""
    found = [
        line((0, 0), (50, rng.normal(0, 12)), (100, rng.normal(0, 25)))
        for _ in range(1 + (rng.random() < 0.3))
    ]
    return [stroke + rng.normal(0, 12, (2, 1)).astype(np.float32) for stroke in found]


DRAWINGS: Mapping[str, Callable[[Rng], Strokes]] = {
    "polyline": polyline,
    "curve": curve,
    "curves": curves,
    "walk": walk,
    "lines": lines,
    "arcs": arcs,
    "mixed": mixed,
    "star-shaped": star_shaped,
    "parallels": parallels,
    "coil": coil,
    "cloud of dots": cloud_of_dots,
    "digits over one another": digits_over_one_another,
    "digits in a column": digits_in_a_column,
    "number": number,
    "digit in a frame": digit_in_a_frame,
    "row of one thing": row_of_one,
    "lying line": lying_line,
}
