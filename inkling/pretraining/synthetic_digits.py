"""Shapes of the ten digits as people draw them, from lines and arcs with random proportions.

Nothing here comes from a data set. A shape is some strokes (2, n) in a box of about 100 × 100, y
down; `augmentation.distort_strokes` bends them as other hands would.
"""

from collections.abc import Callable, Sequence

import numpy as np

from functions import FloatArray
from inkling.data.strokes import lengths_along, points_along

POINTS = 24  # of an arc
Uniform = Callable[[float, float], float]  # a number between two
Strokes = list[FloatArray]


def line(*points: tuple[float, float]) -> FloatArray:
    """Return a path through points (x, y)."""
    return np.array(points, np.float32).T


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> FloatArray:
    """Return a path on an ellipse from one angle to another, degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, POINTS))
    return np.array([x + rx * np.cos(angles), y + ry * np.sin(angles)], np.float32)


def joined(*strokes: FloatArray) -> FloatArray:
    """Return one stroke of several."""
    return np.concatenate(strokes, axis=1)


def _zero(u: Uniform) -> Strokes:
    start = u(-130, -20)
    end = start + u(330, 400)
    if u(0, 1) < 0.3:
        start, end = end, start
    return [arc(50, 50, u(18, 46), 50, start, end)]


def _one(u: Uniform) -> Strokes:
    kind, lean = u(0, 1), u(-8, 22)
    stem = line((50 + lean, 0), (50 - lean, 100))
    if kind < 0.45:
        return [stem]
    flag = line((50 + lean - u(8, 30), u(10, 34)), (50 + lean, 0))
    strokes = [joined(flag, stem)]
    if kind > 0.8:
        strokes.append(line((50 - lean - u(10, 30), 100), (50 - lean + u(10, 30), 100)))
    return strokes


def _two(u: Uniform) -> Strokes:
    head = arc(48, u(22, 32), u(22, 36), u(20, 32), u(-200, -140), u(10, 50))
    base, right = u(92, 102), u(70, 98)
    if u(0, 1) < 0.45:  # a loop at the lower left
        w = u(8, 16)
        loop = arc(24, 90, w, u(6, 12), -20, -330)
        return [joined(head, loop, line((30, 92), (55, base), (right, u(84, 100))))]
    return [joined(head, line((u(8, 26), base), (right, base + u(-6, 3))))]


def _three(u: Uniform) -> Strokes:
    top = u(22, 30)
    if u(0, 1) < 0.22:  # a flat top
        return [
            joined(line((18, 2), (74, 2), (42, 42)), arc(46, 70, u(24, 36), 30, -95, u(110, 160)))
        ]
    upper = arc(46, top, u(20, 32), top, u(-170, -120), u(60, 95))
    lower = arc(46, 50 + top, u(24, 38), 50 - top + u(0, 6), u(-95, -60), u(110, 170))
    if u(0, 1) < 0.3:  # a small loop between
        return [joined(upper, arc(38, 50, u(3, 8), 5, 60, -240), lower)]
    return [joined(upper, lower)]


def _four(u: Uniform) -> Strokes:
    kind, bar = u(0, 1), u(52, 70)
    if kind < 0.5:  # open
        return [
            line((u(12, 44), 0), (u(8, 22), bar), (u(72, 95), bar - u(-3, 8))),
            line((u(56, 76), u(-4, 34)), (u(48, 68), 100)),
        ]
    if kind < 0.75:  # closed, one go
        x = u(54, 70)
        return [
            joined(
                line((x, 0), (u(4, 18), bar), (u(80, 96), bar)), line((x, 2), (x - u(-2, 8), 100))
            )
        ]
    if kind < 0.88:  # a bent left arm, as a 9 that is open
        x = u(62, 76)
        return [
            joined(
                arc(42, 18, u(20, 32), u(24, 34), 200, 60), line((x, u(0, 10)), (x - u(0, 16), 100))
            )
        ]
    return [
        line(
            (u(20, 34), 0), (u(14, 24), bar), (u(60, 80), bar - 4), (u(64, 80), 0), (u(54, 70), 100)
        )
    ]


def _five(u: Uniform) -> Strokes:
    left, height = u(20, 36), u(36, 50)
    belly = arc(46, 69, u(24, 36), u(26, 33), u(-130, -100), u(110, 165))
    neck = line((left + u(0, 8), 3), (left - u(-2, 6), height))
    bar = line((left + 2, 3), (u(66, 92), u(-4, 4)))
    if u(0, 1) < 0.5:
        return [joined(bar[:, ::-1], neck, belly)]
    if u(0, 1) < 0.2:  # as an S
        return [joined(arc(52, 26, u(22, 34), 26, -30, -240), belly[:, 4:])]
    return [joined(neck, belly), bar]


def _six(u: Uniform) -> Strokes:
    x, r, top = u(54, 86), u(18, 34), u(60, 74)
    loop = arc(50, top, r, 100 - top, 190, u(470, 580))
    if u(0, 1) < 0.5:
        return [joined(arc(50 + r * 0.7, top, r * 1.7, top, u(-110, -80), -170), loop)]
    if u(0, 1) < 0.3:  # the pen goes round the other way, as a U with a loop
        return [
            joined(
                line((20, 0), (18, 60)),
                arc(46, 76, 30, 24, 170, 0),
                arc(54, 76, 22, u(14, 26), 0, -230),
            )
        ]
    return [joined(line((x, 0), (50 - r, top - 8)), loop)]


def _seven(u: Uniform) -> Strokes:
    x = u(70, 92)
    foot = u(20, 56)
    stem = line((x, 2), (foot + u(-2, 14), 50), (foot, 100))
    bar = line((u(6, 24), u(-2, 12)), (x, 2))
    strokes = [joined(bar, stem)]
    if u(0, 1) < 0.3:
        strokes = [joined(line((12, u(14, 26))), bar, stem)]
    if u(0, 1) < 0.35:
        y = u(44, 60)
        strokes.append(line((u(16, 34), y + u(-4, 6)), (u(62, 86), y)))
    return strokes


def _eight(u: Uniform) -> Strokes:
    split, a, b = u(38, 54), u(16, 28), u(20, 36)
    if u(0, 1) < 0.35:
        return [
            joined(
                arc(50, split / 2, a, split / 2, 90, -270),
                arc(50, (100 + split) / 2, b, (100 - split) / 2, -90, 270),
            )
        ]
    t = np.linspace(0, 2 * np.pi, 2 * POINTS)  # a curve that crosses itself
    t = t + np.radians(u(30, 75))
    y = 50 - 50 * np.cos(t)
    wide = np.where(y < 50, a, b)
    x = 50 + wide * np.sin(2 * t) * np.sign(u(-1, 1))
    start = int(u(0, 6))
    return [np.array([x, y], np.float32)[:, start : 2 * POINTS - int(u(0, 3))]]


def _nine(u: Uniform) -> Strokes:
    r, top = u(18, 34), u(22, 34)
    loop = arc(46, top, r, top, u(-60, 10), u(-380, -330))
    x = 46 + r
    if u(0, 1) < 0.35:  # a curved tail
        return [joined(loop, arc(46, top, r + 4, 70, 0, u(90, 130)))]
    if u(0, 1) < 0.3:  # the loop and the stem apart
        return [loop, line((x, u(-6, 16)), (x - u(-4, 12), 100))]
    return [joined(loop, line((x, top - 4), (x - u(-4, 28), 100)))]


SHAPES: Sequence[Callable[[Uniform], Strokes]] = (
    _zero,
    _one,
    _two,
    _three,
    _four,
    _five,
    _six,
    _seven,
    _eight,
    _nine,
)


def shape(digit: int, rng: np.random.Generator) -> Strokes:
    """Return a digit in one of its ways."""
    return SHAPES[digit](lambda low, high: float(rng.uniform(low, high)))


def between(one: Strokes, other: Strokes, share: float, count: int = 48) -> Strokes:
    """Return a shape on the way between two: nobody's digit, but near where nets hesitate."""
    return [(1 - share) * _along(one, count) + share * _along(other, count)]


def _along(strokes: Strokes, count: int) -> FloatArray:
    """Return the whole way of the pen, (2, count), evenly spaced."""
    way = np.concatenate(strokes, axis=1)
    return points_along(way, np.linspace(0, lengths_along(way)[-1], count))
