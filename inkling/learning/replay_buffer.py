"""The learned drawings as the nets remember them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from functions import SIDE
from inkling.errors import InklingError
from inkling.records import Drawing, Example, LearnedDigit
from inkling.rejections import Rejection
from two_layer_net import FloatArray, IntArray


class CannotLearn(InklingError):
    """A drawing that the nets cannot learn from: a fault of the data. They may be half changed."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.for_operator())
        self.rejection = rejection


class Refused(CannotLearn):
    """A drawing that the nets should not learn from. Nothing was changed."""


class Earlier(Protocol):
    """Learned drawings in the order of their lessons, wherever they are kept."""

    def __len__(self) -> int: ...
    def read(self, chosen: Sequence[int]) -> Mapping[int, Example]:
        """Return the drawings with these numbers, from 0, by number."""


class InMemory:
    """Learned drawings that are kept in memory: some 800 bytes each."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self._examples = list(examples)

    def __len__(self) -> int:
        return len(self._examples)

    def read(self, chosen: Sequence[int]) -> Mapping[int, Example]:
        """Return the drawings with these numbers, from 0, by number."""
        return {number: self._examples[number] for number in chosen}


class ReplayBuffer:
    """The learned drawings in the order of their lessons: those of before, and what is new.

    >>> memory = ReplayBuffer(InMemory([Example(3, bytes(784))]))
    >>> memory.remember(Example(4, bytes(784)))
    >>> [example.label for example in memory.examples(np.array([1, 0, 1]))]
    [4, 3, 4]
    """

    def __init__(self, earlier: Earlier | None = None) -> None:
        self._earlier: Earlier = InMemory([]) if earlier is None else earlier
        self._new: list[Example] = []
        self._asked, self._found = b"", list[Example]()  # the last time

    def __len__(self) -> int:
        return len(self._earlier) + len(self._new)

    def remember(self, seen: Example) -> None:
        """Add the drawing that was learned last."""
        self._new.append(seen)

    def let_go(self) -> None:
        """Let go of what was remembered: those of before are to have it from now on."""
        self._new.clear()

    def examples(self, chosen: IntArray) -> list[Example]:
        """Return the drawings with these numbers, from 0: read once for all nets of a lesson."""
        if (asked := chosen.tobytes()) != self._asked:
            numbers, count = chosen.tolist(), len(self._earlier)
            earlier = self._earlier.read(sorted({n for n in numbers if n < count}))
            self._found = [earlier[n] if n < count else self._new[n - count] for n in numbers]
            self._asked = asked
        return self._found


def example_of(drawing: Drawing | LearnedDigit) -> Example:
    """Return a row as the nets remember it."""
    return Example(drawing.label, drawing.digit)


def read_digits(content: Iterable[bytes]) -> FloatArray:
    """Return digits (n, 28, 28), float32 in [0, 1], of what the journal keeps of each."""
    levels = np.frombuffer(b"".join(content), np.uint8).reshape(-1, SIDE, SIDE)
    return levels.astype(np.float32) / np.float32(255)
