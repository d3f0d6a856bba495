"""The 24 variants of a drawing: their sizes, angles and seeds."""

import numpy as np
import pytest
from PIL import Image
from skimage.transform import rotate

from functions import ANGLES, FloatArray, augment, process_image
from testing.pen import draw
from tests.functions.pictures import box

# A wide sheet with one corner torn off, so that no two angles look the same.
WIDE = np.full((280, 280), 255, np.uint8)
WIDE[100:180, 40:240] = 0
WIDE[100:140, 40:100] = 255
SIZES = ((20, 20), (20, 8), (8, 20), (8, 8))  # w×w, w×h, h×w, h×h of the wide sheet


def upright(width: int, height: int) -> FloatArray:
    """The wide sheet as width × height in the middle of 28×28."""
    crop = Image.fromarray(255 - WIDE[100:180, 40:240])
    digit = np.zeros((28, 28), np.float32)
    top, left = (28 - height) // 2, (28 - width) // 2
    scaled = crop.resize((width, height), Image.Resampling.LANCZOS)
    digit[top : top + height, left : left + width] = np.asarray(scaled) / 255
    return digit


TURNS = range(-60, 61)  # more than there may be, in steps that are finer
TURNED = {
    size: np.stack([rotate(upright(*size), angle, order=1) for angle in TURNS]) for size in SIZES
}


def angles_of(variants: FloatArray, size: tuple[int, int]) -> list[int]:
    """By how many degrees each variant of the wide sheet at a size is turned."""
    found = []
    for variant in variants:
        distances = np.abs(TURNED[size] - variant).mean(axis=(1, 2))
        assert distances.min() < 0.01
        found.append(TURNS[int(distances.argmin())])
    return found


def test_variants_are_turned_as_scikit_image_turns_them() -> None:
    for shown in range(10):
        grey = draw(shown, width=14 + shown)
        variants, upright = augment(grey, shown), process_image(grey)
        assert variants is not None
        assert upright is not None
        rng = np.random.default_rng(shown)
        rng.choice(ANGLES, size=6, replace=False)  # of w×w
        angles = rng.choice(ANGLES, size=6, replace=False)  # of w×h, which is the digit itself
        for variant, angle in zip(variants[6:12], angles, strict=True):
            expected = np.clip(rotate(upright, angle, order=1), 0, 1)
            np.testing.assert_allclose(variant, expected, atol=1e-5)


def test_there_are_24_variants_in_range() -> None:
    variants = augment(draw(8), 0)
    assert variants is not None
    assert variants.shape == (24, 28, 28)
    assert variants.dtype == np.float32
    assert variants.min() == 0
    assert 0.9 < variants.max() <= 1
    assert all(variant.max() > 0.8 for variant in variants)


def test_variants_have_four_sizes_and_six_angles_each() -> None:
    seen: list[list[int]] = []
    for seed in range(20):
        variants = augment(WIDE, seed)
        assert variants is not None
        for group, size in enumerate(SIZES):
            angles = angles_of(variants[6 * group : 6 * group + 6], size)
            assert len(set(angles)) == 6
            seen.append(angles)
    assert {angle for angles in seen for angle in angles} == set(range(-30, 30, 5)) == set(ANGLES)
    assert len({tuple(angles) for angles in seen}) > 70  # drawn anew for every size and seed


def test_variants_that_are_not_turned_fill_their_boxes() -> None:
    found = set()
    for seed in range(20):
        variants = augment(WIDE, seed)
        assert variants is not None
        for number, variant in enumerate(variants):
            width, height = SIZES[number // 6]
            if np.abs(variant - upright(width, height)).mean() < 1e-3:  # its angle is 0
                left, top = (28 - width) // 2, (28 - height) // 2
                assert box(variant) == (left, top, left + width, top + height)
                found.add((width, height))
    assert found == set(SIZES)


@pytest.mark.parametrize("seed", [0, 1, 2**128 - 1])
def test_a_seed_gives_the_same_variants_and_another_seed_others(seed: int) -> None:
    first, again, other = augment(draw(2), seed), augment(draw(2), seed), augment(draw(2), seed + 1)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
