"""Variations for training: other, but still the same digit."""

import numpy as np
import pytest

from functions import process_image
from inkling import checkpoints
from inkling.data.rendering import render_strokes
from inkling.nets.lite_conv_net import LiteConvNet
from inkling.pretraining.augmentation import distort_strokes, training_rendering, warp_digits
from inkling.settings import load_settings
from testing.pen import STROKES, draw

SEVEN = process_image(draw(7))
assert SEVEN is not None
DIGITS = np.repeat(SEVEN[np.newaxis], 300, axis=0)


def test_warped_digits_are_digits() -> None:
    warped = warp_digits(DIGITS, np.random.default_rng(0), 1.0)
    assert warped.shape == DIGITS.shape
    assert warped.dtype == np.float32
    assert warped.min() >= 0
    assert warped.max() <= 1


def test_no_strength_leaves_digits_as_they_are() -> None:
    warped = warp_digits(DIGITS, np.random.default_rng(0), 0.0)
    np.testing.assert_allclose(warped, DIGITS, atol=2e-3)


def test_more_strength_moves_digits_further_and_each_in_its_own_way() -> None:
    def moved(strength: float) -> float:
        warped = warp_digits(DIGITS, np.random.default_rng(0), strength)
        assert len(np.unique(warped.reshape(300, -1), axis=0)) == 300
        return float(np.abs(warped - DIGITS).mean())

    assert 0.01 < moved(0.3) < moved(0.6) < moved(1.0) < 0.1


def test_warping_keeps_the_ink_in_the_middle_on_average() -> None:
    mean = warp_digits(DIGITS, np.random.default_rng(0), 1.0).mean(axis=0)
    for axis in (0, 1):
        centre = (mean.sum(axis=axis) * np.arange(28)).sum() / mean.sum()
        wanted = (DIGITS[0].sum(axis=axis) * np.arange(28)).sum() / DIGITS[0].sum()
        assert abs(centre - wanted) < 0.3


def test_the_same_seed_warps_the_same() -> None:
    first, again = (warp_digits(DIGITS, np.random.default_rng(5), 1.0) for _ in range(2))
    assert first.tobytes() == again.tobytes()


@pytest.mark.parametrize("digit", range(10))
def test_distorted_strokes_keep_their_form(digit: int) -> None:
    strokes = STROKES[digit]
    bent = distort_strokes(strokes, np.random.default_rng(digit))
    assert [stroke.shape for stroke in bent] == [stroke.shape for stroke in strokes]
    points = np.concatenate(bent, axis=1)
    assert 0.6 < np.ptp(points, axis=1).max() < 1.6
    assert not np.array_equal(render_strokes(bent), render_strokes(strokes))


def test_distorted_strokes_still_show_their_digit() -> None:
    folder = load_settings({}).models_folder
    arrays = checkpoints.originals(folder)["cnn"]
    net = LiteConvNet((folder / "cnn.tflite").read_bytes(), arrays)
    right, rng = 0, np.random.default_rng(0)
    for digit, strokes in STROKES.items():
        for _ in range(20):
            seen = process_image(render_strokes(distort_strokes(strokes, rng)))
            assert seen is not None
            right += int(net.probabilities(seen[np.newaxis]).argmax() == digit)
    assert right >= 190


def test_every_hand_is_another() -> None:
    rng = np.random.default_rng(0)
    papers = {render_strokes(distort_strokes(STROKES[4], rng)).tobytes() for _ in range(50)}
    assert len(papers) == 50


def test_a_dot_can_be_distorted() -> None:
    dot = [np.array([[5.0], [7.0]], dtype=np.float32)]
    for strokes in (dot, [np.repeat(dot[0], 3, axis=1)], [*dot, *STROKES[1]]):
        for seed in range(20):
            bent = distort_strokes(strokes, np.random.default_rng(seed))
            assert all(np.isfinite(stroke).all() for stroke in bent)


@pytest.mark.parametrize("seed", range(3))
def test_renderings_for_training_are_on_the_canvas(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = [training_rendering(rng) for _ in range(500)]
    for width, size, (x, y), tilt in found:
        assert 3 <= width <= 40
        assert 42 <= size <= 285
        assert width <= 0.51 * size
        assert -25 <= tilt <= 25
        for place in (x, y):
            assert size / 2 - 5 <= place + width / 2 and place - width / 2 <= 285 - size / 2
    for values in zip(*((r.width, r.size, r.place[0], r.tilt) for r in found), strict=True):
        assert np.ptp(values) > 20
