"""Weights from scratch: mini-batches, Adam, averaged weights, and checkpoints to go on from.

Knows nothing of either net but its gradients, nor of where digits come from.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.files import write_whole

Weights = checkpoints.Arrays
FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]

MOMENT, VARIANCE, EPSILON = 0.9, 0.999, 1e-7  # Adam's decays, as in the paper
SAMPLE = 10_000  # digits of an epoch that its training accuracy is measured on


@dataclass(frozen=True)
class Recipe:
    """How a net is trained. What `inkling search` varies, and a history file keeps.

    learning_rate: Adam's greatest; it rises to it over `warm_up` steps and falls to 0 along half
    a cosine. l2: times half the squared kernels is added to the loss. averaging: decay a step of
    the weights' moving average, which is what training gives. hidden: units of the FNN's hidden
    layer. dropout: the CNN's, after its first pool, its second pool and its dense layer.
    warping: the strength with which MNIST's digits are warped. renderings: how many of each pen
    drawing there are in an epoch.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    averaging: float
    warping: float
    renderings: int
    l2: float = 0.0
    warm_up: int = 300
    hidden: int = 100
    dropout: tuple[float, ...] = (0.1, 0.2, 0.4)

    def to_json(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return asdict(self) | {"dropout": list(self.dropout)}

    def rate(self, done: float, step: int) -> float:
        """Return the learning rate at a step when a share in [0, 1] of all steps is done."""
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
        return self.learning_rate * cosine * min(1.0, (step + 1) / max(1, self.warm_up))


@dataclass(frozen=True)
class Epoch:
    """What one epoch shows: digits (n, 28, 28) uint8 0…255, labels (n,), targets (n, 10)."""

    digits: NDArray[np.uint8]
    labels: IntArray
    targets: FloatArray


@dataclass
class History:
    """What training went through, one entry an epoch: mean loss, and accuracies in [0, 1]."""

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)


# From weights, digits (n, 28, 28) float32 in [0, 1], targets (n, 10) and a seed of two numbers,
# which decides what drops out: the loss, and its gradients by the weights' names.
Gradients = Callable[[Weights, FloatArray, FloatArray, Sequence[int]], tuple[float, Weights]]
# From weights and digits: probabilities (n, 10).
Probabilities = Callable[[Weights, FloatArray], FloatArray]
Report = Callable[[int, History], None]


class Adam:
    """Weights on their way: Adam (Kingma and Ba, 2015), and their moving average.

    The average is Polyak and Juditsky's (1992), with exponential weights as is usual now.
    """

    def __init__(self, start: Weights) -> None:
        self.steps = 0
        self.weights = {name: array.astype(np.float32) for name, array in start.items()}
        self.average = {name: array.copy() for name, array in self.weights.items()}
        self._mean = {name: np.zeros_like(array) for name, array in self.weights.items()}
        self._square = {name: np.zeros_like(array) for name, array in self.weights.items()}
        self._room = {name: np.empty_like(array) for name, array in self.weights.items()}

    def step(self, gradients: Weights, rate: float, averaging: float) -> None:
        """Move the weights against their gradients, in place; then move the average after them."""
        self.steps += 1
        unbiased = math.sqrt(1 - VARIANCE**self.steps) / (1 - MOMENT**self.steps)
        kept = min(averaging, (1 + self.steps) / (10 + self.steps))  # short while little is known
        for name, weight in self.weights.items():
            gradient, room = gradients[name], self._room[name]
            _approach(self._mean[name], gradient, 1 - MOMENT, room)
            np.multiply(gradient, gradient, out=room)
            _approach(self._square[name], room, 1 - VARIANCE, room)
            np.sqrt(self._square[name], out=room)
            room += np.float32(EPSILON)
            np.divide(self._mean[name], room, out=room)
            room *= np.float32(rate * unbiased)
            weight -= room
            _approach(self.average[name], weight, 1 - kept, room)

    def state(self) -> Weights:
        """Return all that is needed to go on; the arrays are not copied."""
        groups = {"": self.weights, "average_": self.average}
        groups |= {"mean_": self._mean, "square_": self._square}
        named = {
            prefix + name: array for prefix, of in groups.items() for name, array in of.items()
        }
        return named | {"steps": np.array(float(self.steps))}

    def load(self, state: Weights) -> None:
        """Take up what `state` gave."""
        self.steps = int(state["steps"])
        for name, array in self.state().items():
            if name != "steps":
                array[...] = state[name]


def _approach(value: FloatArray, goal: FloatArray, share: float, room: FloatArray) -> None:
    """Move `value` in place by a share of what is missing to `goal`."""
    np.subtract(goal, value, out=room)
    room *= np.float32(share)
    value += room


def fit(
    start: Weights,
    gradients: Gradients,
    probabilities: Probabilities,
    recipe: Recipe,
    epoch_of: Callable[[int], Epoch],
    validation: tuple[FloatArray, IntArray],
    *,
    seed: int = 0,
    checkpoint: Path | None = None,
    report: Report = lambda epoch, history: None,
) -> tuple[Weights, History]:
    """Train from `start` to averaged weights; call `report` after every epoch.

    With a `checkpoint`, a file that is written after every epoch, a killed training goes on where
    it was, and ends at the very same weights.
    """
    adam, history = Adam(start), History()

    def accuracy(digits: FloatArray, labels: IntArray) -> float:
        return float((probabilities(adam.average, digits).argmax(axis=1) == labels).mean())

    if checkpoint and checkpoint.exists():
        _restore(checkpoint, adam, history)
    for number in range(len(history.loss), recipe.epochs):
        epoch = epoch_of(number)
        history.loss.append(_pass(adam, gradients, recipe, epoch, number, seed))
        sample = slice(0, SAMPLE)
        digits = epoch.digits[sample].astype(np.float32) / 255
        history.accuracy.append(accuracy(digits, epoch.labels[sample]))
        history.validation_accuracy.append(accuracy(*validation))
        if checkpoint:
            _save(checkpoint, adam, history)
        report(number, history)
    return adam.average, history


def _pass(
    adam: Adam, gradients: Gradients, recipe: Recipe, epoch: Epoch, number: int, seed: int
) -> float:
    """Take an epoch's steps; return the mean loss.

    What is left over after the last whole batch waits for another epoch.
    """
    count = len(epoch.labels)
    order = np.random.default_rng((seed, number)).permutation(count)
    size = min(recipe.batch_size, count)
    starts = range(0, count - size + 1, size)
    losses: list[float] = []
    for start in starts:
        batch = order[start : start + size]
        digits = epoch.digits[batch] * np.float32(1 / 255)
        loss, found = gradients(adam.weights, digits, epoch.targets[batch], (seed, adam.steps))
        for name, weight in adam.weights.items():
            if recipe.l2 and name.endswith("kernel"):
                found[name] = found[name] + np.float32(recipe.l2) * weight
        done = (number + len(losses) / len(starts)) / recipe.epochs
        adam.step(found, recipe.rate(done, adam.steps), recipe.averaging)
        losses.append(loss)
    mean = float(np.mean(losses))
    if not math.isfinite(mean):
        raise InvalidInput(
            f"The loss became {mean} in epoch {number + 1}.", "Lower the learning rate."
        )
    return mean


def _save(checkpoint: Path, adam: Adam, history: History) -> None:
    arrays = {f"history_{name}": np.array(values) for name, values in asdict(history).items()}
    write_whole(checkpoint, checkpoints.pack(adam.state() | arrays))


def _restore(checkpoint: Path, adam: Adam, history: History) -> None:
    try:
        arrays = checkpoints.unpack(checkpoint.read_bytes())
    except checkpoints.BadWeights as error:
        raise InvalidInput(f"{checkpoint} is damaged.", "Remove it to begin anew.") from error
    adam.load(arrays)
    for name in asdict(history):
        getattr(history, name).extend(arrays[f"history_{name}"].tolist())
