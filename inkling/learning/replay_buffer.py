"""The learned drawings as the nets remember them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from functions import SIDE
from inkling.errors import InklingError
from inkling.records import Drawing, LearnedDigit
from inkling.rejections import Rejection
from two_layer_net import FloatArray, IntArray


class CannotLearn(InklingError):
    """A drawing that the nets cannot learn from: a fault of the data. They may be half changed."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.for_operator())
        self.rejection = rejection


class Refused(CannotLearn):
    """A drawing that the nets should not learn from. Nothing was changed."""


@dataclass(frozen=True)
class Example:
    """A learned drawing as the nets remember it: its label, and 28×28 bytes of what they saw."""

    label: int
    digit: bytes


class ReplayBuffer:
    """The learned drawings in the order of their lessons.

    >>> memory = ReplayBuffer([Example(3, bytes(784))])
    >>> memory.remember(Example(4, bytes(784)))
    >>> memory.labels(np.array([1, 0, 1])).tolist()
    [4, 3, 4]
    """

    def __init__(self, earlier: Iterable[Example] = ()) -> None:
        self._seen = list(earlier)

    def __len__(self) -> int:
        return len(self._seen)

    def __iter__(self) -> Iterator[Example]:
        return iter(self._seen)

    def remember(self, seen: Example) -> None:
        """Add the drawing that was learned last."""
        self._seen.append(seen)

    def digits(self, chosen: IntArray) -> list[bytes]:
        """Return the digits, 784 bytes each, of the drawings with these numbers, from 0."""
        return [self._seen[n].digit for n in chosen]

    def labels(self, chosen: IntArray) -> IntArray:
        """Return the labels (n,) of the drawings with these numbers, from 0."""
        return np.array([self._seen[n].label for n in chosen], np.int64)


def example_of(drawing: Drawing | LearnedDigit) -> Example:
    """Return a row as the nets remember it."""
    return Example(drawing.label, drawing.digit)


def read_digits(content: Iterable[bytes]) -> FloatArray:
    """Return digits (n, 28, 28), float32 in [0, 1], of what the journal keeps of each."""
    levels = np.frombuffer(b"".join(content), np.uint8).reshape(-1, SIDE, SIDE)
    return levels.astype(np.float32) / np.float32(255)
