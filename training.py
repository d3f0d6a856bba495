"""Originals from scratch: MNIST and pen drawings, varied afresh every epoch, to weights on disk."""

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import weights
from datasets import Mnist, held_out, read_mnist, read_strokes, validation
from distortion import distort_strokes, warp_digits
from functions import FloatArray
from strokes import StrokeDrawing, digits_from_strokes
from two_layer_net import History, TwoLayerNet

Labels = NDArray[np.int64]
Report = Callable[[int, History], None]

EPOCHS = {"fnn": 40, "cnn": 20}
WARPING = {"fnn": 0.5, "cnn": 1.0}  # a small net cannot follow more
# What the FNN is trained with, for more epochs of varied digits than the class's own defaults.
FNN_DECAY, FNN_L2 = 0.93, 1e-5
RENDERINGS, RENDERINGS_AN_EPOCH = 16, 2  # of every pen drawing
MNIST_VALIDATION = 5_000  # the last digits of MNIST's train split
VALIDATION_SEED = 999  # of the pen drawings' renderings


@dataclass(frozen=True)
class TrainingSet:
    """What originals learn from, and what they are watched on; nothing of it is held out."""

    digits: FloatArray  # (n, 28, 28) in [0, 1], of MNIST
    labels: Labels  # (n,)
    drawings: Sequence[StrokeDrawing]
    validation: tuple[FloatArray, Labels]


def training_set(mnist: Mnist, drawings: Sequence[StrokeDrawing]) -> TrainingSet:
    """MNIST's train split and the drawings of writers that are not held out.

    The last 5,000 of MNIST and one writer in ten are kept for validation.
    """
    allowed = [d for d in drawings if not held_out(d.writer)]
    watched = [d for d in allowed if validation(d.writer)]
    return TrainingSet(
        mnist.train_digits[:-MNIST_VALIDATION],
        mnist.train_labels[:-MNIST_VALIDATION],
        [d for d in allowed if not validation(d.writer)],
        (
            np.concatenate(
                [
                    mnist.train_digits[-MNIST_VALIDATION:],
                    digits_from_strokes(watched, VALIDATION_SEED),
                ]
            ),
            np.concatenate([mnist.train_labels[-MNIST_VALIDATION:], _labels(watched)]),
        ),
    )


def _labels(drawings: Sequence[StrokeDrawing]) -> Labels:
    return np.array([drawing.digit for drawing in drawings], dtype=np.int64)


class Epochs:
    """Epochs of varied digits; the next one is prepared while the net learns from this one.

    Rendering is slow, so epochs share a number of renderings; the warping is new in each.
    """

    def __init__(self, data: TrainingSet, strength: float, seed: int, folder: Path) -> None:
        """`strength` is the warping's; `folder` keeps the renderings."""
        self._data, self._strength, self._seed = data, strength, seed
        self._folder = folder
        self._pool = ThreadPoolExecutor(1)
        self._next: dict[int, Future[tuple[FloatArray, Labels]]] = {}

    def __call__(self, epoch: int) -> tuple[FloatArray, Labels]:
        """Digits (n, 28, 28) and labels (n,) of an epoch: the same for the same seed."""
        ready = self._next.pop(epoch, None) or self._pool.submit(self._prepare, epoch)
        self._next[epoch + 1] = self._pool.submit(self._prepare, epoch + 1)
        return ready.result()

    def _prepare(self, epoch: int) -> tuple[FloatArray, Labels]:
        first = epoch * RENDERINGS_AN_EPOCH
        pens = [self._rendering(n % RENDERINGS) for n in range(first, first + RENDERINGS_AN_EPOCH)]
        labels = [self._data.labels] + [_labels(self._data.drawings)] * RENDERINGS_AN_EPOCH
        rng = np.random.default_rng((self._seed, epoch))
        digits = warp_digits(np.concatenate([self._data.digits, *pens]), rng, self._strength)
        return digits, np.concatenate(labels)

    def _rendering(self, number: int) -> FloatArray:
        path = self._folder / f"{number}.npy"
        if not path.exists():
            digits = digits_from_strokes(
                self._data.drawings, (self._seed, number), vary=distort_strokes
            )
            np.save(path, np.rint(digits * 255).astype(np.uint8))
        return np.asarray(np.load(path) / np.float32(255))

    def close(self) -> None:
        """Let the epoch that nobody will ask for go."""
        self._pool.shutdown(cancel_futures=True)


def train_original(
    net: str,
    mnist: Path,
    drawings: Sequence[Path],
    out: Path,
    *,
    epochs: int | None = None,
    seed: int = 0,
    report: Report = lambda epoch, history: None,
) -> History:
    """Train `fnn` or `cnn` and write `<net>.npz` to the folder `out`; for `cnn` its graph too."""
    data = training_set(
        read_mnist(mnist), [drawing for path in drawings for drawing in read_strokes(path)]
    )
    with tempfile.TemporaryDirectory() as folder:
        batches = Epochs(data, WARPING[net], seed, Path(folder))
        try:
            state, history = _train(net, data, batches, epochs or EPOCHS[net], seed, report)
        finally:
            batches.close()
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{net}.npz").write_bytes(weights.pack(state))
    return history


def _train(
    net: str, data: TrainingSet, batches: Epochs, epochs: int, seed: int, report: Report
) -> tuple[weights.Arrays, History]:
    if net == "fnn":
        fnn, history = TwoLayerNet.train(
            batches,
            data.validation,
            epochs=epochs,
            decay=FNN_DECAY,
            l2=FNN_L2,
            seed=seed,
            report=report,
        )
        return fnn.state(), history
    from conv_net import ConvNet  # 4 s

    cnn, history = ConvNet.train(batches, data.validation, epochs=epochs, seed=seed, report=report)
    return weights.parts("cnn", cnn.state())["cnn"], history


def write_serving_graph(out: Path) -> None:
    """Write the graph that serves every version of the CNN, `cnn.tflite`, to the folder `out`."""
    from conv_net import serving_graph

    (out / "cnn.tflite").write_bytes(serving_graph())
