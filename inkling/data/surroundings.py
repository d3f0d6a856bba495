"""What lies on and around a drawing in a photograph: printed lines, light, a table, a finger."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from functions import Grey

Plane = NDArray[np.float32]  # (side, side)
Box = tuple[int, int, int, int]  # left, top, right, bottom; right and bottom exclusive

RULED_TILT, CONVERGENCE = 8.0, 2.0  # degrees: of the lines; between those at either border
RULED_WIDTH, RULED_LEVEL = (0.0025, 0.006), (0.5, 0.88)  # of the picture; of the paper's light
SHADOWED, SHADOW_EDGE = (0.45, 0.75), (0.002, 0.04)  # of the light; of the picture
DARK, SKIN = (15.0, 110.0), (70.0, 165.0)  # grey levels
FRAME_WIDTH, FINGER_WIDTH = (0.02, 0.09), (0.1, 0.2)  # of the picture


def box_of(drawn: Grey) -> Box:
    """Return the box of what is not white; the middle point of a blank page."""
    rows, columns = (np.flatnonzero((drawn < 255).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        middle = len(drawn) // 2
        return middle, middle, middle + 1, middle + 1
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def grid(side: int) -> tuple[Plane, Plane]:
    """Return each pixel's place from the middle, x and y, in [-0.5, 0.5]."""
    y, x = (np.mgrid[0:side, 0:side].astype(np.float32) + 0.5) / side - 0.5
    return x, y


def _across(side: int, rng: np.random.Generator) -> Plane:
    """Return each pixel's place from the middle along any direction."""
    x, y = grid(side)
    angle = rng.uniform(0, 2 * np.pi)
    return np.asarray(np.cos(angle) * x + np.sin(angle) * y)


def slope(side: int, missing: float, rng: np.random.Generator) -> Plane:
    """Return light that falls off across the page in any direction by the share `missing`."""
    across = _across(side, rng)
    return np.asarray(1 - missing * (across - across.min()) / np.ptp(across), np.float32)


def shadow(side: int, rng: np.random.Generator) -> Plane:
    """Return the light where a straight shadow lies over a part of the page."""
    across = _across(side, rng) - rng.uniform(-0.3, 0.3)
    lit = 1 / (1 + np.exp(-np.clip(across / (rng.uniform(*SHADOW_EDGE) / 2), -30, 30)))
    dark = rng.uniform(*SHADOWED)
    return np.asarray(dark + (1 - dark) * lit, np.float32)


def rule(paper: Plane, spacing: float, squared: bool, rng: np.random.Generator) -> Plane:
    """Return paper with lines this many pixels apart, tilted and seen a little from the side."""
    side = len(paper)
    x, y = grid(side)
    tilt = np.radians(rng.uniform(-RULED_TILT, RULED_TILT))
    width, level = side * rng.uniform(*RULED_WIDTH), rng.uniform(*RULED_LEVEL)
    for along, across in ((x, y), (-y, x))[: 1 + squared]:
        turned = np.tan(tilt + np.radians(rng.uniform(-0.5, 0.5) * CONVERGENCE) * across)
        place = side * (across - along * turned) / spacing + rng.uniform()
        off = np.abs(place - np.rint(place)) * spacing  # pixels to the nearest line's middle
        covered = np.clip((width - off) + 0.5, 0, 1) if width > 1 else np.clip(1.5 - off, 0, 1)
        paper = np.minimum(paper, 1 - covered * (1 - level))
    return np.asarray(paper, np.float32)


def dark_edges(page: Plane, box: Box, sides: Iterable[int], rng: np.random.Generator) -> Plane:
    """Return a page with something dark beyond its left, top, right, bottom edge (0 to 3).

    The edges run a little askew; a dark thing reaches at most half way to the box.
    """
    side, level, page = len(page), rng.uniform(*DARK), page.copy()
    free = _free(box, side)
    for each in sides:
        from_edge, along = _from_edge(side, each)
        depth = min(rng.uniform(*FRAME_WIDTH), 0.5 * free[each])
        reached = depth * (1 + rng.uniform(-0.5, 0.5) * (along - 0.5) * 2)
        texture = 1 + 0.1 * np.sin(rng.uniform(20, 80) * along + rng.uniform(0, 6))
        page = np.where(from_edge < reached, level * texture, page)
    return np.asarray(page, np.float32)


def finger(page: Plane, box: Box, rng: np.random.Generator) -> Plane:
    """Return a page that a finger holds from that border where most is free, short of the box."""
    side = len(page)
    free = _free(box, side)
    which = int(np.argmax(free))
    from_edge, along = _from_edge(side, which)
    length = free[which] * rng.uniform(0.4, 0.85)
    half = rng.uniform(*FINGER_WIDTH) / 2
    middle = rng.uniform(half, 1 - half) + rng.uniform(-0.4, 0.4) * from_edge  # aslant
    off = (along - middle) / half
    tip = np.clip(from_edge - (length - half), 0, None) / half
    inside = np.hypot(off, tip)
    skin = rng.uniform(*SKIN) * (1 - 0.35 * np.clip(inside, 0, 1) ** 3)  # round: darker at its rims
    return np.asarray(np.where((inside < 1) & (from_edge < length), skin, page), np.float32)


def _from_edge(side: int, which: int) -> tuple[Plane, Plane]:
    """Return each pixel's place from the left, top, right or bottom edge and along it, 0 to 1."""
    x, y = (place + 0.5 for place in grid(side))
    return ((x, y), (y, x), (1 - x, y), (1 - y, x))[which]


def _free(box: Box, side: int) -> tuple[float, float, float, float]:
    """Return the shares of the picture that are free to the left, top, right, bottom of a box."""
    left, top, right, bottom = (place / side for place in box)
    return left, top, 1 - right, 1 - bottom
