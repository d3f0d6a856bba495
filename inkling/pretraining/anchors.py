"""Digits of the project's own making: anchors to learn beside, and the probe to be tested on.

Neither holds anything of a data set. Number and seed alone decide what a digit looks like.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions import SIDE, FloatArray, process_image
from inkling.checkpoints import pack
from inkling.data.rendering import Rendering, random_rendering, render_strokes
from inkling.errors import InvalidInput
from inkling.files import write_whole
from inkling.learning.replay_buffer import read_digits
from inkling.learning.rule import Digits
from inkling.pretraining.augmentation import distort_strokes, training_rendering
from inkling.pretraining.synthetic_digits import Strokes, between, shape

ANCHORS = 3000  # digits
PROBE_EACH, PROBE_DRAWN = 50, 3000  # of each digit in the probe, and to choose from
ANCHOR_SEED, PROBE_SEED = 0, 1
BRIDGES = 0.3  # the share of anchors that lie between two digits
NO_LABEL = -1  # of those
PLAIN_SIZE, PLAIN_WIDTHS, PLAIN_TILT = 200, (8, 32), 7
AT_ONCE = 250

Probabilities = Callable[[FloatArray], FloatArray]  # (n, 10) of digits (n, 28, 28)


class Drawn(NamedTuple):
    """Digits (n, 28, 28), 255 the darkest ink, and their labels (n,), NO_LABEL between two."""

    digits: Digits
    labels: NDArray[np.int8]


def draw_digits(count: int, seed: int, bridges: float = 0) -> Drawn:
    """Return so many digits in as many hands, the share `bridges` of them between two digits."""
    digits, labels = np.empty((count, SIDE, SIDE), np.uint8), np.empty(count, np.int8)
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        strokes, labels[number] = _strokes(rng, bridges)
        rendering = (training_rendering if rng.random() < 0.5 else _plain)(rng)
        paper = render_strokes(distort_strokes(strokes, rng), **rendering._asdict())
        digit = process_image(paper)
        if digit is None:
            raise InvalidInput(f"Digit {number} of seed {seed} shows no ink.", "Take another seed.")
        digits[number] = np.rint(digit * 255)
    return Drawn(digits, labels)


def _strokes(rng: np.random.Generator, bridges: float) -> tuple[Strokes, int]:
    digit = int(rng.integers(10))
    if rng.random() >= bridges:
        return shape(digit, rng), digit
    other = (digit + int(rng.integers(1, 10))) % 10
    first, second = shape(digit, rng), shape(other, rng)
    return between(first, second, rng.uniform(0.25, 0.75)), NO_LABEL


def _plain(rng: np.random.Generator) -> Rendering:
    """Return a rendering in the middle of the canvas, with most pens in use, tilted a little."""
    usual = random_rendering(rng)
    width = math.exp(rng.uniform(*np.log(PLAIN_WIDTHS)))
    tilt = float(np.clip(rng.normal(0, PLAIN_TILT), -20, 20))
    return usual._replace(size=PLAIN_SIZE, width=width, place=(140, 140), tilt=tilt)


def make_anchors() -> Drawn:
    """Return the anchors, as they are shipped."""
    return draw_digits(ANCHORS, ANCHOR_SEED, BRIDGES)


def make_probe(nets: Mapping[str, Probabilities]) -> Drawn:
    """Return the probe: digits that are no anchors and that all of these originals read right.

    There are as many of each; the first ones of those that are drawn.
    """
    drawn = draw_digits(PROBE_DRAWN, PROBE_SEED)
    right = np.ones(len(drawn.labels), bool)
    for probabilities in nets.values():
        for start in range(0, len(right), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            digits = read_digits([drawn.digits[part].tobytes()])
            right[part] &= probabilities(digits).argmax(axis=1) == drawn.labels[part]
    kept = [np.flatnonzero(right & (drawn.labels == digit))[:PROBE_EACH] for digit in range(10)]
    if fewest := [digit for digit in range(10) if len(kept[digit]) < PROBE_EACH]:
        raise InvalidInput(
            f"The originals read too few of the drawn {fewest[0]}s for a probe.",
            "Train them longer.",
        )
    chosen = np.sort(np.concatenate(kept))
    return Drawn(drawn.digits[chosen], drawn.labels[chosen])


def write(path: Path, drawn: Drawn) -> None:
    """Write digits and labels as an .npz file, the same bytes each time."""
    write_whole(path, pack(drawn._asdict(), compress=True))
