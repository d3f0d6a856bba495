"""What visitors are told of a label that was not learned, and what they are not told."""

import numpy as np
import pytest

from inkling.learning import gate, screen
from inkling.web.rejections import told


@pytest.mark.parametrize("said", range(10))
def test_the_screen_s_reason_is_told(said: int) -> None:
    sure = np.full(10, 1e-5, np.float32)
    sure[said] = 0.9999
    reason = screen.objection((said + 1) % 10, [sure] * 4)
    assert reason is not None
    article = "an" if said == 8 else "a"
    assert told(reason) == f"Every model is sure that this is {article} {said}."


@pytest.mark.parametrize("label", range(10))
def test_so_is_that_no_model_sees_the_digit(label: int) -> None:
    said = [np.roll(np.array([0.5, 0.5] + 8 * [0], np.float32), label + shift) for shift in (2, 4)]
    article = "an" if label == 8 else "a"
    assert told(screen.objection(label, said)) == f"No model sees {article} {label} in this."


@pytest.mark.parametrize("net", ["fnn", "cnn"])
def test_the_gate_s_reason_is_told_without_its_figures(net: str) -> None:
    good, bad = gate.Score(0, 0.01), gate.Score(40, 0.9)
    reason = gate.objection(net, good, good, bad, 50)
    words = f"The step would have made the {net.upper()} worse at other digits."
    assert told(reason) == words


def test_a_rollback_is_told() -> None:
    assert told("Rolled back to version 12.") == "The models went back to version 12."


@pytest.mark.parametrize(
    "reason", [None, "", "OSError: [Errno 28] No space left on device: '/srv/inkling/tmp/x'"]
)
def test_nothing_else_is_told(reason: str | None) -> None:
    assert told(reason) is None
