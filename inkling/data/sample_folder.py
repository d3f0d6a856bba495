"""A folder of pictures, one digit each, as a sample: what can be used, and why others cannot."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions import SIDE, Grey, ImageError, process_image, to_bytes
from inkling.data.image_folder import label_of, read_image
from inkling.errors import InvalidInput
from inkling.parallel import Done, ignore, in_chunks

CHUNK = 256  # files that a process is given at once: a second or less
NO_LABEL, NO_IMAGE, NO_INK, DARK_GROUND = "no label", "no image", "no ink", "dark ground"


class Skipped(NamedTuple):
    """A file that is not used; why is one of the reasons above, detail may say more."""

    path: Path
    why: str
    detail: str = ""


class Collected(NamedTuple):
    """Digits (n, 28, 28) uint8, 255 ink; labels (n,) uint8 in 0…9; the files that are not used."""

    digits: Grey
    labels: NDArray[np.uint8]
    skipped: Sequence[Skipped]


def files_of(folder: Path) -> list[Path]:
    """Return the files in a folder and its folders, in order of their paths; no hidden ones."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def collect(paths: Sequence[Path], *, workers: int | None = None, done: Done = ignore) -> Collected:
    """Return what the nets see of pictures of one digit each, dark ink on light ground.

    The label is the name of a picture's folder where that is one digit, else the first character
    of its own name. The way to 28×28 is the app's own.
    """
    found = [f for part in in_chunks(_look, paths, CHUNK, workers=workers, done=done) for f in part]
    skipped = [one for one in found if isinstance(one, Skipped)]
    taken = [one for one in found if not isinstance(one, Skipped)]
    digits = np.frombuffer(b"".join(digit for _, digit in taken), np.uint8)
    return Collected(
        digits.reshape(len(taken), SIDE, SIDE),
        np.array([label for label, _ in taken], np.uint8),
        skipped,
    )


def _look(paths: Sequence[Path], start: int) -> list[tuple[int, bytes] | Skipped]:
    return [_one(path) for path in paths]


def _one(path: Path) -> tuple[int, bytes] | Skipped:
    """Return a picture's label and its digit as bytes, or why it is skipped."""
    label = label_of(path)
    if label is None:
        return Skipped(path, NO_LABEL)
    try:
        grey = read_image(path)
    except InvalidInput as error:
        told = error.__cause__ if isinstance(error.__cause__, ImageError) else error
        return Skipped(path, NO_IMAGE, str(told).split(". ")[0])
    except OSError as error:
        return Skipped(path, NO_IMAGE, error.strerror or type(error).__name__)
    digit = process_image(grey)
    if digit is None:
        return Skipped(path, NO_INK)
    if has_dark_ground(grey):
        return Skipped(path, DARK_GROUND, "invert it")
    return label, to_bytes(digit)


def has_dark_ground(grey: Grey) -> bool:
    """Whether most of a picture, grey levels (height, width), is nearer its darkest level.

    So is most of its edge: a digit that fills its picture has some light there. Such a picture
    shows light ink on dark ground, which the way to 28×28 would take for its negative.
    """
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    middle = (float(grey.min()) + float(grey.max())) / 2
    return max(float(np.median(grey)), float(np.median(edge))) < middle


def choose_test(digits: Grey, labels: NDArray[np.uint8], share: float) -> NDArray[np.bool_]:
    """Return which of the digits (n, 28, 28) with labels (n,) are for the test, (n,).

    They are about this share of all, and of each label. A hash of what the nets see decides, so
    that the order of files does not, and equal digits are never on both sides.
    """
    same: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for index, (digit, label) in enumerate(zip(digits, labels, strict=True)):
        same[int(label), hashlib.sha256(digit.tobytes()).digest()].append(index)
    counts = np.bincount(labels, minlength=10)
    before = np.zeros(10)
    order = []  # the labels take turns
    for (label, name), indices in sorted(same.items()):
        order.append(((before[label] + 0.5) / counts[label], name, indices))
        before[label] += len(indices)
    chosen = np.zeros(len(labels), bool)
    wanted = round(share * len(labels))
    for _, _, indices in sorted(order):
        if chosen.sum() + len(indices) <= wanted:
            chosen[indices] = True
    return chosen
