"""Labelled digits in files: MNIST, stroke files, folders of images; and who is held out of them."""

import base64
import gzip
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray, Grey, ImageError, decode_image
from strokes import StrokeDrawing

MNIST_SHAPES = {
    "x_train": (60000, 28, 28),
    "y_train": (60000,),
    "x_test": (10000, 28, 28),
    "y_test": (10000,),
}
GET_MNIST = "Use the mnist.npz that Keras downloads."
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
GZIP_MAGIC = b"\x1f\x8b"
HELD_OUT_ONE_IN, VALIDATION_ONE_IN = 6, 10  # writers


class Mnist(NamedTuple):
    """MNIST: digits (n, 28, 28) float32 in [0, 1], light on dark; labels (n,) int64 in 0…9."""

    train_digits: FloatArray
    train_labels: NDArray[np.int64]
    test_digits: FloatArray
    test_labels: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """A picture of a digit from a file: grey levels (height, width), uint8, 0 ink, 255 paper."""

    digit: int
    path: Path
    grey: Grey


def read_mnist(path: Path) -> Mnist:
    """MNIST from the `mnist.npz` that Keras keeps: arrays x_train, y_train, x_test, y_test.

    Raises ValueError for a file of another kind, OSError for one that cannot be opened.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in MNIST_SHAPES if name in file}
    except (ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read as .npz. {GET_MNIST}") from error
    for name, shape in MNIST_SHAPES.items():
        if name not in arrays:
            raise ValueError(f"{path} has no array {name}. {GET_MNIST}")
        found = arrays[name]
        if found.shape != shape or found.dtype != np.uint8:
            wrong = f"{name} is {found.dtype} {found.shape}, not uint8 {shape}"
            raise ValueError(f"In {path}, {wrong}. {GET_MNIST}")
    return Mnist(
        arrays["x_train"].astype(np.float32) / 255,
        arrays["y_train"].astype(np.int64),
        arrays["x_test"].astype(np.float32) / 255,
        arrays["y_test"].astype(np.int64),
    )


def read_strokes(path: Path) -> list[StrokeDrawing]:
    """The drawings of a stroke file: JSON objects a line, as they are or compressed by gzip.

    A line is {"digit": 7, "writer": "…", "strokes": [[[x…], [y…]], …]}. Times after y and other
    keys are ignored, and so are empty lines.

    Raises ValueError that names file and line for a bad one, OSError for an unreadable file.
    """
    with path.open("rb") as file:
        compressed = file.read(2) == GZIP_MAGIC
    drawings = []
    try:
        with gzip.open(path) if compressed else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    drawings.append(_parse_drawing(line, f"{path}, line {number}"))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is a damaged gzip file. Copy it again.") from error
    return drawings


def _parse_drawing(line: bytes, where: str) -> StrokeDrawing:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where}: Not JSON ({error}). Correct or remove the line.") from error
    try:
        return StrokeDrawing(*_checked(row))
    except ValueError as error:
        raise ValueError(f"{where}: {error} Correct or remove the line.") from error


def _checked(row: Any) -> tuple[int, str, list[FloatArray]]:
    """Digit, writer and strokes of a JSON value; ValueError says what is wrong with them."""
    if type(row) is not dict:
        raise ValueError("Not a JSON object.")
    digit, writer, strokes = (row.get(key) for key in ("digit", "writer", "strokes"))
    if type(digit) is not int or not 0 <= digit <= 9:
        raise ValueError(f"The digit is {digit!r}, not a whole number from 0 to 9.")
    if not isinstance(writer, str) or not writer:
        raise ValueError(f"The writer is {writer!r}, not a name.")
    if not isinstance(strokes, list) or not strokes:
        raise ValueError("The strokes are no list of at least one.")
    return digit, writer, [_checked_stroke(stroke) for stroke in strokes]


def _checked_stroke(stroke: Any) -> FloatArray:
    """A stroke [[x…], [y…]] or [[x…], [y…], [t…]] as float32 (2, n)."""
    wrong = "A stroke is not [[x…], [y…]] with as many finite numbers in both."
    if not isinstance(stroke, list) or len(stroke) not in (2, 3):
        raise ValueError(wrong)
    try:
        points = np.array(stroke[:2], dtype=np.float32)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(wrong) from error
    if points.ndim != 2 or not points.size or not np.isfinite(points).all():
        raise ValueError(wrong)
    return points


def write_strokes(path: Path, drawings: Iterable[StrokeDrawing]) -> None:
    """Write drawings so that `read_strokes` gives the same again; .gz at the end compresses.

    The file appears under its name only when it is whole.
    """
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        if path.suffix == ".gz":  # no name or time within: the same drawings, the same bytes
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as compressed:
                compressed.writelines(map(_line, drawings))
        else:
            file.writelines(map(_line, drawings))
    part.replace(path)


def _line(drawing: StrokeDrawing) -> bytes:
    row = {
        "digit": drawing.digit,
        "writer": drawing.writer,
        "strokes": [[_numbers(axis) for axis in stroke] for stroke in drawing.strokes],
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _numbers(axis: FloatArray) -> list[int | float]:
    """The shortest numbers that read back as the same float32."""
    return [int(v) if float(v).is_integer() else float(str(v)) for v in axis]


def read_image_folder(folder: Path) -> list[LabelledImage]:
    """The PNG, JPEG and WebP images in a folder and the folders in it, in order of their paths.

    An image in a folder named by one digit (7/0001.png) shows that digit; any other shows the
    digit that its own name begins with (7_anna.png).

    Raises ValueError that names the file for one without a label or that is no image, and where
    there is none at all.
    """
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
    if not paths:
        raise ValueError(f"{folder} holds no PNG, JPEG or WebP images. Name another folder.")
    return [LabelledImage(_label(path), path, _read_image(path)) for path in paths]


def _label(path: Path) -> int:
    # The folder first: 7/0001.png is a 7, and its number is only a number.
    for name in (path.resolve().parent.name, path.name[:1]):
        if len(name) == 1 and name in "0123456789":
            return int(name)
    raise ValueError(
        f"{path} has no label. Begin its name with its digit, or put it in a folder named so."
    )


def _read_image(path: Path) -> Grey:
    """Grey levels, through the very steps that a visitor's picture takes."""
    encoded = base64.b64encode(path.read_bytes()).decode("ascii")
    try:  # decode_image goes by the bytes; the type in the header is for form's sake
        return decode_image("data:image/png;base64," + encoded)
    except ImageError as error:
        raise ValueError(f"{path}: {error}") from error


def held_out(writer: str) -> bool:
    """Whether a writer's drawings are kept for the final figures: one writer in six.

    Decided by a hash of the name, so that it is the same everywhere and for ever, and a writer's
    drawings are never on both sides.
    """
    return _hash(writer) % HELD_OUT_ONE_IN == 0


def validation(writer: str) -> bool:
    """Whether a writer's drawings choose between models: one in ten of those not held out."""
    quotient, remainder = divmod(_hash(writer), HELD_OUT_ONE_IN)
    return remainder != 0 and quotient % VALIDATION_ONE_IN == 0


def _hash(writer: str) -> int:
    return int(hashlib.sha256(writer.encode()).hexdigest(), 16)
