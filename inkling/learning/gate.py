"""The gate: what a step may cost on the probe before the nets that it made are published.

The probe is a fixed set of digits that the originals read without an error. A net is scored on it
against its original: what many small steps cost together counts, not only what the last one did.
Holding new weights back until they did well beside the old ones on a held-out set is common when
models are deployed ("champion and challenger"); the probe makes it cheap enough for every label.
"""

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
from inkling.nets.registry import NETWORKS
from inkling.rejections import Code, Rejection
from two_layer_net import FloatArray, IntArray, softmax

PROBE = "probe.npz"  # in MODELS_FOLDER
ERRORS = 0.03  # the share of the probe that a net may read wrongly, and its original does not
LOSS = 0.1  # nats by which its mean cross-entropy may exceed its original's


@dataclass(frozen=True)
class Probe:
    """Digits (n, 28, 28), 255 the darkest ink, and what they are (n,)."""

    digits: Digits
    labels: IntArray

    def __len__(self) -> int:
        return len(self.labels)


class Score(NamedTuple):
    """How a net does on the probe."""

    errors: int  # digits that it reads wrongly
    loss: float  # mean cross-entropy in nats


def score(scores: FloatArray, labels: IntArray) -> Score:
    """Return how scores (n, 10) before the softmax do beside the labels (n,)."""
    said = softmax(scores)
    own = said[np.arange(len(labels)), labels]
    loss = float(-np.log(np.maximum(own, np.finfo(np.float32).tiny)).mean())
    return Score(int((said.argmax(axis=1) != labels).sum()), loss)


def objection(net: str, original: Score, last: Score, now: Score, count: int) -> Rejection | None:
    """Return why a net with this score on `count` digits must not be published; None if it may.

    Beyond the margin around its original a net may still get better than it was `last`: else liars
    who brought it there would have silenced everybody.
    """
    errors = max(original.errors + ERRORS * count, last.errors)
    loss = max(original.loss + LOSS, last.loss)
    if now.errors <= errors and now.loss <= loss:  # no NaN passes
        return None
    dearer = now.loss - original.loss
    figures = {"net": NETWORKS[net].title, "errors": now.errors, "count": count, "loss": dearer}
    return Rejection(Code.TOO_COSTLY, figures)


@cache
def read_probe(path: Path) -> Probe:
    """Return the probe in a file. Raises OSError if it is missing, InvalidInput if it is none."""
    found = checkpoints.unpack(path.read_bytes())
    digits, labels = found.get("digits"), found.get("labels")
    if not _fit(digits, labels):
        raise InvalidInput(f"{path} holds no probe.", "Make it again: inkling anchors.")
    return Probe(np.asarray(digits, np.uint8), np.asarray(labels, np.int64))


def _fit(digits: NDArray[np.generic] | None, labels: NDArray[np.generic] | None) -> bool:
    if digits is None or labels is None or digits.dtype != np.uint8:
        return False
    return digits.shape == (len(labels), SIDE, SIDE)
