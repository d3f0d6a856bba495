"""Digits of the project's own making: anchors to learn beside, and the probe to be tested on.

Neither holds anything of a data set. Number and seed alone decide what a digit looks like.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
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
PROBE_EACH, PROBE_DRAWN = 20, 12_000  # of each pair of digits in the probe; all to choose from
ANCHOR_SEED, PROBE_SEED = 0, 1
BRIDGES = 0.3  # the share of anchors that lie between two digits
NO_LABEL = -1  # of those
# Of what the probe is chosen from, this share is slanted and narrowed more than most hands are, as
# somebody would who looks for digits that the nets hardly read.
SLANTED, SLANT, NARROWEST = 0.6, 0.3, 0.4
PLAIN_SIZE, PLAIN_WIDTHS, PLAIN_TILT = 200, (8, 32), 7
AT_ONCE = 250

Probabilities = Callable[[FloatArray], FloatArray]  # (n, 10) of digits (n, 28, 28)


class Drawn(NamedTuple):
    """Digits (n, 28, 28), 255 the darkest ink, and their labels (n,), NO_LABEL between two."""

    digits: Digits
    labels: NDArray[np.int8]


def draw_digits(count: int, seed: int, bridges: float = 0, slanted: float = 0) -> Drawn:
    """Return so many digits in as many hands.

    The share `bridges` of them lies between two digits; the share `slanted` of all is slanted and
    narrowed.
    """
    digits, labels = np.empty((count, SIDE, SIDE), np.uint8), np.empty(count, np.int8)
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        strokes, labels[number] = _strokes(rng, bridges)
        rendering = (training_rendering if rng.random() < 0.5 else _plain)(rng)
        hand = distort_strokes(strokes, rng)
        if slanted and rng.random() < slanted:
            hand = _slanted(hand, rng)
        paper = render_strokes(hand, **rendering._asdict())
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


def _slanted(strokes: Sequence[FloatArray], rng: np.random.Generator) -> Strokes:
    slant, width = rng.normal(0, SLANT), math.exp(rng.uniform(math.log(NARROWEST), 0.1))
    return [np.stack([x * width + slant * y, y]) for x, y in strokes]


def _plain(rng: np.random.Generator) -> Rendering:
    """Return a rendering in the middle of the canvas, with most pens in use, tilted a little."""
    usual = random_rendering(rng)
    width = math.exp(rng.uniform(*np.log(PLAIN_WIDTHS)))
    tilt = float(np.clip(rng.normal(0, PLAIN_TILT), -20, 20))
    return usual._replace(size=PLAIN_SIZE, width=width, place=(140, 140), tilt=tilt)


def make_anchors() -> Drawn:
    """Return the anchors, as they are shipped."""
    return draw_digits(ANCHORS, ANCHOR_SEED, BRIDGES)


class DrawnProbe(NamedTuple):
    """Digits (n, 28, 28), 255 the darkest ink, what they are and what they are near (n,)."""

    digits: Digits
    labels: NDArray[np.int8]
    towards: NDArray[np.int8]


def make_probe(nets: Mapping[str, Probabilities]) -> DrawnProbe:
    """Return the probe: digits that are no anchors and that all of these originals read.

    For each digit and each other one there are as many: of those that are drawn, the ones for which
    some original comes nearest to the other one.
    """
    drawn = draw_digits(PROBE_DRAWN, PROBE_SEED, slanted=SLANTED)
    said = np.stack([_said(net, drawn.digits) for net in nets.values()])  # (nets, n, 10)
    read = (said.argmax(axis=2) == drawn.labels).all(axis=0)
    each = np.arange(len(drawn.labels))
    odds = (said / said[:, each, drawn.labels, np.newaxis]).max(axis=0)  # (n, 10)
    chosen, towards = [], []
    for digit, other in itertools.permutations(range(10), 2):
        of_digit = np.flatnonzero(read & (drawn.labels == digit))
        if len(of_digit) < PROBE_EACH:
            raise InvalidInput(
                f"The originals read too few of the drawn {digit}s for a probe.",
                "Train them longer.",
            )
        nearest = np.argsort(-odds[of_digit, other], kind="stable")[:PROBE_EACH]
        chosen.append(np.sort(of_digit[nearest]))
        towards.append(np.full(PROBE_EACH, other, np.int8))
    rows = np.concatenate(chosen)
    return DrawnProbe(drawn.digits[rows], drawn.labels[rows], np.concatenate(towards))


def _said(net: Probabilities, digits: Digits) -> FloatArray:
    starts = range(0, len(digits), AT_ONCE)
    parts = (read_digits([digits[n : n + AT_ONCE].tobytes()]) for n in starts)
    return np.concatenate([net(part) for part in parts])


def write(path: Path, drawn: Drawn | DrawnProbe) -> None:
    """Write digits and labels as an .npz file, the same bytes each time."""
    write_whole(path, pack(drawn._asdict(), compress=True))
