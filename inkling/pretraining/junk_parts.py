"""Closed outlines and small parts at random, of which things that are no digits are put together.

Each is around the origin, about 100 across, y down.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray
from inkling.pretraining.synthetic_digits import Strokes, arc, line

Rng = np.random.Generator


def moved(strokes: Strokes, right: float, down: float, scale: float = 1) -> Strokes:
    """Return strokes scaled, and then moved."""
    place = np.array([[right], [down]], np.float32)
    return [stroke * np.float32(scale) + place for stroke in strokes]


def turned(strokes: Strokes, degrees: float) -> Strokes:
    """Return strokes turned about the origin."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, -sin], [sin, cos]], np.float32)
    return [turn @ stroke for stroke in strokes]


def _around(angles: NDArray[Any], reach: NDArray[Any], wide: float) -> FloatArray:
    """Return the points at these angles and distances, (2, n)."""
    points = np.stack([wide * reach * np.cos(angles), reach * np.sin(angles)])
    return np.asarray(50 * points, np.float32)


def polygon(rng: Rng) -> Strokes:
    """Return a closed outline of three to eight corners around the origin, half of them even."""
    corners = int(rng.choice([3, 3, 4, 4, 5, 5, 6, 7, 8]))
    uneven = rng.choice([0, 0.25])
    angles = 2 * np.pi * (np.arange(corners) + rng.normal(0, uneven, corners)) / corners
    reach = np.exp(rng.normal(0, uneven, corners))
    outline = _around(angles + rng.uniform(0, 7), reach, math.exp(rng.uniform(-0.5, 0.5)))
    return [np.concatenate([outline, outline[:, :1]], axis=1)]


def blob(rng: Rng) -> Strokes:
    """Return a closed outline without corners, with dents and bulges."""
    angles = np.linspace(0, 2 * np.pi, 70)
    heights = rng.normal(0, 1, 4) / np.arange(2, 6)
    heights *= rng.uniform(0.35, 0.7) / np.abs(heights).sum()
    waves = [h * np.cos(n * angles + rng.uniform(0, 7)) for n, h in enumerate(heights, 2)]
    return [_around(angles, 1 + np.sum(waves, axis=0), math.exp(rng.uniform(-0.4, 0.4)))]


def petals(rng: Rng) -> Strokes:
    """Return an outline of even bulges or spikes."""
    count, angles = int(rng.integers(3, 10)), np.linspace(0, 2 * np.pi, 120)
    waves = np.cos(count * angles + rng.uniform(0, 7))
    sharp = np.abs(waves) ** rng.uniform(0.4, 2) * np.sign(waves)
    return [_around(angles, 1 + rng.uniform(0.15, 0.7) * sharp, math.exp(rng.uniform(-0.3, 0.3)))]


def ring(rng: Rng) -> Strokes:
    """Return a circle or an ellipse, closed or nearly so."""
    start = rng.uniform(0, 360)
    wide, high = 50 * np.exp(rng.normal(0, 0.2, 2))
    return [arc(0, 0, wide, high, start, start + rng.uniform(345, 375))]


def outline(rng: Rng) -> Strokes:
    """Return some closed outline of about 100 across, around the origin."""
    return (polygon, blob, petals, ring, ring)[rng.integers(5)](rng)


def piece(rng: Rng) -> Strokes:
    """Return something small, 30 across at most: a dot, a line, an arc, a hook, an outline."""
    lot, size = rng.integers(6), rng.uniform(5, 15)
    if lot == 0:
        return [line((0, 0))]
    if lot < 3:
        end = rng.uniform(-size, size, 2)
        return [line(tuple(-end), tuple(end))]
    if lot == 3:
        start = rng.uniform(0, 360)
        return [arc(0, 0, size, size * rng.uniform(0.4, 1), start, start + rng.uniform(120, 220))]
    if lot == 4:
        return [(rng.uniform(-size, size, (2, 3))).astype(np.float32)]
    return moved(outline(rng), 0, 0, size / 50)
