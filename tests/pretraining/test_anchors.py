"""Anchors and probe: made of numbers alone, and what is shipped is what is made."""

import numpy as np
import pytest

from inkling import checkpoints
from inkling.learning.reference import read_anchors
from inkling.learning.replay_buffer import read_digits
from inkling.pretraining.anchors import (
    ANCHOR_SEED,
    ANCHORS,
    BRIDGES,
    NO_LABEL,
    PROBE_EACH,
    draw_digits,
)
from inkling.pretraining.synthetic_digits import SHAPES, between, shape
from inkling.settings import ROOT
from two_layer_net import TwoLayerNet

PROBE = ROOT / "models" / "probe.npz"


def test_the_shipped_anchors_are_what_is_drawn() -> None:
    shipped = checkpoints.unpack((ROOT / "models" / "anchors.npz").read_bytes())
    drawn = draw_digits(40, ANCHOR_SEED, BRIDGES)
    np.testing.assert_array_equal(shipped["digits"][:40], drawn.digits)
    np.testing.assert_array_equal(shipped["labels"][:40], drawn.labels)
    assert len(read_anchors(ROOT / "models" / "anchors.npz")) == ANCHORS
    between_two = (np.asarray(shipped["labels"]) == NO_LABEL).mean()
    assert between_two == pytest.approx(BRIDGES, abs=0.03)


def test_the_probe_has_as_many_of_each_pair_which_are_no_anchors_and_which_are_read() -> None:
    probe = checkpoints.unpack(PROBE.read_bytes())
    labels = np.asarray(probe["labels"], np.int64)
    pairs = 10 * labels + np.asarray(probe["towards"], np.int64)
    assert np.bincount(pairs, minlength=100).tolist() == [
        PROBE_EACH * (digit != other) for digit in range(10) for other in range(10)
    ]
    digits = read_digits([np.asarray(probe["digits"], np.uint8).tobytes()])
    fnn = TwoLayerNet(checkpoints.originals(ROOT / "models")["fnn"])
    assert (fnn.probabilities(digits).argmax(axis=1) == labels).all()
    anchors = {digit.tobytes() for digit in read_anchors(ROOT / "models" / "anchors.npz")}
    assert not any(digit.tobytes() in anchors for digit in np.asarray(probe["digits"], np.uint8))


def test_other_seeds_draw_other_digits() -> None:
    assert (draw_digits(3, 5).digits != draw_digits(3, 6).digits).any()
    np.testing.assert_array_equal(draw_digits(3, 5).digits, draw_digits(3, 5).digits)


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_has_many_shapes(digit: int) -> None:
    found = [shape(digit, np.random.default_rng(seed)) for seed in range(20)]
    assert len(SHAPES) == 10
    assert all(stroke.shape[0] == 2 for strokes in found for stroke in strokes)
    assert len({len(strokes) for strokes in found} | {s[0].shape[1] for s in found}) > 1 or (
        len({strokes[0].tobytes() for strokes in found}) == 20
    )


def test_a_bridge_begins_at_one_shape_and_ends_at_the_other() -> None:
    rng = np.random.default_rng(0)
    one, other = shape(1, rng), shape(7, rng)
    start, end = between(one, other, 0)[0], between(one, other, 1)[0]
    np.testing.assert_allclose(start[:, 0], one[0][:, 0], atol=1e-4)
    np.testing.assert_allclose(end[:, -1], other[-1][:, -1], atol=1e-4)
    np.testing.assert_allclose(between(one, other, 0.5)[0], (start + end) / 2, atol=1e-4)
