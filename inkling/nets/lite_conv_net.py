"""The CNN without TensorFlow: its convolutions in LiteRT, its dense layers in numpy.

It answers, and learns as far as its dense layers do: the convolutions stay. As these are two layers
with a ReLU between them, `TwoLayerNet` is what asks and moves them.
"""

from collections.abc import Callable

import numpy as np

from inkling.nets.litert import Convolutions
from two_layer_net import (
    MEAN,
    SQUARE,
    STEPS,
    Batch,
    FloatArray,
    TwoLayerNet,
    Weights,
)

CONVOLUTIONS = ("conv1_kernel", "conv1_bias", "conv2_kernel", "conv2_bias")
DENSE = {  # the CNN's names by those of a TwoLayerNet
    "hidden_kernel": "dense_kernel",
    "hidden_bias": "dense_bias",
    "output_kernel": "output_kernel",
    "output_bias": "output_bias",
}
FEATURES_KEPT = 4096  # digits whose features stay in memory, 6 kB each


class LiteConvNet:
    """A CNN with its weights and Adam's part: answers, and takes online steps.

    It has the same face as `TwoLayerNet`. Not safe for several threads at once.
    """

    def __init__(self, graph: bytes, state: Weights) -> None:
        """Take the convolutions' graph, and a state as `state` gives or `conv_net.ConvNet` has it.

        Raises InvalidInput for bytes that are no such graph.
        """
        self._graph = graph
        self._known: dict[bytes, FloatArray] = {}  # features of digits, the oldest first
        self._take_convolutions(state)
        self._dense = TwoLayerNet(_dense_part(state))

    def _take_convolutions(self, state: Weights) -> None:
        weights = {name: state[name] for name in CONVOLUTIONS}
        self.convolutions = Convolutions(self._graph, weights)
        self._known.clear()

    def load(self, state: Weights) -> None:
        """Take up another state, in place."""
        if not self.convolutions.have(state):
            self._take_convolutions(state)
        self._dense.load(_dense_part(state))

    def state(self) -> Weights:
        """Return all that a version of this net holds, by name, as copies: weights, Adam's part."""
        dense = self._dense.state()
        found = {name: array.copy() for name, array in self.weights.items()}
        for prefix in (MEAN, SQUARE):
            for name, ours in DENSE.items():
                if prefix + name in dense:
                    found[prefix + ours] = dense[prefix + name].T
        return found | ({STEPS: dense[STEPS]} if STEPS in dense else {})

    @property
    def weights(self) -> Weights:
        """The weights by name, not copied."""
        dense = {ours: self._dense.weights[name].T for name, ours in DENSE.items()}
        return self.convolutions.weights | dense

    @property
    def steps(self) -> int:
        """How many steps Adam has made."""
        return self._dense.steps

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Return probabilities (n, 10), rows summing to 1, for digits (n, 28, 28) in [0, 1]."""
        return self.answers(self.features(digits))

    def features(self, digits: FloatArray) -> FloatArray:
        """Return what the dense layers see, (n, 1568), of digits (n, 28, 28) in [0, 1]."""
        return self.convolutions(digits)

    def sees_as(self, other: "LiteConvNet") -> bool:
        """Whether another net has the same features of every digit."""
        return self.convolutions.have(other.convolutions.weights)

    def known_features(self, digits: FloatArray) -> FloatArray:
        """Return `features` of digits that come again and again; keep what was made last."""
        return np.concatenate([self._known_features_of(digit[np.newaxis]) for digit in digits])

    def _known_features_of(self, digit: FloatArray) -> FloatArray:
        key = digit.tobytes()
        if key not in self._known:
            if len(self._known) >= FEATURES_KEPT:
                del self._known[next(iter(self._known))]
            self._known[key] = self.features(digit)
        return self._known[key]

    def answers(self, features: FloatArray) -> FloatArray:
        """Return probabilities (n, 10), rows summing to 1, of features (n, 1568)."""
        return self._dense.answers(features)

    def scores(self, features: FloatArray) -> FloatArray:
        """Return scores (n, 10) before the softmax, of features (n, 1568)."""
        return self._dense.scores(features)

    def scorer(self, state: Weights) -> Callable[[FloatArray], FloatArray]:
        """Return what gives scores (n, 10) of features (n, 1568) by other weights, for good."""
        return self._dense.scorer(_dense_part(state))

    def learn(self, batch: Batch, rate: float) -> float:
        """Take one step of Adam on a batch, the same bits on every run; return the loss before.

        Convolutions stay.
        """
        return self._dense.learn(batch, rate)


def _dense_part(state: Weights) -> Weights:
    """Return what a CNN's state has for its dense layers, by a TwoLayerNet's names, not copied.

    A CNN's kernels lie as (outputs, inputs), a TwoLayerNet's as (inputs, outputs).
    """
    found = {
        prefix + name: state[prefix + ours].T
        for prefix in ("", MEAN, SQUARE)
        for name, ours in DENSE.items()
        if prefix + ours in state
    }
    return found | ({STEPS: state[STEPS]} if STEPS in state else {})
