"""Scores: figures worked out by hand, and the way through JSON and back."""

import json

import numpy as np
import pytest

from functions import FloatArray
from inkling.evaluation.metrics import (
    NO_ANSWER,
    Score,
    calibration_error,
    score,
    score_answer,
    scores_from_json,
    scores_to_json,
)

LABELS = np.array([7, 7, 7, 1, 1], np.int64)


def stated(*guesses: tuple[int, float]) -> FloatArray:
    """Probabilities (n, 10): each digit with its own, the rest spread evenly over the others."""
    rows = [[(1 - p) / 9] * 10 for _, p in guesses]
    for row, (digit, p) in zip(rows, guesses, strict=True):
        row[digit] = p
    return np.array(rows, np.float32)


# Three sevens: right, right, a 1. Two ones: right, a 7.
SAID = stated((7, 0.9), (7, 0.8), (1, 0.6), (1, 0.7), (7, 0.95))


def test_what_was_said_is_counted_by_label() -> None:
    confusion = np.zeros((10, 11), int)
    confusion[7, 7], confusion[7, 1], confusion[1, 1], confusion[1, 7] = 2, 1, 1, 1
    assert score(SAID, LABELS).confusion == tuple(map(tuple, confusion.tolist()))


def test_accuracy_is_the_share_of_right_ones() -> None:
    found = score(SAID, LABELS)
    assert found.count == 5
    assert found.accuracy == pytest.approx(3 / 5)


def test_accuracy_per_digit_is_none_where_there_was_no_such_digit() -> None:
    found = score(SAID, LABELS)
    wanted: list[float | None] = [None] * 10
    wanted[7], wanted[1] = 2 / 3, 1 / 2
    assert found.per_digit == tuple(wanted)
    assert found.worst_digit == 1


def test_the_worst_digit_may_be_one_that_was_never_right() -> None:
    found = score(stated((7, 0.9), (7, 0.9), (7, 0.9)), np.array([7, 4, 7], np.int64))
    assert found.per_digit[4] == 0
    assert found.worst_digit == 4


def test_no_digits_have_no_worst_one() -> None:
    found = score(np.empty((0, 10), np.float32), np.empty(0, np.int64))
    assert (found.count, found.accuracy, found.worst_digit) == (0, 0, None)
    assert found.calibration_error == 0


def test_calibration_error_weighs_each_bins_gap_by_its_size() -> None:
    # Bins are 1/15 wide. 0.88 and 0.92 share [13/15, 14/15): mean 0.9, one of two right, gap 0.4.
    # 0.95 is alone and right: 0.05. 0.61 is alone in [9/15, 10/15) and wrong: 0.61.
    said = stated((3, 0.88), (3, 0.92), (3, 0.95), (3, 0.61))
    labels = np.array([3, 5, 3, 5], np.int64)
    assert calibration_error(said, labels) == pytest.approx((2 * 0.4 + 0.05 + 0.61) / 4, abs=1e-6)


def test_a_sure_and_right_model_is_calibrated() -> None:
    sure = np.eye(10, dtype=np.float32)  # probabilities of exactly 1 have a bin too
    assert calibration_error(sure, np.arange(10)) == 0
    assert calibration_error(sure, np.arange(10)[::-1].copy()) == 1


def test_the_answer_is_the_apps_and_no_answer_has_the_last_column() -> None:
    fnn = stated((7, 0.9), (7, 0.4), (1, 0.3), (1, 0.7), (7, 0.4))
    cnn = stated((7, 0.6), (1, 0.3), (1, 0.2), (7, 0.9), (1, 0.6))
    found = score_answer(fnn, cnn, LABELS)
    # 7 agreed; unsure and at odds; agreed on 1 though unsure; the CNN is surer: 7; then 1.
    assert found.confusion[7][7] == 1
    assert found.confusion[7][NO_ANSWER] == 1
    assert found.confusion[7][1] == 1
    assert found.confusion[1][7] == 1
    assert found.confusion[1][1] == 1
    assert found.count == 5
    assert found.accuracy == pytest.approx(2 / 5)
    assert found.calibration_error is None


def test_scores_come_back_from_json() -> None:
    scores = {
        "validation writers": {
            "fnn": score(SAID, LABELS),
            "answer": score_answer(SAID, SAID, LABELS),
        },
        "nothing": {"fnn": Score(((0,) * 11,) * 10, 0.0)},
    }
    text = json.dumps(scores_to_json(scores))
    assert scores_from_json(json.loads(text)) == scores
    told = json.loads(text)["validation writers"]["fnn"]
    assert (told["count"], told["accuracy"], told["worst_digit"]) == (5, 0.6, 1)
    assert told["per_digit"][7] == 0.666667


def test_scores_of_earlier_versions_are_found_under_todays_names() -> None:
    models = {"fnn": score(SAID, LABELS)}
    written = scores_to_json({"held-out writers": models, "MNIST test": models})
    assert scores_from_json(written) == {"validation writers": models, "MNIST test": models}
