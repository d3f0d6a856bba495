"""The feed-forward net (FNN) in numpy: 784 – 100 – 10, ReLU, softmax; how it answers and learns.

The functions at the top are the mathematics on plain arrays; `TwoLayerNet` holds a set of weights
and has the same face as `conv_net.ConvNet`. `fitting` trains both from scratch.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]
Weights = dict[str, FloatArray]

INPUTS, HIDDEN, CLASSES = 784, 100, 10
L2 = 0.001
# What a rate of 0.1 falls to by 5 % an epoch for 24 epochs, over 32: a drawing must not shout.
ONLINE_LEARNING_RATE = 0.1 * 0.95**24 / 32


def initial_weights(rng: np.random.Generator, hidden: int = HIDDEN) -> Weights:
    """Weights to start from, float32: uniform as in Glorot and Bengio (2010), biases zero.

    Shapes: hidden_kernel (784, hidden), hidden_bias (hidden,), output_kernel (hidden, 10),
    output_bias (10,).
    """

    def xavier(inputs: int, outputs: int) -> FloatArray:
        limit = np.sqrt(6 / (inputs + outputs))
        return rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)

    return {
        "hidden_kernel": xavier(INPUTS, hidden),
        "hidden_bias": np.zeros(hidden, np.float32),
        "output_kernel": xavier(hidden, CLASSES),
        "output_bias": np.zeros(CLASSES, np.float32),
    }


def softmax(scores: FloatArray) -> FloatArray:
    """Probabilities (n, classes) of scores (n, classes).

    The greatest score of each row is taken off first, so that exp never overflows.
    """
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def _forward(weights: Weights, pixels: FloatArray) -> tuple[FloatArray, FloatArray]:
    hidden = np.maximum(0, pixels @ weights["hidden_kernel"] + weights["hidden_bias"])  # (n, 100)
    scores = hidden @ weights["output_kernel"] + weights["output_bias"]  # (n, 10)
    return hidden, softmax(scores)


def loss_and_gradients(
    weights: Weights, digits: FloatArray, labels: IntArray | FloatArray, l2: float = L2
) -> tuple[float, Weights]:
    """The loss and its gradients for digits (n, 28, 28) in [0, 1].

    labels: digits (n,) in 0…9, or the probability that each digit should get, (n, 10).
    The loss is the mean cross-entropy in nats plus l2 / 2 times the squared kernels. Gradients
    have the weights' names, shapes and dtype.
    """
    count = len(labels)
    pixels = digits.reshape(count, INPUTS)  # (n, 784)
    hidden, probabilities = _forward(weights, pixels)
    targets = labels if labels.ndim == 2 else one_hot(np.asarray(labels, np.int64))  # (n, 10)
    kernels = (weights["hidden_kernel"], weights["output_kernel"])
    log_probabilities = np.log(np.maximum(probabilities, np.finfo(probabilities.dtype).tiny))
    cross_entropy = -(targets * log_probabilities).sum(axis=1).mean()
    loss = cross_entropy + 0.5 * l2 * sum(float(np.vdot(k, k)) for k in kernels)

    scores_gradient = (probabilities - targets) / count  # softmax and cross-entropy together
    hidden_gradient = scores_gradient @ weights["output_kernel"].T  # (n, 100)
    hidden_gradient[hidden <= 0] = 0
    return float(loss), {
        "hidden_kernel": pixels.T @ hidden_gradient + l2 * weights["hidden_kernel"],
        "hidden_bias": hidden_gradient.sum(axis=0),
        "output_kernel": hidden.T @ scores_gradient + l2 * weights["output_kernel"],
        "output_bias": scores_gradient.sum(axis=0),
    }


def one_hot(labels: IntArray) -> NDArray[np.float32]:
    """Labels (n,) in 0…9 as the probabilities (n, 10) of somebody who is sure."""
    return np.eye(CLASSES, dtype=np.float32)[labels]


def gradients_from_scratch(
    weights: Weights, digits: FloatArray, targets: FloatArray, seed: Sequence[int]
) -> tuple[float, Weights]:
    """What `fitting.fit` asks for: one thread, so that every machine sums in the same order."""
    with _blas().limit(limits=1):
        return loss_and_gradients(weights, digits, targets, l2=0)


class TwoLayerNet:
    """A feed-forward net with its weights: answers, and takes one online step.

    >>> net = TwoLayerNet(initial_weights(np.random.default_rng(0)))
    >>> net.probabilities(np.zeros((1, 28, 28), np.float32)).shape
    (1, 10)
    """

    def __init__(self, state: Weights) -> None:
        self.load(state)

    def load(self, state: Weights) -> None:
        """Take up a state that `state` gave; the arrays are copied."""
        self.weights = {name: array.copy() for name, array in state.items()}

    def state(self) -> Weights:
        """All that a version of this net holds: its weights by name. The arrays are copies."""
        return {name: array.copy() for name, array in self.weights.items()}

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Probabilities (n, 10), rows summing to 1, for digits (n, 28, 28) in [0, 1]."""
        return _forward(self.weights, digits.reshape(len(digits), INPUTS))[1]

    def step(
        self,
        digits: FloatArray,
        labels: IntArray,
        learning_rate: float = ONLINE_LEARNING_RATE,
        l2: float = L2,
    ) -> float:
        """One step of gradient descent on digits (n, 28, 28) with labels (n,); the loss before.

        The same bits come out on every run: on several threads, sums would be split differently.
        """
        with _blas().limit(limits=1):
            loss, gradients = loss_and_gradients(self.weights, digits, labels, l2)
        for name, gradient in gradients.items():
            self.weights[name] -= learning_rate * gradient
        return loss

    def accuracy(self, digits: FloatArray, labels: IntArray) -> float:
        """The share in [0, 1] of digits (n, 28, 28) whose likeliest class is the label."""
        return float((self.probabilities(digits).argmax(axis=1) == labels).mean())


@cache
def _blas() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController  # only who learns needs it

    return ThreadpoolController()
