"""Drawings of the project's own generator, for training beside people's."""

import numpy as np

from inkling.data.strokes import StrokeDrawing
from inkling.pretraining.synthetic_digits import shape
from inkling.pretraining.unusual_digits import KINDS, unusual_shape

WRITER = "generated"
COUNT = 4500  # beside some 14,000 drawings by people
SEED = 13


def generated_drawings(count: int = COUNT, seed: int = SEED) -> list[StrokeDrawing]:
    """Return digits, a third in usual ways, the others in all unusual kinds evenly.

    They are the same for a count and a seed.
    """
    kinds = [*KINDS]
    usual = count // 3
    found = []
    for number in range(usual):
        rng = np.random.default_rng([seed, 0, number])
        found.append(StrokeDrawing(number % 10, WRITER, shape(number % 10, rng)))
    for number in range(count - usual):
        rng = np.random.default_rng([seed, 1, number])
        kind = kinds[number % len(kinds)]
        strokes = unusual_shape(kind, rng)
        found.append(StrokeDrawing(KINDS[kind].digit, WRITER, strokes))
    return found
