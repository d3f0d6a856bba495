"""Scribbles, faces and signs as strokes: what `testing/junk.py` draws pages of."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from inkling.pretraining.synthetic_digits import Strokes, arc, line
from testing import junk_things as things
from testing.junk_things import dot

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


def smiley(rng: Rng) -> Strokes:
    eyes, mouth = rng.uniform(28, 42), rng.uniform(52, 66)
    return [
        arc(50, 50, 50, 50, -90, 275),
        *dot(50 - 18, eyes),
        *dot(50 + 18, eyes),
        arc(50, mouth, rng.uniform(18, 28), rng.uniform(10, 24), 10, 170),
    ]


def sad_face(rng: Rng) -> Strokes:
    lids = [arc(50 + x, 36, 7, 9, 0, 360) for x in (-18, 18)]
    return [arc(50, 50, 50, 50, 0, 365), *lids, arc(50, 80, rng.uniform(15, 26), 14, 190, 350)]


def cat(rng: Rng) -> Strokes:
    whiskers = [line((50 + s * 12, 65), (50 + s * 48, 58 + 7 * n)) for s in (-1, 1) for n in (0, 2)]
    ears = [line((50 + s * 40, 36), (50 + s * 36, -6), (50 + s * 12, 14)) for s in (-1, 1)]
    return [arc(50, 55, 45, 42, 0, 365), *ears, *whiskers, *dot(34, 46), *dot(66, 46)]


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
    return dot(0, 0)


def dash(rng: Rng) -> Strokes:
    return [line((0, 0), (100, rng.uniform(-10, 10)))]


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
    "stick man": things.stick_man,
    "sun": things.sun,
    "flower": things.flower,
    "tree": things.tree,
    "fish": things.fish,
    "boat": things.boat,
    "cup": things.cup,
    "umbrella": things.umbrella,
    "cloud": things.cloud,
    "lightning": things.lightning,
    "ladder": things.ladder,
    "envelope": things.envelope,
    "eye": things.eye,
    "glasses": things.glasses,
    "key": things.key,
    "note": things.note,
    "car": things.car,
    "mountains": things.mountains,
    "two digits": things.two_digits,
}
