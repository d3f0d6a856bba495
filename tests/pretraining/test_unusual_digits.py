"""Unusual ways to draw a digit: each is drawn, differs from hand to hand, stays its own."""

import numpy as np
import pytest

from functions import process_image
from inkling.data.rendering import render_strokes
from inkling.pretraining.generated_drawings import WRITER, generated_drawings
from inkling.pretraining.unusual_digits import KINDS, unusual_shape


def seen(kind: str, seed: int) -> np.ndarray:
    digit = process_image(render_strokes(unusual_shape(kind, np.random.default_rng(seed))))
    assert digit is not None
    return digit


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_drawn_within_its_box_and_differs(kind: str) -> None:
    digits = [seen(kind, seed).ravel() for seed in range(6)]
    alike = np.corrcoef(digits)
    assert alike.min() > 0.05  # one way to draw
    assert np.median(alike[np.triu_indices(6, 1)]) < 0.95  # by several hands
    for seed in range(6):
        points = np.concatenate(unusual_shape(kind, np.random.default_rng(seed)), axis=1)
        assert points.dtype == np.float32
        assert points.min() >= -20 and points.max() <= 120


def test_each_digit_has_a_kind_and_its_name_says_which() -> None:
    assert {kind.digit for kind in KINDS.values()} == {*range(10)}
    for name, kind in KINDS.items():
        assert str(kind.digit) in name


def test_generated_drawings_are_of_all_digits_and_kinds_and_the_same_again() -> None:
    found = generated_drawings(150)
    assert len(found) == 150
    assert {drawing.digit for drawing in found} == {*range(10)}
    assert {drawing.writer for drawing in found} == {WRITER}
    again = generated_drawings(150)
    for one, other in zip(found, again, strict=True):
        assert one.digit == other.digit
        assert all(map(np.array_equal, one.strokes, other.strokes))
    kinds = [*KINDS.values()]
    unusual = [drawing.digit for drawing in found[50:]]
    assert unusual == [kinds[number % len(kinds)].digit for number in range(100)]
    assert generated_drawings(0) == []
