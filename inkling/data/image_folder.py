"""Folders of labelled images: read, and as the digits that the nets see."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from functions import (
    FORMATS,
    MAX_BYTES,
    SIDE,
    FloatArray,
    Grey,
    ImageError,
    decode_image_bytes,
    process_image,
)
from inkling.errors import InvalidInput

NO_DIGITS = "none"  # a folder of images that show no digit, as an export has it
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """A picture of a digit from a file: grey levels (height, width), uint8, 0 ink, 255 paper."""

    digit: int
    path: Path
    grey: Grey


def read_image_folder(folder: Path) -> list[LabelledImage]:
    """Return the images in a folder and its folders, by their suffixes, in order of their paths.

    An image in a folder named by one digit (7/0001.png) shows that digit; any other shows the
    digit that its own name begins with (7_anna.png). Those in a folder named `none` show no digit
    and are passed over.

    Raises InvalidInput that names the file for one without a label or that is no image, and where
    there is none at all.
    """
    paths = sorted(p for p in folder.rglob("*") if _is_meant(p))
    if not paths:
        raise InvalidInput(f"{folder} holds no images ({FORMATS}).", "Name another folder.")
    return [LabelledImage(_label(path), path, read_image(path)) for path in paths]


def _is_meant(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.resolve().parent.name != NO_DIGITS


def _label(path: Path) -> int:
    label = label_of(path)
    if label is None:
        raise InvalidInput(
            f"{path} has no label.",
            "Begin its name with its digit, or put it in a folder named so.",
        )
    return label


def label_of(path: Path) -> int | None:
    """Return the digit that a picture's folder is named by, else the one its own name begins with.

    None where neither is one.
    """
    # The folder first: 7/0001.png is a 7, and its number is only a number.
    for name in (path.resolve().parent.name, path.name[:1]):
        if len(name) == 1 and name in "0123456789":
            return int(name)
    return None


def read_image(path: Path) -> Grey:
    """Return grey levels (height, width), through the very steps that a visitor's picture takes.

    Raises InvalidInput that names a file that is no image.
    """
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)  # one more is refused
    try:
        return decode_image_bytes(content)
    except ImageError as error:
        raise InvalidInput(f"{path}: {error}") from error


def image_digits(images: Sequence[LabelledImage]) -> FloatArray:
    """Return what the nets see of images, float32 (n, 28, 28).

    Raises InvalidInput for an empty one.
    """
    digits = np.empty((len(images), SIDE, SIDE), np.float32)
    for i, image in enumerate(images):
        digit = process_image(image.grey)
        if digit is None:
            raise InvalidInput(f"{image.path} shows no ink.", "Leave it out.")
        digits[i] = digit
    return digits
