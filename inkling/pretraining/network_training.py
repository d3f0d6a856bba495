"""A network trained as a whole: epochs of Adam in Keras, watched, stopped early, gone on with.

After every epoch all of its state is a checkpoint: weights, optimizer, what dropout draws from,
history. A killed training goes on from there, and ends at the very same weights.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inkling import checkpoints
from inkling.data.samples import Digits
from inkling.errors import InvalidInput
from inkling.nets import keras_models
from inkling.nets.architectures import Architecture, Recipe
from inkling.nets.keras_models import keras
from two_layer_net import IntArray, Weights

AT_ONCE = 1000  # digits that are judged at once
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")


@dataclass(frozen=True)
class Plan:
    """What is trained and how; all that its result follows from, but the digits."""

    architecture: Architecture
    recipe: Recipe
    hidden: tuple[int, ...] = ()
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        hidden = list(self.hidden or self.architecture.hidden)
        recipe = asdict(self.recipe)
        return {
            "architecture": self.architecture.key,
            "hidden": hidden,
            **recipe,
            "seed": self.seed,
        }


@dataclass
class History:
    """What training went through, one entry an epoch, and how long it took in all.

    The accuracies are in [0, 1]; the loss is the mean cross-entropy in nats. Of the training
    digits both are the means over the epoch's steps, with dropout, as Keras tells them. Those of
    the watched digits are empty where none are.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def best_epoch(self) -> int:
        """The number from 0 of the epoch with the lowest loss on the watched digits."""
        return int(np.argmin(self.val_loss))


@dataclass(frozen=True)
class Progress:
    """Where a training is: within an epoch, or at its end, where the history has grown."""

    epoch: int  # that are done
    epochs: int
    batch: int  # of this epoch that are done
    batches: int
    loss: float  # the mean of this epoch so far, or of the one that ended
    accuracy: float
    seconds_a_step: float
    seconds_left: float
    history: History


class Checkpoint(Protocol):
    """Where a training keeps what it needs to go on."""

    def load(self) -> bytes | None:
        """Return what was saved last; None where nothing was."""

    def save(self, content: bytes, history: History) -> None:
        """Keep this instead of what was saved before."""


class Nowhere:
    """A checkpoint that keeps nothing."""

    def load(self) -> bytes | None:
        """Return None."""
        return None

    def save(self, content: bytes, history: History) -> None:
        """Keep nothing."""


Report = Callable[[Progress], None]
EpochDigits = Callable[[int], Digits]  # by the epoch's number, from 0


class _Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Digits as Keras wants them, made float batch by batch: as a whole they would be large."""

    def __init__(self, found: Digits, size: int, scale: float, order: IntArray | None = None):
        super().__init__()
        self._found, self._size, self._scale = found, size, np.float32(scale / 255)
        self._order = np.arange(len(found)) if order is None else order

    def __len__(self) -> int:
        return math.ceil(len(self._order) / self._size)

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], IntArray]:
        chosen = self._order[index * self._size : (index + 1) * self._size]
        digits = self._found.digits[chosen].astype(np.float32)[..., np.newaxis] * self._scale
        return digits, self._found.labels[chosen]


class _Reporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells how far an epoch is, after each of its batches."""

    def __init__(self, tell: Callable[[int, dict[str, float]], None]) -> None:
        super().__init__()
        self._tell = tell

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Tell of a batch, the first is 0."""
        self._tell(batch + 1, logs or {})


class Training:
    """One training: its model, its history, its clock."""

    def __init__(self, plan: Plan, watched: Digits | None, checkpoint: Checkpoint) -> None:
        self._plan, self._watched, self._checkpoint = plan, watched, checkpoint
        keras.utils.set_random_seed(plan.seed)
        self.model = keras_models.build(plan.architecture, plan.hidden)
        self.model.compile(
            optimizer=keras.optimizers.Adam(plan.recipe.rate),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        self.model.optimizer.build(self.model.trainable_variables)
        self.history = History()
        self._best: list[NDArray[Any]] = []  # weights of the best epoch, where it may stop early
        if content := checkpoint.load():
            self._restore(checkpoints.unpack(content))
        self._begun = len(self.history.loss)
        self._started = time.monotonic()

    def run(self, epoch_digits: EpochDigits, report: Report) -> None:
        """Train to the last epoch, or until stopped early, and go back to the best one then."""
        recipe = self._plan.recipe
        for number in range(self._begun, recipe.epochs):
            if self._is_patience_over():
                break
            self._epoch(number, epoch_digits(number), report)
            self._checkpoint.save(self._packed(), self.history)
            report(
                self._progress(number + 1, 0, 0, self.history.loss[-1], self.history.accuracy[-1])
            )
        if recipe.patience is not None and self._best:
            self.model.set_weights(self._best)

    def _is_patience_over(self) -> bool:
        patience, history = self._plan.recipe.patience, self.history
        if patience is None or not history.val_loss:
            return False
        return len(history.val_loss) - 1 - history.best_epoch >= patience

    def _epoch(self, number: int, found: Digits, report: Report) -> None:
        started, before = time.monotonic(), self.history.seconds
        order = np.random.default_rng((self._plan.seed, number)).permutation(len(found))
        scale = self._plan.architecture.scale
        batches = _Batches(found, self._plan.recipe.batch, scale, order)

        def tell(batch: int, logs: dict[str, float]) -> None:
            loss, accuracy = float(logs["loss"]), float(logs["accuracy"])
            report(self._progress(number, batch, len(batches), loss, accuracy))

        logs = self.model.fit(
            batches, epochs=1, shuffle=False, verbose=0, callbacks=[_Reporter(tell)]
        ).history
        self._note(float(logs["loss"][-1]), float(logs["accuracy"][-1]))
        self.history.seconds = before + time.monotonic() - started

    def _note(self, loss: float, accuracy: float) -> None:
        """Add an epoch to the history, after a look at the watched digits."""
        _check_finite(loss, f"in epoch {len(self.history.loss) + 1}")
        self.history.loss.append(loss)
        self.history.accuracy.append(accuracy)
        if self._watched is None:
            return
        val_loss, val_accuracy = self.judge(self._watched)
        self.history.val_loss.append(val_loss)
        self.history.val_accuracy.append(val_accuracy)
        if self.history.best_epoch == len(self.history.val_loss) - 1:
            self._best = self.model.get_weights()

    def judge(self, found: Digits) -> tuple[float, float]:
        """Return mean cross-entropy in nats and accuracy in [0, 1] on digits.

        Raises InvalidInput where the network has none.
        """
        batches = _Batches(found, AT_ONCE, self._plan.architecture.scale)
        loss, accuracy = self.model.evaluate(batches, verbose=0)
        _check_finite(loss, "when it was judged")
        return float(loss), float(accuracy)

    def _progress(
        self, epoch: int, batch: int, batches: int, loss: float, accuracy: float
    ) -> Progress:
        epochs = self._plan.recipe.epochs
        done = epoch + (batch / batches if batches else 0)
        elapsed = time.monotonic() - self._started
        pace = elapsed / (done - self._begun) if done > self._begun else 0.0  # seconds an epoch
        a_step = pace / batches if batches else 0.0
        left = pace * (epochs - done)
        return Progress(epoch, epochs, batch, batches, loss, accuracy, a_step, left, self.history)

    def _packed(self) -> bytes:
        """Return all of its state as a checkpoint's bytes."""
        groups = {"model": self.model.variables, "optimizer": self.model.optimizer.variables}
        arrays = {
            f"{group}_{number:03}": keras.ops.convert_to_numpy(variable)
            for group, variables in groups.items()
            for number, variable in enumerate(variables)
        }
        arrays |= {f"best_{number:03}": array for number, array in enumerate(self._best)}
        arrays |= {f"history_{name}": np.array(getattr(self.history, name)) for name in CURVES}
        return checkpoints.pack(arrays | {"seconds": np.array(self.history.seconds)})

    def _restore(self, arrays: Weights) -> None:
        """Take up what `_packed` gave."""
        groups = {"model": self.model.variables, "optimizer": self.model.optimizer.variables}
        try:
            for group, variables in groups.items():
                for number, variable in enumerate(variables):
                    variable.assign(arrays[f"{group}_{number:03}"])
            for name in CURVES:
                getattr(self.history, name).extend(arrays[f"history_{name}"].tolist())
            self.history.seconds = float(arrays["seconds"])
        except (KeyError, ValueError) as error:
            raise InvalidInput(
                "The training's checkpoint is of another training.", "Remove it to begin anew."
            ) from error
        self._best = [arrays[name] for name in sorted(arrays) if name.startswith("best_")]


def _check_finite(loss: float, where: str) -> None:
    if not math.isfinite(loss):
        raise InvalidInput(
            f"The loss became {loss} {where}.", "Look at the digits, or train with another seed."
        )


def fingerprint(plan: Plan, digits: Sequence[Digits]) -> str:
    """Return what a checkpoint must agree in with a plan and its digits, to be gone on with."""
    found = hashlib.sha256(json.dumps(plan.to_json()).encode())
    for part in digits:
        found.update(part.digits.tobytes() + part.labels.tobytes())
    return found.hexdigest()[:16]
