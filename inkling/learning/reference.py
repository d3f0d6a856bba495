"""What a net is taught beside drawings: its original, anchors, and the probe it is measured by."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.learning import gate
from inkling.learning.replay_buffer import read_digits
from inkling.learning.rule import Anchors, Digits
from inkling.nets.registry import Net
from two_layer_net import FloatArray

ANCHORS = "anchors.npz"  # in MODELS_FOLDER
AT_ONCE = 100  # digits


@dataclass(frozen=True)
class Reference:
    """What a net learns from beside a drawing: the original's scores, and its anchors.

    And what it is measured by: the probe's features (n, d), and the log-odds (n,) there that the
    original gives the digits that the probe's are near.
    """

    original: Callable[[FloatArray], FloatArray]
    anchors: Anchors
    probe: FloatArray
    before: FloatArray


def make_reference(
    net: Net, original: checkpoints.Arrays, anchors: Digits, probe: gate.Probe
) -> Reference:
    """Return what this net is taught by its original; leave the net as it is.

    Convolutions do not move under a rule, so that the features hold for good.
    """
    state, scores = net.state(), net.scorer(original)
    net.load(original)
    features, probed = _features(net, anchors), _features(net, probe.digits)
    net.load(state)
    before = gate.log_odds(scores(probed), probe.labels, probe.towards)
    return Reference(scores, Anchors(features, scores(features)), probed, before)


def _features(net: Net, digits: Digits) -> FloatArray:
    """Return a net's features (n, d) of digits; what is made on the way stays small."""
    first = net.features(read_digits([digits[:AT_ONCE].tobytes()]))
    found = np.empty((len(digits), first.shape[1]), first.dtype)
    found[:AT_ONCE] = first
    for start in range(AT_ONCE, len(digits), AT_ONCE):
        part = digits[start : start + AT_ONCE]
        found[start : start + AT_ONCE] = net.features(read_digits([part.tobytes()]))
    return found


@cache
def read_anchors(path: Path) -> Digits:
    """Return the anchors (n, 28, 28), 255 the darkest ink, in a file.

    Raises OSError where the file is missing, InvalidInput where it holds none.
    """
    found = checkpoints.unpack(path.read_bytes()).get("digits")
    if found is None:
        raise InvalidInput(f"{path} holds no anchors.", "Make it again: inkling anchors.")
    return np.asarray(found, np.uint8)
