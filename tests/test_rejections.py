"""What visitors are told of a label that was not learned, and what they are not told."""

import numpy as np
import pytest

from inkling.learning import screen
from inkling.learning.gate import Drift
from inkling.learning.steering import steers
from inkling.rejections import VISITOR, Code, Rejection


@pytest.mark.parametrize("said", range(10))
def test_the_screen_s_reason_is_told(said: int) -> None:
    sure = np.full(10, 1e-5, np.float32)
    sure[said] = 0.9999
    reason = screen.objection((said + 1) % 10, [sure] * 4)
    assert reason is not None
    article = "an" if said == 8 else "a"
    assert reason.for_visitor() == f"Every model is sure that this is {article} {said}."


@pytest.mark.parametrize("label", range(10))
def test_so_is_that_no_model_sees_the_digit(label: int) -> None:
    said = [np.roll(np.array([0.5, 0.5] + 8 * [0], np.float32), label + shift) for shift in (2, 4)]
    article = "an" if label == 8 else "a"
    reason = screen.objection(label, said)
    assert reason is not None
    assert reason.for_visitor() == f"No model sees {article} {label} in this."


def test_so_is_that_it_looks_like_no_digit() -> None:
    reason = Rejection(Code.NO_DIGIT, {"score": 2.345})
    assert reason.for_visitor() == "This does not look like a digit to the models."
    assert reason.for_operator() == "It looks like no digit (by +2.3)."


@pytest.mark.parametrize("net", ["fnn", "cnn"])
def test_the_gate_s_reason_is_told_without_its_figures(net: str) -> None:
    reason = steers(Drift(net, 4, 9, 2.34))
    told = f"With labels like this one the {net.upper()} had moved 4s towards 9s by 2.3 nats."
    assert reason.for_operator() == told
    words = "Too many labels like this one would make the models read 4s as 9s. It waits until a "
    assert reason.for_visitor() == words + "person has looked at it."


def test_a_rollback_is_told() -> None:
    reason = Rejection(Code.ROLLED_BACK, {"version": 12})
    assert reason.for_visitor() == "The models went back to version 12."
    assert reason.for_operator() == "Rolled back to version 12."


def test_nothing_is_told_of_a_fault_of_the_data() -> None:
    reason = Rejection(Code.UNREADABLE, {"error": "OSError: '/srv/inkling/tmp/x'"})
    assert reason.for_visitor() is None
    assert "/srv/inkling/tmp/x" in reason.for_operator()
    assert {*Code} - {*VISITOR} == {Code.NOTHING_DRAWN, Code.UNREADABLE, Code.NOT_FINITE}


def test_a_reason_is_read_as_it_was_kept() -> None:
    reason = Rejection(Code.TOO_COSTLY, {"net": "FNN", "errors": 3, "count": 50, "loss": 0.2})
    assert Rejection.from_json(reason.to_json()) == reason
