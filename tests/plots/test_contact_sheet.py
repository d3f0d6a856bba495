"""The contact sheet: its size, what lies where, what it refuses."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from functions import SIDE, FloatArray
from inkling.plots.contact_sheet import (
    ENLARGED,
    GROUND,
    LINE,
    MARGIN,
    contact_sheet,
    write_contact_sheet,
)

CELL = SIDE * ENLARGED + MARGIN


def digits(count: int) -> FloatArray:
    return np.random.default_rng(0).random((count, SIDE, SIDE)).astype(np.float32)


@pytest.mark.parametrize(
    ("count", "columns", "rows", "wide"),
    [(1, 10, 1, 1), (10, 10, 1, 10), (11, 10, 2, 10), (7, 3, 3, 3)],
)
def test_the_size_follows_from_digits_columns_and_lines(
    count: int, columns: int, rows: int, wide: int
) -> None:
    sheet = contact_sheet(digits(count), ["7, said 1\n98% sure"] * count, columns=columns)
    assert sheet.size == (wide * CELL + MARGIN, rows * (CELL + 2 * LINE) + MARGIN)


def test_each_digit_is_enlarged_without_smoothing_in_its_place() -> None:
    some = digits(3)
    sheet = np.asarray(contact_sheet(some, ["7"] * 3, columns=2).convert("L"))
    tops = [(MARGIN, MARGIN), (MARGIN, MARGIN + CELL), (MARGIN + CELL + LINE, MARGIN)]
    for digit, (top, left) in zip(some, tops, strict=True):
        laid = sheet[top : top + SIDE * ENLARGED, left : left + SIDE * ENLARGED]
        wanted = np.rint(digit * 255).repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
        np.testing.assert_array_equal(laid, wanted)


def test_sheets_differ_where_a_digit_differs_and_nowhere_else() -> None:
    some = digits(4)
    other = some.copy()
    other[1, 5, 6] = 1 - other[1, 5, 6]
    sheets = [np.asarray(contact_sheet(each, ["7"] * 4)) for each in (some, other)]
    rows, columns = np.nonzero((sheets[0] != sheets[1]).any(axis=2))
    top, left = MARGIN + 5 * ENLARGED, MARGIN + CELL + 6 * ENLARGED
    assert (rows.min(), rows.max() + 1) == (top, top + ENLARGED)
    assert (columns.min(), columns.max() + 1) == (left, left + ENLARGED)


def test_a_caption_is_written_beneath_its_own_digit() -> None:
    some = digits(2)
    plain, named = (np.asarray(contact_sheet(some, ["", c])) for c in ("", "9, said 4"))
    rows, columns = np.nonzero((plain != named).any(axis=2))
    assert rows.min() >= MARGIN + SIDE * ENLARGED
    assert MARGIN + CELL <= columns.min() < columns.max() < 2 * CELL
    assert (plain[MARGIN + SIDE * ENLARGED :] == GROUND).all()


@pytest.mark.parametrize(("count", "captions"), [(0, []), (2, ["7"]), (1, ["7", "1"])])
def test_without_digits_or_with_other_captions_there_is_no_sheet(
    count: int, captions: list[str]
) -> None:
    with pytest.raises(ValueError, match=f"There are {count} digits and {len(captions)} captions"):
        contact_sheet(digits(count), captions)


def test_a_sheet_is_written_as_png_into_a_new_folder(tmp_path: Path) -> None:
    sheet = contact_sheet(digits(2), ["7", "1"])
    write_contact_sheet(tmp_path / "new" / "mistakes.png", sheet)
    with Image.open(tmp_path / "new" / "mistakes.png") as found:
        assert found.format == "PNG"
        assert (np.asarray(found) == np.asarray(sheet)).all()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mistakes.png"]
