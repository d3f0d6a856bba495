"""Ten digits as pen strokes, drawn by hand for the tests."""

import numpy as np
from numpy.typing import NDArray

from functions import Grey
from inkling.data.rendering import render_strokes

Stroke = NDArray[np.float32]


def line(*points: tuple[float, float]) -> Stroke:
    """A stroke (2, n) through these points."""
    return np.array(points, dtype=np.float32).T


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> Stroke:
    """A stroke (2, 24) along an ellipse, angles in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, 24))
    return np.array([x + rx * np.cos(angles), y + ry * np.sin(angles)], dtype=np.float32)


def joined(*strokes: Stroke) -> Stroke:
    """One stroke that follows several without lifting the pen."""
    return np.concatenate(strokes, axis=1)


STROKES: dict[int, list[Stroke]] = {
    0: [arc(50, 50, 32, 50, -90, 270)],
    1: [line((38, 20), (54, 0), (52, 100))],
    2: [joined(arc(48, 28, 30, 28, -170, 40), line((16, 100), (82, 98)))],
    3: [joined(arc(46, 26, 27, 26, -150, 80), arc(46, 75, 31, 25, -80, 150))],
    4: [line((44, 0), (16, 62), (82, 60)), line((64, 30), (62, 100))],
    5: [joined(line((74, 2), (30, 3), (26, 44)), arc(46, 68, 32, 31, -120, 140))],
    6: [joined(line((66, 0), (34, 36)), arc(50, 70, 27, 30, 200, 540))],
    7: [line((15, 4), (82, 2), (42, 100))],
    8: [joined(arc(50, 25, 24, 25, 90, -270), arc(50, 75, 30, 25, -90, 270))],
    9: [joined(arc(50, 30, 27, 30, 0, -360), line((77, 30), (68, 100)))],
}


def draw(digit: int, width: float = 20, size: float = 200) -> Grey:
    """A digit drawn on the page's canvas: grey levels (280, 280)."""
    return render_strokes(STROKES[digit], width=width, size=size)
