"""The feed-forward net (FNN) in numpy: 784 – 100 – 10, ReLU, softmax; how it answers and learns.

The functions at the top are the mathematics on plain arrays; `TwoLayerNet` holds a set of weights
and has the same face as `conv_net.ConvNet`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
BATCH_SIZE = 24
LEARNING_RATE, DECAY, L2 = 0.1, 0.95, 0.001
# What is left of the rate after 24 epochs, over 32: a single drawing must not shout.
ONLINE_LEARNING_RATE = LEARNING_RATE * DECAY**24 / 32


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
    weights: Weights, digits: FloatArray, labels: IntArray, l2: float = L2
) -> tuple[float, Weights]:
    """The loss and its gradients for digits (n, 28, 28) in [0, 1] and labels (n,) in 0…9.

    The loss is the mean cross-entropy in nats plus l2 / 2 times the squared kernels. Gradients
    have the weights' names, shapes and dtype.
    """
    count = len(labels)
    pixels = digits.reshape(count, INPUTS)  # (n, 784)
    hidden, probabilities = _forward(weights, pixels)
    chosen = probabilities[np.arange(count), labels]
    kernels = (weights["hidden_kernel"], weights["output_kernel"])
    cross_entropy = -np.log(np.maximum(chosen, np.finfo(chosen.dtype).tiny)).mean()
    loss = cross_entropy + 0.5 * l2 * sum(float(np.vdot(k, k)) for k in kernels)

    scores_gradient = probabilities.copy()  # (n, 10): softmax and cross-entropy together
    scores_gradient[np.arange(count), labels] -= 1
    scores_gradient /= count
    hidden_gradient = scores_gradient @ weights["output_kernel"].T  # (n, 100)
    hidden_gradient[hidden <= 0] = 0
    return float(loss), {
        "hidden_kernel": pixels.T @ hidden_gradient + l2 * weights["hidden_kernel"],
        "hidden_bias": hidden_gradient.sum(axis=0),
        "output_kernel": hidden.T @ scores_gradient + l2 * weights["output_kernel"],
        "output_bias": scores_gradient.sum(axis=0),
    }


@dataclass
class History:
    """What training went through, one entry an epoch: mean loss, and accuracies in [0, 1]."""

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)


class TwoLayerNet:
    """A feed-forward net with its weights: answers, takes one online step, trains from scratch.

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

    @classmethod
    def train(
        cls,
        epoch_of: Callable[[int], tuple[FloatArray, IntArray]],
        validation: tuple[FloatArray, IntArray],
        *,
        epochs: int = 25,
        decay: float = DECAY,
        l2: float = L2,
        seed: int = 0,
        report: Callable[[int, History], None] = lambda epoch, history: None,
    ) -> tuple["TwoLayerNet", History]:
        """Train from scratch: mini-batches of 24, rate 0.1 that falls by `decay` an epoch.

        `epoch_of(epoch)` gives the digits (n, 28, 28) and labels (n,) of that epoch, so that each
        may be augmented afresh. `report` is called after every epoch.
        """
        rng = np.random.default_rng(seed)
        net, history = cls(initial_weights(rng)), History()
        for epoch in range(epochs):
            digits, labels = epoch_of(epoch)
            rate = LEARNING_RATE * decay**epoch
            losses = [
                net.step(digits[batch], labels[batch], rate, l2)
                for batch in batches(rng, len(labels))
            ]
            history.loss.append(float(np.mean(losses)))
            history.accuracy.append(net.accuracy(digits, labels))
            history.validation_accuracy.append(net.accuracy(*validation))
            report(epoch, history)
        return net, history


@cache
def _blas() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController  # only who learns needs it

    return ThreadpoolController()


def batches(rng: np.random.Generator, count: int, size: int = BATCH_SIZE) -> Iterator[IntArray]:
    """Indices of 0…count−1 in random order, in batches of `size`; the last one may be smaller."""
    order = rng.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]
