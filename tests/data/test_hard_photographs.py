"""Photographs that are hard to read: each kind alone, from a seed."""

import numpy as np
import pytest

from functions import SIDE, Grey, decode_image_bytes
from inkling.data.hard_photographs import Kind, photograph, photographed_drawings
from inkling.data.strokes import StrokeDrawing
from testing.pen import STROKES


def picture(kind: Kind, seed: int = 0) -> Grey:
    return decode_image_bytes(photograph(STROKES[3], kind, np.random.default_rng(seed)))


@pytest.mark.parametrize("kind", Kind)
def test_a_seed_gives_one_photograph(kind: Kind) -> None:
    one, other = (photograph(STROKES[3], kind, np.random.default_rng(5)) for _ in range(2))
    assert one == other
    assert photograph(STROKES[3], kind, np.random.default_rng(6)) != one
    assert 280 <= max(picture(kind).shape) <= 512


def corners(kind: Kind) -> tuple[float, float]:
    """The median grey levels of the darkest and of the lightest corner, on average."""
    found = []
    for seed in range(8):
        p = picture(kind, seed)
        four = (p[:20, :20], p[:20, -20:], p[-20:, :20], p[-20:, -20:])
        found.append(sorted(float(np.median(corner)) for corner in four))
    return float(np.mean([f[0] for f in found])), float(np.mean([f[-1] for f in found]))


def test_each_kind_is_what_it_says() -> None:
    darkest, lightest = corners(Kind.PLAIN)
    assert darkest > 0.8 * lightest
    darkest, lightest = corners(Kind.UNEVEN)
    assert darkest < 0.65 * lightest
    assert corners(Kind.FRAME)[1] < 120
    faint, plain = (
        np.mean([picture(k, s).min() for s in range(8)]) for k in (Kind.FAINT, Kind.PLAIN)
    )
    assert faint > 1.5 * plain


def test_photographed_drawings_give_what_the_nets_see() -> None:
    drawings = [StrokeDrawing(digit, "me", strokes) for digit, strokes in STROKES.items()]
    digits = photographed_drawings(drawings, Kind.SHADOW, 3)
    assert digits.shape == (10, SIDE, SIDE)
    assert digits.any(axis=(1, 2)).all()
    np.testing.assert_array_equal(photographed_drawings(drawings, Kind.SHADOW, 3), digits)
    assert photographed_drawings([], Kind.SHADOW, 3).shape == (0, SIDE, SIDE)
