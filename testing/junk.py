"""Drawings that are no digits, for tests and benchmarks: kinds that no net has learned from.

`draw` makes any count of a kind: pages (n, 280, 280), uint8, ink 0 on paper 255, the same for the
same seed. What nets do learn from, `inkling/pretraining/drawn_junk.py` draws. CHOOSING are the
kinds that a score was chosen by among others; figures are reported on the rest.
"""

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw

from functions import FloatArray, Grey
from inkling.data.rendering import CANVAS
from inkling.pretraining.drawn_junk import (
    Page,
    drawn,
    junk_digits,
    junk_page,
    one_of,
    printed,
    smooth_noise,
)
from inkling.pretraining.synthetic_digits import Strokes, arc, line
from testing.junk_shapes import SHAPES

Rng = np.random.Generator

# No digit's look-alike, and none of those that are learned from.
CAPITALS, SMALL = "CFLMPTVY", "acdenruv"
WORDS = ("hello", "no", "yes", "abc", "cat", "love", "dad", "Hi", "ok", "you")


HANDWRITTEN: Mapping[str, Strokes] = {
    "F": [line((0, 100), (0, 0), (60, 0)), line((0, 48), (48, 48))],
    "L": [line((0, 0), (0, 100), (60, 100))],
    "M": [line((0, 100), (10, 0), (45, 70), (80, 0), (90, 100))],
    "T": [line((0, 0), (80, 0)), line((40, 0), (40, 100))],
    "V": [line((0, 0), (38, 100), (76, 0))],
    "a": [arc(40, 60, 36, 38, -40, -330), line((76, 22), (76, 90), (90, 98))],
    "d": [arc(36, 68, 32, 32, -30, -330), line((68, 0), (68, 100))],
    "n": [line((0, 20), (0, 100)), arc(32, 52, 32, 32, 180, 360), line((64, 52), (64, 100))],
    "r": [line((0, 20), (0, 100)), arc(34, 56, 34, 36, 180, 300)],
    "u": [arc(35, 62, 35, 36, 180, 0), line((0, 20), (0, 62)), line((70, 20), (70, 100))],
}


def _letter_by_hand(rng: Rng) -> Strokes:
    return HANDWRITTEN[str(rng.choice([*HANDWRITTEN]))]


def _word_by_hand(rng: Rng) -> Strokes:
    letters = [_letter_by_hand(rng) for _ in range(rng.integers(3, 6))]
    return [s + np.array([[110 * at], [0]], np.float32) for at, w in enumerate(letters) for s in w]


def _blot(rng: Rng) -> Grey:
    """Return one filled patch without corners."""
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    waves = sum(rng.normal(0, 0.12) * np.cos(n * angles + rng.uniform(0, 7)) for n in range(2, 6))
    reach = rng.uniform(40, 120) * (1 + waves)
    corners = 140 + reach * np.stack([np.cos(angles), rng.uniform(0.6, 1) * np.sin(angles)])
    image = Image.new("L", (CANVAS, CANVAS), 255)
    ImageDraw.Draw(image).polygon(corners.T.ravel().tolist(), fill=0)
    return np.asarray(image)


def _gradient(rng: Rng) -> Grey:
    """Return a wall under uneven light with a dark corner, noise upon it."""
    y, x = np.mgrid[-1 : 1 : CANVAS * 1j, -1 : 1 : CANVAS * 1j]
    turn, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.8)
    along = np.cos(turn) * x + np.sin(turn) * y
    light = 180 - 30 * along - 130 / (1 + np.exp(rng.uniform(5, 25) * (far - along)))
    return np.asarray((light + rng.normal(0, 4, light.shape)).clip(0, 255), np.uint8)


def _texture(rng: Rng) -> Grey:
    """Return wood or cloth: dark lines that waver on a lighter ground, with noise upon it."""
    y, x = np.mgrid[0 : 1 : CANVAS * 1j, 0 : 1 : CANVAS * 1j]
    turn, count = rng.uniform(0, 2 * np.pi), rng.uniform(2, 9)
    along = np.cos(turn) * x + np.sin(turn) * y + 0.05 * smooth_noise(rng, 25)
    lines = (5 * np.sin(2 * np.pi * count * along) - 3.5).clip(0, 1)
    return np.asarray((200 - 140 * lines + 3 * smooth_noise(rng, 2)).clip(0, 255), np.uint8)


KINDS: Mapping[str, Page] = {
    **{name: drawn(shape) for name, shape in SHAPES.items()},
    "capital": lambda rng: printed(one_of(CAPITALS, rng), rng),
    "small letter": lambda rng: printed(one_of(SMALL, rng), rng),
    "word": lambda rng: printed(str(rng.choice(WORDS)), rng),
    "letter by hand": drawn(_letter_by_hand),
    "word by hand": drawn(_word_by_hand),
    "blot": _blot,
    "gradient": _gradient,
    "texture": _texture,
}
# A score is chosen by these; figures are told of the rest.
CHOOSING = tuple(sorted(KINDS)[::3])
REPORTED = tuple(kind for kind in KINDS if kind not in CHOOSING)


def draw(kind: str, count: int, seed: int = 0) -> Grey:
    """Return pages (count, 280, 280) of a kind, uint8, ink 0 on paper 255."""
    return np.stack([junk_page(kind, seed, number, KINDS) for number in range(count)])


def seen(kind: str, count: int, seed: int = 0) -> FloatArray:
    """Return what the nets see of such pages, (n, 28, 28) in [0, 1]; empty ones are left out."""
    return junk_digits(KINDS, each=count, seed=seed, only=[kind])
