"""Pictures of things that are no digits, as strokes: what `testing/junk.py` draws pages of."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from inkling.pretraining.synthetic_digits import Strokes, arc, line, shape

Rng = np.random.Generator


def scribble(rng: Rng) -> Strokes:
    """Return a hand that goes back and forth over an area."""
    count = int(rng.integers(10, 30))
    x = np.where(np.arange(count) % 2, 100.0, 0.0) + rng.normal(0, 12, count)
    y = np.linspace(0, rng.uniform(40, 110), count) + rng.normal(0, 6, count)
    return [np.stack([x, y]).astype(np.float32)]


def spiral(rng: Rng) -> Strokes:
    t = np.linspace(0, 2 * np.pi * rng.uniform(2.2, 5), 150)
    return [np.stack([t * np.cos(t), t * np.sin(t)]).astype(np.float32)]


def zigzag(rng: Rng) -> Strokes:
    count = int(rng.integers(5, 12))
    y = np.where(np.arange(count) % 2, rng.uniform(20, 60), 0) + rng.normal(0, 4, count)
    return [np.stack([np.linspace(0, 100, count), y]).astype(np.float32)]


def wave(rng: Rng) -> Strokes:
    t = np.linspace(0, 2 * np.pi * rng.uniform(2, 5), 100)
    return [np.stack([100 * t / t[-1], rng.uniform(8, 22) * np.sin(t)]).astype(np.float32)]


def _dot(x: float, y: float) -> Strokes:
    return [line((x, y))]


def smiley(rng: Rng) -> Strokes:
    eyes, mouth = rng.uniform(28, 42), rng.uniform(52, 66)
    return [
        arc(50, 50, 50, 50, -90, 275),
        *_dot(50 - 18, eyes),
        *_dot(50 + 18, eyes),
        arc(50, mouth, rng.uniform(18, 28), rng.uniform(10, 24), 10, 170),
    ]


def sad_face(rng: Rng) -> Strokes:
    lids = [arc(50 + x, 36, 7, 9, 0, 360) for x in (-18, 18)]
    return [arc(50, 50, 50, 50, 0, 365), *lids, arc(50, 80, rng.uniform(15, 26), 14, 190, 350)]


def cat(rng: Rng) -> Strokes:
    whiskers = [line((50 + s * 12, 65), (50 + s * 48, 58 + 7 * n)) for s in (-1, 1) for n in (0, 2)]
    ears = [line((50 + s * 40, 36), (50 + s * 36, -6), (50 + s * 12, 14)) for s in (-1, 1)]
    return [arc(50, 55, 45, 42, 0, 365), *ears, *whiskers, *_dot(34, 46), *_dot(66, 46)]


def heart(rng: Rng) -> Strokes:
    t = np.linspace(-np.pi, np.pi, 60)
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [np.stack([rng.uniform(0.8, 1.2) * 16 * np.sin(t) ** 3, y]).astype(np.float32)]


def star(rng: Rng) -> Strokes:
    order = np.arange(6) * 2 if rng.random() < 0.5 else np.arange(11)
    reach = np.where((len(order) == 11) & (order % 2 == 1), rng.uniform(0.35, 0.5), 1)
    angles = 2 * np.pi * order / (5 if len(order) == 6 else 10) - np.pi / 2
    return [(50 * reach * np.stack([np.cos(angles), np.sin(angles)])).astype(np.float32)]


def asterisk(rng: Rng) -> Strokes:
    angles = np.pi * np.arange(int(rng.integers(3, 5))) / 3 + rng.uniform(0, 1)
    return [line((-math.cos(a), -math.sin(a)), (math.cos(a), math.sin(a))) for a in angles]


def house(rng: Rng) -> Strokes:
    top = rng.uniform(30, 50)
    walls = line((10, top), (10, 100), (90, 100), (90, top), (10, top), (50, 0), (90, top))
    door = line((40, 100), (40, 70), (60, 70), (60, 100))
    return [walls, door] if rng.random() < 0.7 else [walls]


def triangle(rng: Rng) -> Strokes:
    high = rng.uniform(65, 110)
    return [line((rng.uniform(25, 75), 0), (0, high), (100, high), (50, 0))]


def square(rng: Rng) -> Strokes:
    high = rng.uniform(75, 110)
    return [line((0, 0), (0, high), (100, high), (100, 0), (0, 0))]


def window(rng: Rng) -> Strokes:
    return [*square(rng), line((50, 0), (50, 95)), line((0, 45), (100, 45))]


def diamond(rng: Rng) -> Strokes:
    wide = rng.uniform(35, 60)
    return [line((50, 0), (50 - wide, 50), (50, 100), (50 + wide, 50), (50, 0))]


def arrow(rng: Rng) -> Strokes:
    tip = [line((70, 25), (100, 50), (70, 75)), line((0, 50), (100, 50))]
    turn = math.radians(rng.choice([0, 90, 180, 270, 45]))
    cos, sin = math.cos(turn), math.sin(turn)
    return [(np.array([[cos, -sin], [sin, cos]]) @ s).astype(np.float32) for s in tip]


def tick(rng: Rng) -> Strokes:
    return [line((0, rng.uniform(50, 70)), (rng.uniform(25, 40), 100), (100, 0))]


def cross(rng: Rng) -> Strokes:
    return [line((0, 0), (100, 100)), line((100, rng.uniform(-8, 8)), (0, 100))]


def plus(rng: Rng) -> Strokes:
    return [line((50, 0), (50, 100)), line((0, rng.uniform(42, 58)), (100, 50))]


def dots(rng: Rng) -> Strokes:
    return [line(tuple(rng.uniform(0, 100, 2))) for _ in range(rng.integers(2, 6))]


def one_dot(rng: Rng) -> Strokes:
    return _dot(0, 0)


def dash(rng: Rng) -> Strokes:
    return [line((0, 0), (100, rng.uniform(-10, 10)))]


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
    return [body, line((80, 22), (108, 5), (108, 55), (80, 38)), *_dot(18, 24)]


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
    return [*lids, arc(50, 30, 13, 13, 0, 365), *_dot(50, 30)]


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


SHAPES: Mapping[str, Callable[[Rng], Strokes]] = {
    "scribble": scribble,
    "spiral": spiral,
    "zigzag": zigzag,
    "wave": wave,
    "smiley": smiley,
    "sad face": sad_face,
    "cat": cat,
    "heart": heart,
    "star": star,
    "asterisk": asterisk,
    "house": house,
    "triangle": triangle,
    "square": square,
    "window": window,
    "diamond": diamond,
    "arrow": arrow,
    "tick": tick,
    "cross": cross,
    "plus": plus,
    "dots": dots,
    "one dot": one_dot,
    "dash": dash,
    "stick man": stick_man,
    "sun": sun,
    "flower": flower,
    "tree": tree,
    "fish": fish,
    "boat": boat,
    "cup": cup,
    "umbrella": umbrella,
    "cloud": cloud,
    "lightning": lightning,
    "ladder": ladder,
    "envelope": envelope,
    "eye": eye,
    "glasses": glasses,
    "key": key,
    "note": note,
    "car": car,
    "mountains": mountains,
    "two digits": two_digits,
}
