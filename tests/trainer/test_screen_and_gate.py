"""What the trainer does not learn: labels that the screen stops, steps that the gate undoes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from functions import Grey, process_image, to_bytes
from inkling.learning.gate import Probe
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import read_digits
from inkling.learning.rule import RULES, Rule
from inkling.records import REJECTED, TRAINED, Drawing
from inkling.trainer.trainer import Trainer
from testing.pen import draw
from testing.places import KINDS, ORIGINALS, Place, fnn, open_place
from two_layer_net import TwoLayerNet


@pytest.fixture(params=KINDS)
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with open_place(request.param, tmp_path, request) as place:
        yield place


def labelled(paper: Grey, label: int) -> Drawing:
    return Drawing.of(label, paper)


def state_of(place: Place, drawing: Drawing) -> tuple[str, int | None, str]:
    found = place.journal.find(drawing.id)
    assert found is not None
    return found.state, found.version, found.rejection.for_operator() if found.rejection else ""


def test_a_label_that_the_screen_stops_is_kept_with_its_reason_and_changes_nothing(
    place: Place,
) -> None:
    rows = [labelled(draw(1), 1), labelled(draw(4), 9), labelled(draw(7), 7)]
    for row in rows:
        place.journal.add(row)
    place.learn()
    assert state_of(place, rows[1]) == (
        REJECTED,
        None,
        "Every model is sure that this is a 4, not a 9.",
    )
    assert [state_of(place, row)[:2] for row in (rows[0], rows[2])] == [(TRAINED, 1), (TRAINED, 2)]
    assert equals_a_run_of(place, [rows[0], rows[2]], fnn())


DOUBTFUL = np.minimum(draw(5), draw(7))  # the FNN takes it for a 3
AS_WHAT, LIE = 3, 5
EAGER = replace(RULES["fnn"], rate=0.005) if isinstance(RULES["fnn"], Rule) else None


def eager(probe: Probe) -> Learner:
    """The FNN with a rule that lets one label do much."""
    assert EAGER is not None
    return Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, {"fnn": EAGER}, probe=probe)


def probe_of(paper: Grey, label: int) -> Probe:
    """Forty plain digits, and ten times this one."""
    papers = [draw(n % 10, width=10 + n) for n in range(40)] + [paper] * 10
    seen = [process_image(paper) for paper in papers]
    digits = [np.frombuffer(to_bytes(d), np.uint8).reshape(28, 28) for d in seen if d is not None]
    return Probe(np.stack(digits), np.array([n % 10 for n in range(40)] + [label] * 10))


def test_a_step_that_costs_too_much_is_undone_and_the_others_are_learned(place: Place) -> None:
    probe = probe_of(DOUBTFUL, AS_WHAT)
    rows = [labelled(draw(1), 1), labelled(DOUBTFUL, LIE), labelled(draw(7), 7)]
    for row in rows:
        place.journal.add(row)
    trainer = Trainer(place.outbox, ORIGINALS, eager(probe))
    while trainer.work():
        pass
    state, version, reason = state_of(place, rows[1])
    assert (state, version) == (REJECTED, None)
    assert reason.startswith("The FNN would have read 10 of 50 probe digits wrongly (loss +")
    assert [state_of(place, row)[:2] for row in (rows[0], rows[2])] == [(TRAINED, 1), (TRAINED, 2)]
    assert equals_a_run_of(place, [rows[0], rows[2]], eager(probe))


def test_another_probe_would_have_let_that_step_stay() -> None:
    learner, harmless = eager(probe_of(DOUBTFUL, AS_WHAT)), eager(probe_of(draw(1), 1))
    for nets in (learner, harmless):
        nets.learn(labelled(DOUBTFUL, LIE))
    assert learner.objection() is not None
    assert harmless.objection() is None


def test_a_net_that_was_loaded_beyond_the_margin_may_get_better_but_no_worse() -> None:
    spoilt = eager(probe_of(DOUBTFUL, AS_WHAT))
    for _ in range(3):
        spoilt.learn(labelled(DOUBTFUL, LIE))
    for label, allowed in ((AS_WHAT, True), (LIE, False)):
        again = eager(probe_of(DOUBTFUL, AS_WHAT))
        again.start(spoilt.states(), spoilt.memory)
        again.learn(labelled(DOUBTFUL, label))
        assert (again.objection() is None) == allowed


def equals_a_run_of(place: Place, rows: list[Drawing], nets: Learner) -> bool:
    """Whether the newest weights are, bit for bit, those of learning only these rows."""
    for row in rows:
        found = place.journal.find(row.id)
        assert found is not None
        nets.learn(found)
    trainer = Trainer(place.outbox, ORIGINALS, fnn())
    stored = trainer.nets.states()["fnn"]
    return all(np.array_equal(array, stored[n]) for n, array in nets.states()["fnn"].items())


def test_the_doubtful_drawing_is_what_these_tests_take_it_for() -> None:
    digit = read_digits([probe_of(DOUBTFUL, 0).digits[-1].tobytes()])
    said = TwoLayerNet(ORIGINALS["fnn"]).probabilities(digit)[0]
    assert said.argmax() == AS_WHAT
    assert said[LIE] > 0.001
