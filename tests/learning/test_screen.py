"""The screen: labels in which no model believes even a little, and nothing else."""

import numpy as np
import pytest

from inkling.learning.screen import DOUBT, EXCESS, objection
from inkling.rejections import Code, Rejection
from two_layer_net import FloatArray


def sees(digit: int, probability: float = 0.9995, label: float = 0, other: int = 1) -> FloatArray:
    """Probabilities of a model that gives a digit so much, `other` this, and the rest to a 5."""
    said = np.zeros(10, np.float32)
    said[other] = label
    said[digit] = probability
    said[5] = 1 - said.sum()
    return said


def test_what_all_models_are_sure_is_another_digit_is_screened_out() -> None:
    assert objection(1, [sees(7)] * 4) == Rejection(Code.SURE_OF_ANOTHER, {"said": 7, "label": 1})


@pytest.mark.parametrize(
    "said",
    [
        [sees(7), sees(7), sees(7), sees(9)],
        [sees(7), sees(7), sees(7), sees(7, 0.9)],
        [sees(7, 0.6), sees(9, 0.6), sees(3, 0.6), sees(8, 0.6)],
        [sees(7, 0.9, DOUBT / 2)] * 4,
    ],
    ids=["they disagree", "one is less sure", "a scribble", "a little for it"],
)
def test_so_is_what_no_model_takes_for_it(said: list[FloatArray]) -> None:
    assert objection(1, said) == Rejection(Code.NOT_BELIEVED, {"label": 1})


@pytest.mark.parametrize(
    "said",
    [
        [sees(1)] * 4,
        [sees(7), sees(7), sees(7), sees(1)],
        [sees(7), sees(7), sees(7), sees(7, 0.98, 2 * DOUBT)],
        [],
    ],
    ids=["right", "one says so", "one gives it a little", "unasked"],
)
def test_what_may_be_right_is_not(said: list[FloatArray]) -> None:
    assert objection(1, said) is None


@pytest.mark.parametrize(
    ("excess", "stopped"), [(EXCESS + 0.01, True), (EXCESS, False), (-5.0, False)]
)
def test_what_looks_like_no_digit_is_screened_out_whatever_the_models_say(
    excess: float, stopped: bool
) -> None:
    found = objection(7, [sees(7)] * 4, excess)
    expected = Rejection(Code.NO_DIGIT, {"score": round(excess, 3)})
    assert found == (expected if stopped else None)
