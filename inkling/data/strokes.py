"""Pen strokes: a digit as its writer moved the pen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StrokeDrawing:
    """A digit as its writer moved the pen.

    strokes: one float32 array (2, n) for each time the pen was down, x to the right in its first
    row and y downwards in its second, in any unit.
    """

    digit: int
    writer: str
    strokes: list[FloatArray]


class Labelled(Protocol):
    """A drawing, an image: whatever somebody says the digit of."""

    @property
    def digit(self) -> int: ...


def labels_of(labelled: Iterable[Labelled]) -> Labels:
    """Return the digits (n,) that drawings or images show."""
    return np.array([one.digit for one in labelled], dtype=np.int64)
