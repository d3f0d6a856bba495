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


def lengths_along(stroke: FloatArray) -> NDArray[np.float64]:
    """Return how far along a stroke (2, n) each of its points lies (n,)."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke)))])


def points_along(stroke: FloatArray, at: NDArray[np.float64]) -> FloatArray:
    """Return the points (2, m), float32, that lie so far along a stroke (2, n)."""
    along = lengths_along(stroke)
    return np.stack([np.interp(at, along, axis) for axis in stroke]).astype(np.float32)


class Labelled(Protocol):
    """A drawing, an image: whatever somebody says the digit of."""

    @property
    def digit(self) -> int: ...


def labels_of(labelled: Iterable[Labelled]) -> Labels:
    """Return the digits (n,) that drawings or images show."""
    return np.array([one.digit for one in labelled], dtype=np.int64)
