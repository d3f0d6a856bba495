"""Letters by hand that no digit looks like, as strokes; the tests have others."""

from collections.abc import Mapping

import numpy as np

from inkling.pretraining.junk_parts import moved
from inkling.pretraining.synthetic_digits import Strokes, arc, line

Rng = np.random.Generator

LETTERS: Mapping[str, Strokes] = {
    "A": [line((0, 100), (38, 0), (76, 100)), line((14, 62), (62, 62))],
    "E": [line((60, 0), (0, 0), (0, 100), (60, 100)), line((0, 48), (48, 48))],
    "H": [line((0, 0), (0, 100)), line((66, 0), (66, 100)), line((0, 50), (66, 50))],
    "K": [line((0, 0), (0, 100)), line((60, 0), (0, 55), (62, 100))],
    "N": [line((0, 100), (0, 0), (64, 100), (64, 0))],
    "R": [line((0, 100), (0, 0)), arc(10, 26, 44, 26, -110, 110), line((16, 52), (60, 100))],
    "W": [line((0, 0), (22, 100), (46, 30), (70, 100), (92, 0))],
    "X": [line((0, 0), (70, 100)), line((70, 0), (0, 100))],
    "h": [line((0, 0), (0, 100)), arc(28, 72, 28, 26, 180, 360), line((56, 72), (56, 100))],
    "k": [line((0, 0), (0, 100)), line((46, 42), (0, 74), (50, 100))],
    "m": [
        line((0, 40), (0, 100)),
        *(arc(x, 66, 22, 26, 180, 360) for x in (22, 66)),
        *(line((x, 66), (x, 100)) for x in (44, 88)),
    ],
    "t": [line((30, 0), (30, 86), (44, 100), (60, 94)), line((4, 30), (60, 30))],
    "w": [line((0, 40), (20, 100), (40, 50), (60, 100), (80, 40))],
    "x": [line((0, 40), (56, 100)), line((56, 40), (0, 100))],
}


def letter_by_hand(rng: Rng) -> Strokes:
    """Return a letter that no digit looks like."""
    return LETTERS[str(rng.choice([*LETTERS]))]


def letters_by_hand(rng: Rng) -> Strokes:
    """Return two to four such letters in a row."""
    count = int(rng.integers(2, 5))
    return [s for at in range(count) for s in moved(letter_by_hand(rng), 105 * at, 0)]
