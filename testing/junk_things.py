"""Things that people draw, as strokes: a tree, a car, an eye, and a number of two digits."""

import math

import numpy as np

from inkling.pretraining.synthetic_digits import Strokes, arc, line, shape

Rng = np.random.Generator


def dot(x: float, y: float) -> Strokes:
    """Return a dot."""
    return [line((x, y))]


def stick_man(rng: Rng) -> Strokes:
    arms = rng.uniform(35, 60)
    limbs = [line((20, arms), (50, 45), (80, arms)), line((25, 120), (50, 80), (75, 120))]
    return [arc(50, 14, 14, 14, 90, 450), line((50, 28), (50, 80)), *limbs]


def sun(rng: Rng) -> Strokes:
    angles = 2 * np.pi * np.arange(int(rng.integers(6, 9))) / 8
    ways = [(math.cos(angle), math.sin(angle)) for angle in angles]
    return [arc(0, 0, 22, 22, 0, 365), *(line((30 * x, 30 * y), (50 * x, 50 * y)) for x, y in ways)]


def flower(rng: Rng) -> Strokes:
    angles = 2 * np.pi * np.arange(5) / 5 + rng.uniform(0, 1)
    petals = [arc(22 * math.cos(a), 22 * math.sin(a), 12, 12, 0, 365) for a in angles]
    return [*petals, line((0, 34), (rng.normal(0, 6), 95))]


def tree(rng: Rng) -> Strokes:
    crown = line((50, 0), (20, 35), (38, 35), (8, 75), (92, 75), (62, 35), (80, 35), (50, 0))
    return [crown, line((42, 75), (42, 100), (58, 100), (58, 75))]


def fish(rng: Rng) -> Strokes:
    body = arc(42, 30, 42, rng.uniform(20, 28), 20, 340)
    return [body, line((80, 22), (108, 5), (108, 55), (80, 38)), *dot(18, 24)]


def boat(rng: Rng) -> Strokes:
    hull = line((0, 70), (20, 100), (80, 100), (100, 70), (0, 70))
    return [hull, line((50, 70), (50, 0), (88, 60), (50, 60))]


def cup(rng: Rng) -> Strokes:
    cup = line((0, 0), (8, 90), (62, 90), (70, 0), (0, 0))
    return [cup, arc(70, 40, 26, 24, -80, 90)]


def umbrella(rng: Rng) -> Strokes:
    roof = arc(50, 50, 50, 46, 180, 360)
    return [roof, line((0, 50), (100, 50)), line((50, 50), (50, 100)), arc(40, 100, 10, 10, 0, 180)]


def cloud(rng: Rng) -> Strokes:
    bumps = [arc(20 + 20 * n, 40, 18, rng.uniform(16, 30), 190, 350) for n in range(4)]
    return [*bumps, line((0, 44), (0, 58), (100, 58), (100, 44))]


def lightning(rng: Rng) -> Strokes:
    return [line((55, 0), (20, 55), (48, 52), (35, 100), (85, 38), (56, 42), (80, 0), (55, 0))]


def ladder(rng: Rng) -> Strokes:
    rungs = [line((0, y), (40, y)) for y in np.linspace(12, 88, int(rng.integers(4, 7)))]
    return [line((0, 0), (0, 100)), line((40, 0), (40, 100)), *rungs]


def envelope(rng: Rng) -> Strokes:
    return [line((0, 0), (100, 0), (100, 65), (0, 65), (0, 0), (50, rng.uniform(30, 45)), (100, 0))]


def eye(rng: Rng) -> Strokes:
    lids = [arc(50, 30, 52, 26, 0, 180), arc(50, 30, 52, 26, 180, 360)]
    return [*lids, arc(50, 30, 13, 13, 0, 365), *dot(50, 30)]


def glasses(rng: Rng) -> Strokes:
    rims = [arc(x, 30, 24, 22, 0, 365) for x in (25, 90)]
    return [*rims, line((49, 30), (66, 30)), line((1, 28), (-15, 10)), line((114, 28), (130, 10))]


def key(rng: Rng) -> Strokes:
    teeth = [line((x, 20), (x, 36)) for x in (78, 92)]
    return [arc(20, 20, 20, 20, 0, 365), line((40, 20), (100, 20)), *teeth]


def note(rng: Rng) -> Strokes:
    heads = [arc(x, 92, 9, 6, 0, 365) for x in (10, 70)]
    return [*heads, line((19, 92), (19, 8), (79, 0), (79, 90)), line((19, 24), (79, 16))]


def car(rng: Rng) -> Strokes:
    wheels = [arc(x, 52, 11, 11, 0, 365) for x in (25, 80)]
    body = line(
        (0, 48), (0, 28), (22, 26), (36, 0), (74, 0), (86, 26), (108, 30), (108, 48), (0, 48)
    )
    return [body, *wheels]


def mountains(rng: Rng) -> Strokes:
    peaks = line((0, 70), (30, rng.uniform(0, 20)), (50, 45), (75, rng.uniform(0, 25)), (110, 70))
    return [peaks, line((-5, 70), (115, 70))]


def two_digits(rng: Rng) -> Strokes:
    """Return a number of two digits, as '32'."""
    tens, ones = shape(int(rng.integers(1, 10)), rng), shape(int(rng.integers(10)), rng)
    right = np.array([[rng.uniform(85, 125)], [rng.normal(0, 6)]], np.float32)
    return tens + [stroke + right for stroke in ones]
