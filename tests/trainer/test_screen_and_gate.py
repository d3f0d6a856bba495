"""What the trainer does not learn: labels that the screen stops, steps that the gate undoes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from functions import Grey, process_image, to_bytes
from inkling.history.review import accept
from inkling.learning.gate import Probe
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import read_digits
from inkling.learning.rule import MEMORY, RULES, LearningRule, Rule
from inkling.learning.steering import AT_FIRST
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
EAGER = replace(RULES["fnn"], rate=0.005)


def eager(probe: Probe) -> Learner:
    """The FNN with a rule that lets one label do much."""
    return Learner(
        {"fnn": TwoLayerNet(ORIGINALS["fnn"])},
        ORIGINALS,
        LearningRule(MEMORY.name, {"fnn": EAGER}),
        probe=probe,
    )


def probe_of(paper: Grey, label: int, towards: int = 0) -> Probe:
    """Forty plain digits, each near another one, and ten times this one."""
    papers = [draw(n % 10, width=10 + n) for n in range(40)] + [paper] * 10
    seen = [process_image(paper) for paper in papers]
    digits = [np.frombuffer(to_bytes(d), np.uint8).reshape(28, 28) for d in seen if d is not None]
    labels = np.array([n % 10 for n in range(40)] + [label] * 10)
    others = np.array([(n + 1) % 10 for n in range(40)] + [towards] * 10)
    return Probe(np.stack(digits), labels, others)


PROBE = probe_of(DOUBTFUL, AS_WHAT, LIE)


def learn_all(place: Place, rows: list[Drawing], one_by_one: bool) -> Trainer:
    trainer = Trainer(place.outbox, ORIGINALS, eager(PROBE))
    for row in rows:
        place.journal.add(row)
        while one_by_one and trainer.work():
            pass
    while trainer.work():
        pass
    return trainer


@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_label_that_steers_is_rejected_and_the_others_are_learned(
    place: Place, one_by_one: bool
) -> None:
    rows = [labelled(draw(1), 1), labelled(DOUBTFUL, LIE), labelled(draw(7), 7)]
    learn_all(place, rows, one_by_one)
    state, version, reason = state_of(place, rows[1])
    assert (state, version) == (REJECTED, None)
    assert reason.startswith(f"With labels like this one the FNN had moved {AS_WHAT}s towards ")
    assert [state_of(place, row)[:2] for row in (rows[0], rows[2])] == [(TRAINED, 1), (TRAINED, 2)]
    assert equals_a_run_of(place, [rows[0], rows[2]], eager(PROBE))


@pytest.mark.parametrize("one_by_one", [False, True])
def test_what_steered_before_is_taken_out_and_nobody_else_is_refused(
    place: Place, one_by_one: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lies one of which alone is within the limit, among honest labels."""
    lies = [labelled(DOUBTFUL, LIE) for _ in range(3)]
    honest = [labelled(draw(n, width=15 + n), n) for n in (1, LIE, 7, 2, LIE)]
    rows = [honest[0], lies[0], honest[1], lies[1], honest[2], lies[2], *honest[3:]]
    steered = eager(PROBE)
    steered.learn(honest[0])
    steered.learn(lies[0])
    drift = steered.drift([LIE])
    assert drift is not None
    monkeypatch.setattr("tests.trainer.test_screen_and_gate.EAGER", allowing(drift.nats + 0.5))
    learn_all(place, rows, one_by_one)
    kept = [row for row in rows if state_of(place, row)[0] == TRAINED]
    assert {*map(id, honest)} <= {*map(id, kept)}
    assert len(kept) < len(rows) - 1
    assert all("towards" in state_of(place, lie)[2] for lie in lies if lie not in kept)
    assert equals_a_run_of(place, kept, eager(PROBE))


def allowing(nats: float) -> Rule:
    return replace(EAGER, drift=nats)


def test_an_accepted_label_is_learned_past_screen_and_gate(place: Place) -> None:
    """And the others after it, though the nets are beyond the limit now; but for doubtful ones."""
    doubtful, impossible = labelled(DOUBTFUL, LIE), labelled(draw(4), 9)
    before, honest = labelled(draw(1), 1), labelled(draw(LIE), LIE)
    learn_all(place, [before, doubtful, impossible], one_by_one=False)
    assert [state_of(place, row)[0] for row in (doubtful, impossible)] == [REJECTED, REJECTED]
    accept(place.journal, [doubtful.id, impossible.id])
    again = labelled(DOUBTFUL, LIE)
    trainer = learn_all(place, [honest, again], one_by_one=False)
    assert isinstance(trainer.nets, Learner)
    assert trainer.nets.drift([LIE]) is not None
    learned = [before, doubtful, impossible, honest]
    assert [state_of(place, row)[:2] for row in learned] == [(TRAINED, n) for n in (1, 2, 3, 4)]
    assert state_of(place, again)[0] == REJECTED
    assert equals_a_run_of(place, learned, eager(PROBE))


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


def test_where_nothing_doubtful_was_learned_labels_that_go_too_far_are_learned_together(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each would be learned alone for ever after, and refused by nobody."""
    monkeypatch.setattr("tests.trainer.test_screen_and_gate.EAGER", allowing(-100))
    rows = [labelled(draw(n, width=15 + n), n) for n in (1, 7, 2)]
    learn_all(place, rows, one_by_one=False)
    assert [state_of(place, row)[:2] for row in rows] == [(TRAINED, 1), (TRAINED, 2), (TRAINED, 3)]
    assert [*place.journal.kept_versions()] == [3]  # one commit


def test_only_as_much_is_taken_out_as_it_takes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another pair beyond its limit is no reason to take out more of this one."""
    taken = [AT_FIRST]
    lies = [labelled(np.roll(DOUBTFUL, n, axis=1), LIE) for n in range(12)]
    trainer = Trainer(place.outbox, ORIGINALS, eager(PROBE), screened=False)
    for row in lies:
        place.journal.add(row)
    while trainer.work():
        pass
    monkeypatch.setattr(Learner, "is_within", lambda self, drift, share: taken.pop() == AT_FIRST)
    learn_all(place, [labelled(draw(LIE), LIE)], one_by_one=False)
    assert [state_of(place, row)[0] for row in lies] == [TRAINED] * 4 + [REJECTED] * 8
