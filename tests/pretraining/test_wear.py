"""Worn drawings: dotted, broken, blotted, with tails; coarse, pale and photographed pages."""

import numpy as np
import pytest

from functions import process_image
from inkling import checkpoints
from inkling.data.rendering import digits_from_strokes, render_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.nets.lite_conv_net import LiteConvNet
from inkling.pretraining import wear
from inkling.pretraining.augmentation import training_rendering
from inkling.pretraining.synthetic_digits import Strokes
from inkling.pretraining.wear import CHANGES, vary_strokes, wear_page, wear_strokes
from inkling.settings import load_settings
from testing.pen import STROKES, draw


def length(strokes: Strokes) -> float:
    return float(sum(np.hypot(*np.diff(stroke)).sum() for stroke in strokes))


def changed(name: str, digit: int, seed: int) -> Strokes:
    (change,) = [one for one in CHANGES if one.__name__ == name]
    strokes = [stroke.astype(np.float32) for stroke in STROKES[digit]]
    return change(strokes, np.random.default_rng(seed))


@pytest.mark.parametrize("digit", range(10))
def test_dots_lie_on_the_way_of_the_pen(digit: int) -> None:
    found = changed("_dotted", digit, digit)
    dots = [stroke for stroke in found if stroke.shape[1] == 1]
    assert len(dots) >= 3
    for dot in dots:
        assert min(_distance(dot[:, 0], stroke) for stroke in STROKES[digit]) < 2
    assert length(found) < 0.75 * length(STROKES[digit])


def _distance(point: np.ndarray, stroke: np.ndarray) -> float:
    """How far a point is from a stroke."""
    if stroke.shape[1] == 1:
        return float(np.hypot(*(point - stroke[:, 0])))
    start, way = stroke[:, :-1].T, np.diff(stroke).T
    share = ((point - start) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-9)
    nearest = start + np.clip(share, 0, 1)[:, np.newaxis] * way
    return float(np.hypot(*(point - nearest).T).min())


@pytest.mark.parametrize("digit", range(10))
def test_gaps_take_a_little_of_the_way(digit: int) -> None:
    found = changed("_broken", digit, digit)
    assert 0.5 < length(found) / length(STROKES[digit]) < 0.97


@pytest.mark.parametrize("name", ["_blotted", "_with_tail"])
def test_blots_and_tails_leave_the_strokes_and_add_some(name: str) -> None:
    for digit in range(10):
        found = changed(name, digit, digit)
        kept = found[: len(STROKES[digit])]
        assert all(map(np.array_equal, kept, [s.astype(np.float32) for s in STROKES[digit]]))
        assert len(found) > len(kept)


def test_most_strokes_stay_whole() -> None:
    rng = np.random.default_rng(0)
    strokes = [stroke.astype(np.float32) for stroke in STROKES[3]]
    whole = (
        sum(
            len(worn := wear_strokes(strokes, rng)) == 1 and worn[0] is strokes[0]
            for _ in range(400)
        )
        / 400
    )
    assert abs(whole - wear.WHOLE) < 0.06


def test_a_single_dot_survives_everything() -> None:
    dot = [np.array([[5.0], [5.0]], np.float32)]
    for change in CHANGES:
        for seed in range(5):
            found = change(dot, np.random.default_rng(seed))
            assert np.isfinite(np.concatenate(found, axis=1)).all()
            assert sum(stroke.size for stroke in found)


def test_pages_show_the_digit_still() -> None:
    served = LiteConvNet(
        checkpoints.graphs(load_settings({}).models_folder)["cnn"],
        checkpoints.originals(load_settings({}).models_folder)["cnn"],
    )
    shapes, right = set(), 0
    for seed in range(100):
        page = wear_page(draw(seed % 10), np.random.default_rng(seed))
        assert page.dtype == np.uint8
        shapes.add(page.shape)
        digit = process_image(page)
        if digit is not None:
            right += int(served.probabilities(digit[np.newaxis]).argmax()) == seed % 10
    assert len(shapes) > 5  # coarse ones among them
    assert right >= 95


def test_worn_drawings_become_digits_and_the_same_again() -> None:
    drawings = [StrokeDrawing(digit, "anna", STROKES[digit]) for digit in range(10)] * 3
    one, again, plain = (
        digits_from_strokes(drawings, 4, vary=vary, vary_page=page, workers=1)
        for vary, page in ((vary_strokes, wear_page), (vary_strokes, wear_page), (None, None))
    )
    assert one.tobytes() == again.tobytes()
    assert (one.reshape(30, -1).max(axis=1) == 1).all()
    assert np.abs(one - plain).mean() > 0.02


def test_a_page_on_which_nothing_is_seen_is_left() -> None:
    drawings = [StrokeDrawing(digit, "anna", STROKES[digit]) for digit in range(10)]
    plain = digits_from_strokes(drawings, 4, workers=1)
    blank = digits_from_strokes(
        drawings, 4, vary_page=lambda page, rng: np.full_like(page, 255), workers=1
    )
    assert (blank == plain).all()


def test_pens_reach_a_third_of_the_digit() -> None:
    rng = np.random.default_rng(0)
    found = [training_rendering(rng) for _ in range(500)]
    assert np.mean([r.width / r.size > 1 / 3 for r in found]) > 0.03
    assert render_strokes(STROKES[8], **found[0]._asdict()).shape == (280, 280)
