"""Printed lines are taken off the ink; strokes stay."""

import numpy as np
import pytest

from inkling.ruled_lines import Grey, without_lines

LEAST = 8
SIDE = 300


def stroke() -> Grey:
    """Ink of an upright stroke, 12 wide, that reaches neither border."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[80:220, 140:152] = 120
    return ink


def printed(ink: Grey, rise: float, spacing: int, level: int = 60) -> Grey:
    """The ink with lines of two pixels, which rise so much for each pixel."""
    ink, columns = ink.copy(), np.arange(SIDE)
    for start in range(-SIDE, 2 * SIDE, spacing):
        for row in (start + np.rint(rise * columns).astype(int) + step for step in (0, 1)):
            there = (row >= 0) & (row < SIDE)
            ink[row[there], columns[there]] = np.maximum(ink[row[there], columns[there]], level)
    return ink


@pytest.mark.parametrize("rise", [-0.15, -0.05, 0, 0.07, 0.15])
@pytest.mark.parametrize("spacing", [30, 75])
@pytest.mark.parametrize("squared", [False, True])
def test_lines_go_and_a_stroke_across_them_stays(rise: float, spacing: int, squared: bool) -> None:
    page = printed(stroke(), rise, spacing)
    if squared:
        page = printed(page.T, -rise, spacing).T
    left = without_lines(page, LEAST) > LEAST
    paper = stroke() == 0
    printed_before = ((page > LEAST) & paper).sum()
    assert (left & paper).sum() < 0.1 * printed_before
    assert (left & ~paper).sum() > 0.8 * (~paper).sum()


def test_a_stroke_that_ends_within_the_page_is_no_line() -> None:
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[150:154, 50:250] = 120
    np.testing.assert_array_equal(without_lines(ink, LEAST), ink)


def test_a_thick_stroke_from_border_to_border_is_no_line() -> None:
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[140:160] = 120
    np.testing.assert_array_equal(without_lines(ink, LEAST), ink)


@pytest.mark.parametrize("level", [0, 120])
@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (33, 400), (300, 300)])
def test_a_page_of_one_level_has_no_lines(shape: tuple[int, int], level: int) -> None:
    ink = np.full(shape, level, np.uint8)
    np.testing.assert_array_equal(without_lines(ink, LEAST), ink)
