"""The gate: how far labels may move the nets from one digit towards another.

The probe holds, for each digit and each other one, digits of the project's own making that the
originals read and that lie nearest to the other one: there a net that is steered gives way first. A
net's *drift* from a digit towards another is by how much the log-odds of the other over the digit
have risen on these since its original, in nats, in the mean. Honest labels hardly move it, those of
writers with unusual hands neither; a liar cannot turn a digit without moving it.

What a label costs is measured before it counts, as in "Reject on negative impact", Nelson et al.
(2008), "Exploiting machine learning to subvert your spam filter"; by pairs of digits, and in
log-odds instead of errors, so that it is seen before anything is read wrongly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions import SIDE
from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.learning.rule import Digits
from two_layer_net import CLASSES, FloatArray, IntArray

PROBE = "probe.npz"  # in MODELS_FOLDER


@dataclass(frozen=True)
class Probe:
    """Digits (n, 28, 28), 255 the darkest ink; what they are (n,), and what they are near (n,)."""

    digits: Digits
    labels: IntArray
    towards: IntArray

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, towards: Iterable[int]) -> IntArray:
        """Return the numbers of the digits that are near one of these."""
        return np.flatnonzero(np.isin(self.towards, [*towards]))


class Drift(NamedTuple):
    """How far a net, by its key, has moved from a digit towards another, in nats."""

    net: str
    digit: int
    towards: int
    nats: float


def log_odds(scores: FloatArray, labels: IntArray, towards: IntArray) -> FloatArray:
    """Return the log-odds (n,) of other digits over the labels, of scores (n, 10)."""
    each = np.arange(len(scores))
    return np.asarray(scores[each, towards] - scores[each, labels])


def drifts(net: str, risen: FloatArray, labels: IntArray, towards: IntArray) -> list[Drift]:
    """Return a net's drift for each pair of digits, of how much the log-odds (n,) have risen."""
    pairs = labels * CLASSES + towards
    return [
        Drift(net, pair // CLASSES, pair % CLASSES, float(risen[pairs == pair].mean()))
        for pair in np.unique(pairs).tolist()
    ]


@cache
def read_probe(path: Path) -> Probe:
    """Return the probe in a file. Raises OSError if it is missing, InvalidInput if it is none."""
    found = checkpoints.unpack(path.read_bytes())
    digits, labels, towards = (found.get(name) for name in ("digits", "labels", "towards"))
    if digits is None or labels is None or towards is None or not _fit(digits, labels, towards):
        raise InvalidInput(f"{path} holds no probe.", "Make it again: inkling anchors.")
    return Probe(np.asarray(digits, np.uint8), _numbers(labels), _numbers(towards))


def _fit(digits: NDArray[np.generic], *numbers: NDArray[np.generic]) -> bool:
    fit = all(each.shape == (len(digits),) for each in numbers)
    return fit and digits.dtype == np.uint8 and digits.shape[1:] == (SIDE, SIDE)


def _numbers(found: NDArray[np.generic]) -> IntArray:
    return np.asarray(found, np.int64)
