"""The feed-forward net (FNN) in numpy: 784 – 100 – 10, ReLU, softmax; how it answers and learns.

The functions at the top are the mathematics on plain arrays; `TwoLayerNet` holds a set of weights
and has the same face as `conv_net.ConvNet`. `inkling.pretraining.fit` trains both from scratch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
LEARNED = ("hidden_kernel", "hidden_bias", "output_kernel", "output_bias")  # by `learn`
AT_ONCE = 32_768  # weights that Adam moves at once: what a processor's cache holds
ADAM_MOMENTUM, ADAM_DECAY, ADAM_EPSILON = 0.9, 0.999, 1e-7  # as in Kingma and Ba (2015)
# What a state names the optimizer's parts: `checkpoints.parts` stores apart what begins so.
OPTIMIZER, MEAN, SQUARE, STEPS = (
    "velocity_",
    "velocity_mean_",
    "velocity_square_",
    "velocity_steps",
)


@dataclass(frozen=True)
class Batch:
    """What one step under a rule learns from; `learning.rule.make_batch` makes it.

    features: (n, d), what the layers that learn see. targets: the probabilities (n, 10) that each
    row should get, weight: (n,) what its cross-entropy counts. scores: (n, 10) that a row should
    have, pull: (n,) what its squared distance to them counts.
    """

    features: FloatArray
    targets: FloatArray
    weight: FloatArray
    scores: FloatArray
    pull: FloatArray


def initial_weights(rng: np.random.Generator, hidden: int = HIDDEN) -> Weights:
    """Return weights to start from, float32: uniform as in Glorot and Bengio (2010), biases zero.

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
    """Return probabilities (n, classes) of scores (n, classes).

    The greatest score of each row is taken off first, so that exp never overflows.
    """
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def _hidden(weights: Weights, pixels: FloatArray) -> FloatArray:
    hidden = np.maximum(0, pixels @ weights["hidden_kernel"] + weights["hidden_bias"])
    return np.asarray(hidden)  # (n, 100)


def _forward(weights: Weights, pixels: FloatArray) -> tuple[FloatArray, FloatArray]:
    hidden = _hidden(weights, pixels)
    scores = hidden @ weights["output_kernel"] + weights["output_bias"]  # (n, 10)
    return hidden, softmax(scores)


def _scores(weights: Weights, features: FloatArray) -> FloatArray:
    with _blas().limit(limits=1):
        hidden = _hidden(weights, features)
        return np.asarray(hidden @ weights["output_kernel"] + weights["output_bias"])


def loss_and_gradients(
    weights: Weights, digits: FloatArray, labels: IntArray | FloatArray, l2: float = L2
) -> tuple[float, Weights]:
    """Return the loss and its gradients for digits (n, 28, 28) in [0, 1].

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


def batch_loss_and_gradients(weights: Weights, batch: Batch) -> tuple[float, Weights]:
    """Return the loss of a batch and its gradients, with the weights' names, shapes and dtype.

    The loss is the weighted sum of the rows' cross-entropies in nats and squared score distances.
    """
    hidden = _hidden(weights, batch.features)
    scores = hidden @ weights["output_kernel"] + weights["output_bias"]  # (n, 10)
    probabilities, distance = softmax(scores), scores - batch.scores
    log_probabilities = np.log(np.maximum(probabilities, np.finfo(probabilities.dtype).tiny))
    cross_entropy = -(batch.targets * log_probabilities).sum(axis=1)
    loss = batch.weight @ cross_entropy + batch.pull @ (distance**2).sum(axis=1)

    scores_gradient = batch.weight[:, np.newaxis] * (probabilities - batch.targets)
    scores_gradient += 2 * batch.pull[:, np.newaxis] * distance
    hidden_gradient = scores_gradient @ weights["output_kernel"].T  # (n, 100)
    hidden_gradient[hidden <= 0] = 0
    return float(loss), {
        "hidden_kernel": _kernel_gradient(
            batch.features, hidden_gradient, weights["hidden_kernel"]
        ),
        "hidden_bias": hidden_gradient.sum(axis=0),
        "output_kernel": _kernel_gradient(hidden, scores_gradient, weights["output_kernel"]),
        "output_bias": scores_gradient.sum(axis=0),
    }


def _kernel_gradient(inputs: FloatArray, gradient: FloatArray, kernel: FloatArray) -> FloatArray:
    """Return a kernel's gradient (inputs, outputs), laid out in memory as the kernel is."""
    if kernel.flags.c_contiguous:
        return np.asarray(inputs.T @ gradient)
    return np.asarray((gradient.T @ inputs).T)


class Adam:
    """Adam on some of a net's arrays, as in Kingma and Ba (2015), and what it stores of itself."""

    def __init__(self, state: Weights) -> None:
        """Go on from a state that holds Adam's part; start at zero from one that does not."""
        self.steps = int(state.get(STEPS, np.zeros(()))[()])
        self._mean = {n: _part(state, MEAN, n) for n in LEARNED}
        self._square = {n: _part(state, SQUARE, n) for n in LEARNED}

    def state(self) -> Weights:
        """Return copies of Adam's arrays by name; nothing before the first step."""
        if not self.steps:
            return {}
        means = {MEAN + name: _copy(array) for name, array in self._mean.items()}
        squares = {SQUARE + name: _copy(array) for name, array in self._square.items()}
        return means | squares | {STEPS: np.array(self.steps, np.float64)}

    def step(self, weights: Weights, gradients: Weights, rate: float) -> None:
        """Move the weights in place."""
        self.steps += 1
        unbiased = np.sqrt(1 - ADAM_DECAY**self.steps) / (1 - ADAM_MOMENTUM**self.steps)
        for name in LEARNED:
            arrays = weights[name], self._mean[name], self._square[name], gradients[name]
            flat = [array.ravel(order="K") for array in arrays]  # views: each is in one piece
            for start in range(0, flat[0].size, AT_ONCE):
                weight, mean, square, gradient = (part[start : start + AT_ONCE] for part in flat)
                _adam_step(weight, mean, square, gradient, rate * unbiased)


def _adam_step(
    weight: FloatArray, mean: FloatArray, square: FloatArray, gradient: FloatArray, rate: float
) -> None:
    """Move a piece of the weights and of both averages, all (n,), in place."""
    room = gradient - mean
    room *= np.float32(1 - ADAM_MOMENTUM)
    mean += room
    np.multiply(gradient, gradient, out=room)
    room -= square
    room *= np.float32(1 - ADAM_DECAY)
    square += room
    np.sqrt(square, out=room)
    room += np.float32(ADAM_EPSILON)
    np.divide(mean, room, out=room)
    room *= np.float32(rate)
    weight -= room


def _part(state: Weights, prefix: str, name: str) -> FloatArray:
    return _copy(state[prefix + name]) if prefix + name in state else np.zeros_like(state[name])


def _copy(array: FloatArray) -> FloatArray:
    """Return a copy that lies in memory as the array does, transposed or not."""
    return array.copy(order="K")


def one_hot(labels: IntArray) -> NDArray[np.float32]:
    """Return labels (n,) in 0…9 as the probabilities (n, 10) of somebody who is sure."""
    return np.eye(CLASSES, dtype=np.float32)[labels]


def gradients_from_scratch(
    weights: Weights, digits: FloatArray, targets: FloatArray, seed: Sequence[int]
) -> tuple[float, Weights]:
    """Return what `fit.fit` asks for, on one thread: every machine sums in the same order."""
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
        kept = {name: array for name, array in state.items() if not name.startswith(OPTIMIZER)}
        self.weights = {name: _copy(array) for name, array in kept.items()}
        self._adam: Adam | None = None
        self._stored = {name: _copy(array) for name, array in state.items() if name not in kept}

    def state(self) -> Weights:
        """Return all that a version of this net holds, by name, as copies: weights, Adam's part."""
        optimizer = self._adam.state() if self._adam else self._stored
        return {name: _copy(array) for name, array in {**self.weights, **optimizer}.items()}

    @property
    def adam(self) -> Adam:
        """Adam as the loaded state left it; a net that only answers needs none."""
        if self._adam is None:
            self._adam = Adam({**self.weights, **self._stored})
        return self._adam

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Return probabilities (n, 10), rows summing to 1, for digits (n, 28, 28) in [0, 1]."""
        return self.answers(self.features(digits))

    def answers(self, features: FloatArray) -> FloatArray:
        """Return probabilities (n, 10), rows summing to 1, of features (n, 784)."""
        return _forward(self.weights, features)[1]

    def features(self, digits: FloatArray) -> FloatArray:
        """Return what the layers that learn see, (n, 784), of digits (n, 28, 28) in [0, 1]."""
        return digits.reshape(len(digits), INPUTS)

    known_features = features  # nothing is gained by keeping them

    def sees_as(self, other: "TwoLayerNet") -> bool:
        """Whether another net has the same features of every digit: it has."""
        return True

    def scorer(self, state: Weights) -> Callable[[FloatArray], FloatArray]:
        """Return what gives scores (n, 10) of features (n, 784) by other weights, for good."""
        weights = {name: _copy(state[name]) for name in LEARNED}
        return lambda features: _scores(weights, features)

    def scores(self, features: FloatArray) -> FloatArray:
        """Return scores (n, 10) before the softmax, of features (n, 784)."""
        return _scores(self.weights, features)

    @property
    def steps(self) -> int:
        """How many steps Adam has made."""
        return self.adam.steps

    def learn(self, batch: Batch, rate: float) -> float:
        """Take one step of Adam on a batch, the same bits on every run; return the loss before."""
        with _blas().limit(limits=1):
            loss, gradients = batch_loss_and_gradients(self.weights, batch)
        self.adam.step(self.weights, gradients, rate)
        return loss

    def step(
        self,
        digits: FloatArray,
        labels: IntArray,
        learning_rate: float = ONLINE_LEARNING_RATE,
        l2: float = L2,
    ) -> float:
        """Take a step of gradient descent on digits (n, 28, 28) with labels (n,).

        Return the loss before it. The same bits come out on every run: on several threads, sums
        would be split differently.
        """
        with _blas().limit(limits=1):
            loss, gradients = loss_and_gradients(self.weights, digits, labels, l2)
        for name, gradient in gradients.items():
            self.weights[name] -= learning_rate * gradient
        return loss


@cache
def _blas() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController  # only who learns needs it

    return ThreadpoolController()
