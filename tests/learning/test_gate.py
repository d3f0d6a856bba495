"""The gate: what a step may cost on the probe, together with all before it."""

from pathlib import Path

import numpy as np
import pytest

from inkling.checkpoints import pack
from inkling.errors import InvalidInput
from inkling.learning.gate import ERRORS, LOSS, PROBE, Score, objection, read_probe, score
from inkling.learning.reference import ANCHORS, read_anchors
from inkling.settings import ROOT

MODELS = ROOT / "models"
COUNT = 400
BEFORE = Score(2, 0.04)
MOST = 2 + int(ERRORS * COUNT)


def test_a_score_is_the_errors_and_the_mean_loss() -> None:
    scores = np.log(np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]]))
    found = score(scores, np.array([0, 1, 1]))
    assert found.errors == 1
    assert found.loss == pytest.approx(-np.log([0.7, 0.3, 0.5]).mean())


@pytest.mark.parametrize("now", [BEFORE, Score(0, 0.01), Score(MOST, 0.04), Score(2, 0.04 + LOSS)])
def test_within_the_margin_a_net_may_be_published(now: Score) -> None:
    assert objection("fnn", BEFORE, BEFORE, now, COUNT) is None


@pytest.mark.parametrize(
    "now", [Score(MOST + 1, 0.04), Score(2, 0.05 + LOSS), Score(0, float("nan"))]
)
def test_beyond_it_the_reason_gives_the_figures(now: Score) -> None:
    reason = objection("cnn", BEFORE, BEFORE, now, COUNT)
    assert reason is not None
    words = reason.for_operator()
    assert words.startswith(f"The CNN would have read {now.errors} of {COUNT} probe digits wrong")
    assert f"(loss {now.loss - 0.04:+.3f})" in words


def test_a_net_that_is_beyond_it_already_may_get_better_but_no_worse() -> None:
    last = Score(MOST + 5, 0.5)
    assert objection("fnn", BEFORE, last, Score(MOST + 5, 0.5), COUNT) is None
    assert objection("fnn", BEFORE, last, Score(MOST + 4, 0.4), COUNT) is None
    assert objection("fnn", BEFORE, last, Score(MOST + 6, 0.4), COUNT) is not None
    assert objection("fnn", BEFORE, last, Score(MOST + 5, 0.6), COUNT) is not None


def test_the_shipped_probe_has_as_many_of_each_digit() -> None:
    probe = read_probe(MODELS / PROBE)
    assert probe.digits.shape == (len(probe), 28, 28)
    assert set(np.bincount(probe.labels, minlength=10)) == {len(probe) / 10}


@pytest.mark.parametrize(
    "arrays",
    [
        {"digits": np.zeros((3, 28, 28), np.uint8)},
        {"digits": np.zeros((3, 2, 2), np.uint8), "labels": np.zeros(3)},
        {"digits": np.zeros((3, 28, 28), np.float32), "labels": np.zeros(3)},
        {"digits": np.zeros((3, 28, 28), np.uint8), "labels": np.zeros(2)},
    ],
    ids=["no labels", "other sides", "other levels", "fewer labels"],
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
