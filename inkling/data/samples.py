"""Samples: labelled digits of 28×28, any count of them, under the names of Keras's mnist.npz."""

import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions import SIDE, FloatArray, Grey
from inkling.checkpoints import pack
from inkling.data.idx import read_idx_folder
from inkling.errors import InvalidInput
from inkling.files import write_whole

TRAIN, TEST = ("x_train", "y_train"), ("x_test", "y_test")
MAKE_ONE = "`inkling sample` writes one."
Labels = NDArray[np.int64]
DAMAGED = (
    *(ValueError, TypeError, AttributeError, LookupError, EOFError, MemoryError),
    *(RuntimeError, struct.error, zlib.error, zipfile.BadZipFile),
)


@dataclass(frozen=True)
class Digits:
    """Labelled digits: (n, 28, 28) uint8, 255 ink, and labels (n,) in 0…9."""

    digits: Grey
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def seen(self) -> FloatArray:
        """Return the digits as nets see them, float32 in [0, 1]."""
        return self.digits.astype(np.float32) / np.float32(255)


@dataclass(frozen=True)
class TrainingSample:
    """Digits under a name for people: those to learn, and those to judge on, if any."""

    name: str
    train: Digits
    test: Digits | None = None


def read_sample(path: Path) -> TrainingSample:
    """Return a sample from an .npz: x_train, y_train and, where it has them, x_test and y_test.

    Digits are uint8 (n, 28, 28), 255 ink; labels are whole numbers (n,). A folder of IDX files, as
    MNIST's are, will do too.

    Raises InvalidInput for a file of another kind, OSError for one that cannot be opened.
    """
    return training_sample(path.name, read_arrays(path, TRAIN, TEST, remedy=MAKE_ONE))


def training_sample(name: str, arrays: Mapping[str, NDArray[Any]]) -> TrainingSample:
    """Return the sample of a file's arrays: all four, or those to learn alone."""
    test = digits_in(arrays, TEST) if TEST[0] in arrays else None
    return TrainingSample(name, digits_in(arrays, TRAIN), test)


def digits_in(arrays: Mapping[str, NDArray[Any]], names: tuple[str, str]) -> Digits:
    """Return the digits with their labels under two names, TRAIN or TEST."""
    digits, labels = names
    return Digits(arrays[digits], arrays[labels].astype(np.int64))


def read_arrays(
    path: Path,
    required: Sequence[str],
    optional: Sequence[str] = (),
    *,
    remedy: str,
) -> dict[str, NDArray[Any]]:
    """Return arrays of an .npz, or of a folder with MNIST's IDX files, by their names, checked.

    Optional ones are all there or none. Raises as `read_sample` does, with this remedy.
    """
    read = read_idx_folder if path.is_dir() else npz_arrays
    arrays: dict[str, NDArray[Any]] = {**read(path, required, optional)}
    given = [*required, *(optional if any(name in arrays for name in optional) else ())]
    check_there(path, arrays, given, remedy)
    for name in given:
        wrong = _wrong(name, arrays[name])
        if wrong:
            raise InvalidInput(f"In {path}, {name} {wrong}.", remedy)
    for digits, labels in (TRAIN, TEST):
        if digits in given and labels in given and len(arrays[digits]) != len(arrays[labels]):
            wrong = f"{len(arrays[digits]):,} digits and {len(arrays[labels]):,} labels"
            raise InvalidInput(f"In {path} are {wrong} ({digits}, {labels}).", remedy)
    return arrays


def check_there(
    path: Path, arrays: Mapping[str, NDArray[Any]], names: Sequence[str], remedy: str
) -> None:
    """Raise InvalidInput where a file has not all of these arrays."""
    for name in names:
        if name not in arrays:
            raise InvalidInput(f"{path} has no array {name}.", remedy)


def npz_arrays(
    path: Path, required: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, NDArray[Any]]:
    """Return those of these arrays that an .npz has, by their names.

    Raises InvalidInput for a file of another kind, OSError for one that cannot be opened.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {name: file[name] for name in (*required, *optional) if name in file}
    except DAMAGED as error:
        raise InvalidInput(
            f"{path} cannot be read as .npz.", "Copy it again, or name another."
        ) from error


def _wrong(name: str, array: NDArray[Any]) -> str:
    """Return what is wrong with an array of digits or labels; nothing where it is right."""
    if not isinstance(array, np.ndarray):
        return "is no array"
    found = f"{array.dtype} {array.shape}"
    if not array.size:
        return "is empty"
    if name.startswith("x"):
        right = array.dtype == np.uint8 and array.shape[1:] == (SIDE, SIDE)
        count = array.shape[0] if array.ndim else "n"
        return "" if right else f"is {found}, not uint8 ({count}, {SIDE}, {SIDE})"
    return wrong_labels(array)


def wrong_labels(array: NDArray[Any]) -> str:
    """Return what is wrong with labels; nothing where they are whole numbers (n,) from 0 to 9."""
    found = f"{array.dtype} {array.shape}"
    if array.dtype.kind not in "iu" or array.ndim != 1:
        return f"is {found}, not whole numbers (n,)"
    other = array[(array < 0) | (array > 9)]
    return f"has the label {other[0]}, which is none of 0 to 9" if other.size else ""


def write_sample(
    path: Path,
    train: tuple[Grey, NDArray[np.uint8]],
    test: tuple[Grey, NDArray[np.uint8]] | None = None,
) -> None:
    """Write digits (n, 28, 28), 255 ink, and labels (n,) so that `read_sample` reads them.

    Equal digits give equal bytes. The file appears under its name only when it is whole.
    """
    arrays = dict(zip(TRAIN, train, strict=True))
    if test is not None:
        arrays |= dict(zip(TEST, test, strict=True))
    write_whole(path, pack(arrays, compress=True))
