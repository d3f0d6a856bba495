"""Small made-up material for training: patterns as digits, strokes by some writers."""

from pathlib import Path

import numpy as np

from inkling.data.datasets import held_out, validation
from inkling.data.strokes import StrokeDrawing
from inkling.pretraining.augmented_cache import Material
from inkling.pretraining.train import TrainingSet
from testing.examples import learnable
from testing.pen import STROKES

NAMES = [f"writer {number}" for number in range(60)]
LEARNERS = [name for name in NAMES if not held_out(name) and not validation(name)]
WATCHED = [name for name in NAMES if validation(name)]
HELD_OUT = [name for name in NAMES if held_out(name)]


def drawings(*writers: str) -> list[StrokeDrawing]:
    """Ten digits by each of these writers."""
    return [
        StrokeDrawing(digit, writer, list(strokes))
        for writer in writers
        for digit, strokes in STROKES.items()
    ]


def material(seed: int = 1) -> Material:
    """60 patterned digits and 20 drawings."""
    digits, labels = learnable(seed, count=60)
    return Material(
        np.rint(digits * 255).astype(np.uint8),
        labels.astype(np.int64),
        drawings(*LEARNERS[:2]),
    )


def small_set() -> TrainingSet:
    """Something that trains within a second."""
    digits, labels = learnable(2, count=40)
    return TrainingSet(material(), (digits, labels.astype(np.int64)), np.arange(40) < 10)


def write_mnist(path: Path, train: int, test: int) -> dict[str, tuple[int, ...]]:
    """A file laid out as MNIST, with so many times 500 patterns; the shapes of its arrays."""
    digits, labels = learnable(1, count=500)
    arrays = {}
    for split, times in (("train", train), ("test", test)):
        arrays[f"x_{split}"] = np.tile(np.rint(digits * 255).astype(np.uint8), (times, 1, 1))
        arrays[f"y_{split}"] = np.tile(labels.astype(np.uint8), times)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    return {name: array.shape for name, array in arrays.items()}
