"""From photographs of ruled paper, in shadow, of thin ink, with a finger, to what the nets see."""

import numpy as np
import pytest

from functions import FloatArray, decode_image_bytes, process_image
from inkling.data.hard_photographs import Kind, layout, photograph, read_photograph
from inkling.data.rendering import render_strokes
from inkling.pretraining.synthetic_digits import shape
from tests.functions.test_process_image import CLOSE, apart

ALONE = [kind for kind in Kind if kind is not Kind.MIXED]
SEEDS = range(2)  # of photographs of each digit


def photographed(digit: int, kind: Kind, seed: int) -> tuple[FloatArray | None, FloatArray | None]:
    """What the nets see of a digit's photograph, and of the same drawing without paper or light."""
    strokes = shape(digit, np.random.default_rng(digit))
    clean = layout({kind}, np.random.default_rng([digit, seed]))
    drawn = render_strokes(strokes, canvas=clean.side, **clean.rendering._asdict())
    jpeg = photograph(strokes, kind, np.random.default_rng([digit, seed]))
    return read_photograph(jpeg), process_image(drawn)


@pytest.mark.parametrize("kind", ALONE)
def test_a_photograph_gives_the_digit_of_its_drawing(kind: Kind) -> None:
    pairs = [photographed(digit, kind, seed) for digit in range(10) for seed in SEEDS]
    found = [1.0 if seen is None else apart(seen, clean) for seen, clean in pairs]
    assert np.mean(np.array(found) < CLOSE) >= 0.9, np.round(found, 2)


@pytest.mark.parametrize("kind", [Kind.PLAIN, Kind.SHADOW, Kind.UNEVEN, Kind.LARGE])
@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_drawn_on_blank_paper_whatever_the_light(kind: Kind, seed: int) -> None:
    assert read_photograph(photograph([], kind, np.random.default_rng(seed))) is None


@pytest.mark.parametrize("kind", [Kind.LINED, Kind.FINGER])
def test_the_same_photograph_gives_the_same_digit(kind: Kind) -> None:
    jpeg = photograph(shape(3, np.random.default_rng(0)), kind, np.random.default_rng(1))
    grey = decode_image_bytes(jpeg)
    before = grey.copy()
    np.testing.assert_array_equal(process_image(grey), process_image(grey))
    np.testing.assert_array_equal(grey, before)


LONG = {
    f"{test_a_photograph_gives_the_digit_of_its_drawing.__name__}[{kind}]"
    for kind in (
        "thin ball pen",
        "low contrast",
        "lined paper",
        "a table's edge",
        "a shadow's edge",
    )
}
