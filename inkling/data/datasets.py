"""Labelled digits in files: MNIST and stroke files; and who is held out of them."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray, Grey
from inkling.data.idx import GZIP_MAGIC
from inkling.data.samples import TEST, TRAIN, digits_in, read_arrays
from inkling.data.strokes import StrokeDrawing
from inkling.errors import InvalidInput
from inkling.files import whole_file

MNIST_SHAPES = {
    "x_train": (60000, 28, 28),
    "y_train": (60000,),
    "x_test": (10000, 28, 28),
    "y_test": (10000,),
}
DECIMALS = 4  # that coordinates on a page are tried to be written with
GET_MNIST = "Use the mnist.npz that Keras downloads, or a folder of MNIST's four files."
HELD_OUT_ONE_IN, VALIDATION_ONE_IN = 6, 10  # writers


class Mnist(NamedTuple):
    """MNIST: digits (n, 28, 28) float32 in [0, 1], light on dark; labels (n,) int64 in 0…9."""

    train_digits: FloatArray
    train_labels: NDArray[np.int64]
    test_digits: FloatArray
    test_labels: NDArray[np.int64]


def read_mnist(path: Path) -> Mnist:
    """Return MNIST from the `mnist.npz` that Keras keeps, or from a folder of its four IDX files.

    Raises InvalidInput for a file of another kind, OSError for one that cannot be opened.
    """
    return _mnist(mnist_arrays(path, [*MNIST_SHAPES]))


def read_mnist_test(path: Path) -> tuple[Grey, NDArray[np.int64]]:
    """Return MNIST's test split as the file or the folder holds it.

    Digits are (10000, 28, 28) uint8, 255 ink; then come the labels.

    It takes a fifth of the time and the memory of `read_mnist`. Raises as that does.
    """
    arrays = mnist_arrays(path, ["x_test", "y_test"])
    return arrays["x_test"], arrays["y_test"].astype(np.int64)


def mnist_arrays(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Return MNIST's arrays under these names as the file or the folder holds them, checked.

    Raises as `read_mnist` does.
    """
    arrays = read_arrays(path, names, remedy=GET_MNIST)
    for name, array in arrays.items():
        if array.shape != MNIST_SHAPES[name]:
            wrong = f"{name} is {array.dtype} {array.shape}, not uint8 {MNIST_SHAPES[name]}"
            raise InvalidInput(f"In {path}, {wrong}.", GET_MNIST)
    return arrays


def download_mnist() -> Mnist:
    """Return MNIST from Keras's own loader. Raises as `download_arrays` does."""
    return _mnist(download_arrays())


def download_arrays() -> dict[str, Any]:
    """Return MNIST's arrays by name, as Keras's own loader has them.

    It keeps them in ~/.keras/datasets (KERAS_HOME). Raises InvalidInput where it cannot have them.
    """
    from inkling.nets.keras_models import keras  # TensorFlow comes with it: 4 s

    try:
        train, test = keras.datasets.mnist.load_data()
    except Exception as error:  # Keras raises plain Exceptions for a failed download
        raise InvalidInput(
            f"MNIST could not be downloaded ({error}).",
            "Pass --mnist FILE.",
        ) from error
    return dict(zip(MNIST_SHAPES, (*train, *test), strict=True))


def _mnist(arrays: Mapping[str, Any]) -> Mnist:
    """Return the four arrays as the originals learn from them."""
    train, test = digits_in(arrays, TRAIN), digits_in(arrays, TEST)
    return Mnist(train.seen(), train.labels, test.seen(), test.labels)


def read_strokes(path: Path) -> list[StrokeDrawing]:
    """Return the drawings of a stroke file: JSON objects a line, plain or compressed by gzip.

    A line is {"digit": 7, "writer": "…", "strokes": [[[x…], [y…]], …]}. Times after y and other
    keys are ignored, and so are empty lines.

    Raises InvalidInput that names file and line for a bad one, OSError for an unreadable file.
    """
    return list(each_drawing(path))


def each_drawing(path: Path) -> Iterator[StrokeDrawing]:
    """Yield the drawings of a stroke file one after another, each read when it is asked for.

    Raises as `read_strokes` does, at the line that is bad.
    """
    with opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _parse_drawing(line, f"{path}, line {number}")


@contextmanager
def opened(path: Path) -> Iterator[Iterable[bytes]]:
    """Give the lines of a file, plain or compressed by gzip.

    Raises InvalidInput where it is damaged, OSError where it cannot be read.
    """
    with path.open("rb") as file:
        compressed = file.read(2) == GZIP_MAGIC
    try:
        with gzip.open(path) if compressed else path.open("rb") as lines:
            yield lines
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidInput(f"{path} is a damaged gzip file.", "Copy it again.") from error


def _parse_drawing(line: bytes, where: str) -> StrokeDrawing:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InvalidInput(
            f"{where}: Not JSON ({error}).", "Correct or remove the line."
        ) from error
    try:
        return StrokeDrawing(*_checked(row))
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}", "Correct or remove the line.") from error


def _checked(row: Any) -> tuple[int, str, list[FloatArray]]:
    """Return digit, writer and strokes of a JSON value. Raises InvalidInput for wrong ones."""
    if type(row) is not dict:
        raise InvalidInput("Not a JSON object.")
    digit, writer, strokes = (row.get(key) for key in ("digit", "writer", "strokes"))
    if type(digit) is not int or not 0 <= digit <= 9:
        raise InvalidInput(f"The digit is {digit!r}, not a whole number from 0 to 9.")
    if not isinstance(writer, str) or not writer:
        raise InvalidInput(f"The writer is {writer!r}, not a name.")
    if not isinstance(strokes, list) or not strokes:
        raise InvalidInput("The strokes are no list of at least one.")
    return digit, writer, [_checked_stroke(stroke) for stroke in strokes]


def _checked_stroke(stroke: Any) -> FloatArray:
    """Return a stroke [[x…], [y…]] or [[x…], [y…], [t…]] as float32 (2, n)."""
    wrong = "A stroke is not [[x…], [y…]] with as many finite numbers in both."
    if not isinstance(stroke, list) or len(stroke) not in (2, 3):
        raise InvalidInput(wrong)
    try:
        points = np.array(stroke[:2], dtype=np.float32)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidInput(wrong) from error
    if points.ndim != 2 or not points.size or not np.isfinite(points).all():
        raise InvalidInput(wrong)
    return points


def write_strokes(path: Path, drawings: Iterable[StrokeDrawing]) -> None:
    """Write drawings so that `read_strokes` gives the same again; .gz at the end compresses.

    The file appears under its name only when it is whole.
    """
    with whole_file(path) as file:
        if path.suffix == ".gz":  # no name or time within: the same drawings, the same bytes
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as compressed:
                compressed.writelines(map(_line, drawings))
        else:
            file.writelines(map(_line, drawings))


def _line(drawing: StrokeDrawing) -> bytes:
    row = {
        "digit": drawing.digit,
        "writer": drawing.writer,
        "strokes": [_numbers(stroke) for stroke in drawing.strokes],
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _numbers(stroke: FloatArray) -> list[list[int | float]]:
    """Return a stroke (2, n) as short numbers that read back as the same float32."""
    exact = stroke.astype(np.float64)
    for decimals in range(DECIMALS):  # all at once, which is much faster
        rounded = exact.round(decimals)
        if (rounded.astype(np.float32) == stroke).all():
            axes = rounded.tolist()
            return [[int(v) if v.is_integer() else v for v in axis] for axis in axes]
    return [[int(v) if float(v).is_integer() else float(str(v)) for v in axis] for axis in stroke]


def held_out(writer: str) -> bool:
    """Whether a writer's drawings take no part in training: one writer in six.

    They are what figures are compared on, and so choices are made on them: validation. A figure
    that nobody has chosen by needs drawings that nobody has looked at (`evaluate --unseen`).

    Decided by a hash of the name, so that it is the same everywhere and for ever, and a writer's
    drawings are never on both sides.
    """
    return _hash(writer) % HELD_OUT_ONE_IN == 0


def validation(writer: str) -> bool:
    """Whether a writer's drawings are only watched in training: one in ten of the others."""
    quotient, remainder = divmod(_hash(writer), HELD_OUT_ONE_IN)
    return remainder != 0 and quotient % VALIDATION_ONE_IN == 0


def _hash(writer: str) -> int:
    return int(hashlib.sha256(writer.encode()).hexdigest(), 16)
