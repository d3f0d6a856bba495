"""The gate: how far a net has moved from one digit towards another, and on which digits."""

from pathlib import Path

import numpy as np
import pytest

from inkling.checkpoints import pack
from inkling.errors import InvalidInput
from inkling.learning.gate import PROBE, Drift, drifts, log_odds, read_probe
from inkling.learning.reference import ANCHORS, read_anchors
from inkling.learning.replay_buffer import read_digits
from inkling.settings import ROOT
from testing.places import ORIGINALS
from two_layer_net import TwoLayerNet

MODELS = ROOT / "models"


def test_log_odds_are_those_of_the_other_digit_over_the_label() -> None:
    scores = np.log(np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]))
    found = log_odds(scores, np.array([0, 2]), np.array([1, 0]))
    assert found == pytest.approx([np.log(0.2 / 0.7), np.log(0.1 / 0.6)])


def test_a_drift_is_the_mean_of_each_pair_of_digits() -> None:
    labels, towards = np.array([4, 9, 4, 4]), np.array([9, 4, 9, 1])
    found = drifts("fnn", np.array([1.0, -0.5, 2.0, 0.25]), labels, towards)
    assert found == [
        Drift("fnn", 4, 1, 0.25),
        Drift("fnn", 4, 9, 1.5),
        Drift("fnn", 9, 4, -0.5),
    ]


def test_the_shipped_probe_has_as_many_of_each_pair_and_the_originals_read_them() -> None:
    probe = read_probe(MODELS / PROBE)
    pairs = np.unique(np.stack([probe.labels, probe.towards]), axis=1, return_counts=True)
    assert pairs[0].shape == (2, 90)
    assert {*pairs[1]} == {len(probe) / 90}
    said = TwoLayerNet(ORIGINALS["fnn"]).probabilities(read_digits([probe.digits.tobytes()]))
    assert (said.argmax(axis=1) == probe.labels).all()


def test_its_rows_are_those_near_some_digits() -> None:
    probe = read_probe(MODELS / PROBE)
    rows = probe.rows([9, 1])
    assert {*probe.towards[rows]} == {1, 9}
    assert len(rows) == len(probe) / 5


@pytest.mark.parametrize(
    "arrays",
    [
        {"digits": np.zeros((3, 28, 28), np.uint8), "labels": np.zeros(3)},
        {"digits": np.zeros((3, 2, 2), np.uint8), "labels": np.zeros(3), "towards": np.ones(3)},
        {"digits": np.zeros((3, 28, 28)), "labels": np.zeros(3), "towards": np.ones(3)},
        {"digits": np.zeros((3, 28, 28), np.uint8), "labels": np.zeros(2), "towards": np.ones(3)},
        {"digits": np.zeros((3, 28, 28), np.uint8), "labels": np.zeros(3), "towards": np.ones(4)},
    ],
    ids=["near nothing", "other sides", "other levels", "fewer labels", "more neighbours"],
)
def test_a_file_that_holds_no_probe_is_named(arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    path = tmp_path / "probe.npz"
    with pytest.raises(OSError, match=r"probe\.npz"):
        read_probe(path)
    path.write_bytes(pack(arrays))
    with pytest.raises(InvalidInput, match=r"probe\.npz holds no probe. Make it again"):
        read_probe(path)


def test_probe_and_anchors_share_no_digit() -> None:
    anchors = {digit.tobytes() for digit in read_anchors(MODELS / ANCHORS)}
    assert not anchors & {digit.tobytes() for digit in read_probe(MODELS / PROBE).digits}
