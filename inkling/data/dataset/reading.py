"""Datasets read back, row by row: each format that `formats.py` writes, and others like them.

A row that is broken is given as a Broken one, so that whoever reads goes on with the next.
"""

import csv
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from functions import Grey, ImageError, decode_image_bytes
from inkling.data.dataset.digits import SIDE, is_for_testing
from inkling.data.datasets import opened
from inkling.data.idx import FILES, read_idx_folder
from inkling.data.rendering import CANVAS, render_strokes
from inkling.errors import InvalidInput
from inkling.records import NOT_A_DIGIT
from inkling.storage.keys import NO_DIGIT

NAMESPACE = uuid.UUID("5f0c2d3e-8a53-4c56-9d0e-0f1f4a6f2b11")  # of ids that files do not give
Axis = list[float]
LABELS = {str(digit): digit for digit in range(10)} | {NO_DIGIT: NOT_A_DIGIT}


@dataclass(frozen=True)
class Row:
    """A drawing of a dataset: what its format holds of it, None for the rest.

    grey: (height, width). digit: what the nets see, 784 bytes. recognized: whether the app had said
    the label. answer: what it had said, None for nothing; it counts where it is `told`.
    """

    id: str
    label: int
    grey: Grey
    digit: bytes | None = None
    strokes: list[list[Axis]] | None = None
    made: datetime | None = None
    recognized: bool | None = None
    answer: int | None = None
    told: bool = False


@dataclass(frozen=True)
class Broken:
    """A row that cannot be read: where it stands, and what is wrong with it."""

    where: str
    why: str


Rows = Iterator[Row | Broken]


def read_dataset(path: Path) -> Rows:
    """Yield the rows of a file or folder, by what it is.

    Raises InvalidInput where it is none that is known, OSError where it cannot be read.
    """
    return _reader_of(path)(path)


def _reader_of(path: Path) -> Callable[[Path], Rows]:
    if path.is_dir():
        return _read_pictures if (path / "metadata.csv").is_file() else _read_idx
    readers = {".ndjson": _read_ndjson, ".npz": _read_npz, ".csv": _read_csv}
    found = readers.get(Path(path.name.removesuffix(".gz")).suffix)
    if not found:
        raise InvalidInput(
            f"{path} is no dataset that is known.",
            "Give an .ndjson or .ndjson.gz, an .npz, a .csv, a folder with metadata.csv, or one "
            "with MNIST's files.",
        )
    return found


def _read_ndjson(path: Path) -> Rows:
    with opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _tried(f"{path}, line {number}", _of_line, line)


def _tried(where: str, read: Callable[..., Row], *given: Any) -> Row | Broken:
    try:
        return read(*given)
    except (ValueError, KeyError, TypeError, InvalidInput, OSError) as error:
        return Broken(where, str(error) or type(error).__name__)


class _Line(msgspec.Struct):
    """What is read of a line with Quick, Draw!'s keys."""

    word: str
    drawing: list[list[Axis]]
    key_id: str = ""
    timestamp: str = ""
    recognized: bool | None = None


_line = msgspec.json.Decoder(_Line)


def _of_line(line: bytes) -> Row:
    found = _line.decode(line)
    if any(len(axis) != len(stroke[0]) for stroke in found.drawing for axis in stroke):
        raise ValueError("A stroke has more of x than of y or t.")
    paths = [np.array(stroke[:2], np.float32) for stroke in found.drawing]
    made = None
    if found.timestamp:
        made = datetime.strptime(found.timestamp, "%Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=UTC)
    label, id = _label(found.word), _id(found.key_id, line, testing=None)
    strokes = [[_numbers(axis) for axis in stroke] for stroke in found.drawing]
    return Row(id, label, _drawn(paths), None, strokes, made, found.recognized)


def _numbers(axis: Axis) -> Axis:
    """Return whole numbers as such: they are written without a point."""
    return [int(value) if value.is_integer() else value for value in map(float, axis)]


def _drawn(paths: list[Any]) -> Grey:
    """Return strokes as the canvas shows them, where they lie; larger ones as large as usual."""
    points = np.concatenate(paths, axis=1)
    low, high = points.min(axis=1), points.max(axis=1)
    if low.min() < 0 or high.max() > CANVAS:
        return render_strokes(paths)
    middle = (low + high) / 2
    size = float((high - low).max())
    return render_strokes(paths, size=size, place=(float(middle[0]), float(middle[1])))


def _label(text: str) -> int:
    if text not in LABELS:
        raise ValueError(f"The label {text[:20]!r} is none of 0 to 9.")
    return LABELS[text]


def _id(given: str, content: bytes, testing: bool | None) -> str:
    """Return the id that a file gives, or one of the content, in the part that it is of."""
    if given:
        return str(uuid.UUID(given))
    for n in range(1000):
        found = str(uuid.uuid5(NAMESPACE, f"{n} {content.hex()}"))
        if testing is None or is_for_testing(found) == testing:
            return found
    raise AssertionError("One in ten ids is for testing.")


def _read_pictures(folder: Path) -> Rows:
    with (folder / "metadata.csv").open(newline="", encoding="utf-8") as file:
        for number, found in enumerate(csv.DictReader(file), 2):
            where = f"{folder / 'metadata.csv'}, line {number}"
            yield _tried(where, _of_picture, folder, found)


def _of_picture(folder: Path, found: dict[str, str]) -> Row:
    path = folder / found["file_name"]
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{found['file_name']} lies outside of the folder.")
    content = path.read_bytes()
    try:
        grey = decode_image_bytes(content)
    except ImageError as error:
        raise ValueError(str(error)) from error
    try:
        id = str(uuid.UUID(path.stem))
    except ValueError:
        id = _id("", content, found["file_name"].startswith("test"))
    made = datetime.fromisoformat(found["made"]) if found.get("made") else None
    answer = int(found["answer"]) if found.get("answer") else None
    label = _label(found["label"])
    return Row(id, label, grey, made=made, answer=answer, told="answer" in found)


def _read_csv(path: Path) -> Rows:
    with path.open(newline="") as file:
        lines = csv.reader(file)
        next(lines, None)  # the names
        for number, line in enumerate(lines, 1):
            where = f"{path}, line {number + 1}"
            yield _tried(where, _of_csv, line, number)


def _of_csv(line: list[str], number: int) -> Row:
    label, *pixels = line
    return _seen(_label(label), bytes(map(int, pixels)), number, None)


def _read_npz(path: Path) -> Rows:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in FILES if name in file}
    except (ValueError, OSError, EOFError) as error:
        raise InvalidInput(f"{path} cannot be read ({error}).", "Copy it again.") from error
    return _of_arrays(path, arrays)


def _read_idx(folder: Path) -> Rows:
    needed = ("x_train", "y_train")
    return _of_arrays(
        folder, read_idx_folder(folder, needed, [n for n in FILES if n not in needed])
    )


def _of_arrays(path: Path, arrays: dict[str, Any]) -> Rows:
    number = 0
    for part in ("train", "test"):
        images, labels = arrays.get(f"x_{part}", ()), arrays.get(f"y_{part}", ())
        for image, label in zip(images, labels, strict=True):
            number += 1
            where = f"{path}, x_{part}, row {number}"
            yield _tried(where, _of_image, image, label, number, part == "test")


def _of_image(image: Any, label: Any, number: int, testing: bool) -> Row:
    return _seen(_label(str(label)), np.asarray(image, np.uint8).tobytes(), number, testing)


def _seen(label: int, digit: bytes, number: int, testing: bool | None) -> Row:
    """Return a drawing of which only what the nets saw is known."""
    if len(digit) != SIDE * SIDE:
        raise ValueError(f"It has {len(digit)} pixels, not {SIDE * SIDE}.")
    if not any(digit):
        raise ValueError("Nothing is drawn.")
    id = _id("", b"%d %d " % (number, label) + digit, testing)
    grey = 255 - np.frombuffer(digit, np.uint8).reshape(SIDE, SIDE)
    return Row(id, label, grey, digit)
