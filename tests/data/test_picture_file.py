"""Files of labelled pictures: what they become, and which are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkling.data.picture_file import read_picture_file
from inkling.errors import InvalidInput
from testing.pen import draw

PAPER = np.full((2, 28, 28), 255, np.uint8)
LABELS = np.array([7, 1], np.uint8)


def test_each_row_is_a_picture_with_its_label(tmp_path: Path) -> None:
    path = tmp_path / "web.npz"
    np.savez(path, x=np.stack([draw(3), draw(8)]), y=np.array([3, 8]))
    found = read_picture_file(path)
    assert [one.digit for one in found] == [3, 8]
    assert [one.path.name for one in found] == ["web.npz#0", "web.npz#1"]
    assert (found[1].grey == draw(8)).all()


@pytest.mark.parametrize(
    ("arrays", "wrong"),
    [
        ({"x": PAPER}, "has no array y"),
        ({"y": LABELS}, "has no array x"),
        ({"x": PAPER.astype(float), "y": LABELS}, "x is float64 (2, 28, 28)"),
        ({"x": PAPER[0], "y": LABELS}, "x is uint8 (28, 28)"),
        ({"x": PAPER[:0], "y": LABELS[:0]}, "x is uint8 (0, 28, 28)"),
        ({"x": PAPER, "y": LABELS[:1]}, "y is uint8 (1,)"),
        ({"x": PAPER, "y": LABELS / 2}, "y is float64 (2,)"),
        ({"x": PAPER, "y": LABELS + 3}, "none of 0 to 9"),
        ({"x": 255 - PAPER, "y": LABELS}, "light on dark"),
    ],
)
def test_what_is_no_such_file_is_refused(
    arrays: dict[str, Any], wrong: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "web.npz", **arrays)
    with pytest.raises(InvalidInput) as error:
        read_picture_file(tmp_path / "web.npz")
    assert wrong in str(error.value)


def test_what_is_no_npz_is_refused(tmp_path: Path) -> None:
    (tmp_path / "web.npz").write_text("no arrays")
    with pytest.raises(InvalidInput, match="cannot be read as"):
        read_picture_file(tmp_path / "web.npz")
