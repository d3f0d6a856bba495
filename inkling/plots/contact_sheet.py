"""A contact sheet: many digits on one picture, each with its caption beneath."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from functions import SIDE, FloatArray
from inkling.files import whole_file

COLUMNS = 10
ENLARGED = 4  # pixels a side for each of a digit's
MARGIN = 12  # pixels around each digit
LINE = 18  # pixels that a line of a caption takes
FONT_SIZE = 14
GROUND, INK = (250, 248, 244), (31, 28, 24)  # the page's


def contact_sheet(
    digits: Sequence[FloatArray] | FloatArray, captions: Sequence[str], *, columns: int = COLUMNS
) -> Image.Image:
    """Return a picture of digits (n, 28, 28) in [0, 1], with their captions beneath.

    Each is enlarged without smoothing. They fill rows of `columns` from the upper left. A caption
    may have several lines; one of some 17 characters fits beneath its digit.

    Raises ValueError where there is no digit, or not one caption for each.
    """
    if not len(digits) or len(digits) != len(captions):
        raise ValueError(
            f"There are {len(digits)} digits and {len(captions)} captions. "
            "Give at least one digit, and a caption for each."
        )
    columns = min(columns, len(digits))
    width = SIDE * ENLARGED + MARGIN
    height = width + LINE * max(caption.count("\n") + 1 for caption in captions)
    rows = -(-len(digits) // columns)
    sheet = Image.new("RGB", (columns * width + MARGIN, rows * height + MARGIN), GROUND)
    for i, (digit, caption) in enumerate(zip(digits, captions, strict=True)):
        row, column = divmod(i, columns)
        _lay(sheet, digit, caption, column * width + MARGIN, row * height + MARGIN)
    return sheet


def _lay(sheet: Image.Image, digit: FloatArray, caption: str, left: int, top: int) -> None:
    """Put one digit with its caption on the sheet, its upper left corner here."""
    side = SIDE * ENLARGED
    picture = Image.fromarray(np.rint(np.clip(digit, 0, 1) * 255).astype(np.uint8))
    sheet.paste(picture.resize((side, side), Image.Resampling.NEAREST), (left, top))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for number, line in enumerate(caption.split("\n")):
        draw.text((left, top + side + 2 + number * LINE), line, INK, font)


def write_contact_sheet(path: Path, sheet: Image.Image, *, private: bool = False) -> None:
    """Write the sheet as a PNG; the file appears under its name only when it is whole.

    private: only its owner may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, private=private) as file:
        sheet.save(file, "PNG")
