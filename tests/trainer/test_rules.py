"""LEARNING_RULE and SCREEN: what learns, what a version notes of it, and who follows that."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from functions import augment
from inkling.history.forget import forget
from inkling.history.leave_out import leave_out
from inkling.history.rebuild import relearn_all
from inkling.history.replay import replay
from inkling.history.rollback import rollback
from inkling.journal.schema import versions
from inkling.learning.learner import Learner, UnknownRule
from inkling.learning.rule import LEARNING_RULES, MEMORY, SGD, LearningRule
from inkling.records import QUEUED, REJECTED, TRAINED, TRAINER, Drawing
from inkling.settings import CHOICES, load_settings
from inkling.trainer.trainer import OtherRule, Trainer
from inkling.trainer.worker import TrainerProcess
from testing.live import wait_until
from testing.pen import draw
from testing.places import KINDS, ORIGINALS, REJECTION, Place, labelled, open_place
from tests.history.conftest import equal, newest_fnn, problems
from tests.trainer.test_screen_and_gate import DOUBTFUL, LIE, PROBE, eager
from two_layer_net import TwoLayerNet


@pytest.fixture(params=KINDS)
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with open_place(request.param, tmp_path, request) as place:
        yield place


def nets(rule: LearningRule) -> Learner:
    return Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, rule)


def teach(place: Place, rule: LearningRule, count: int, first: int = 0) -> list[Drawing]:
    drawings = [place.journal.add(labelled(n)) for n in range(first, first + count)]
    trainer = Trainer(place.outbox, ORIGINALS, nets(rule))
    while trainer.work():
        pass
    place.deliver()
    return drawings


def fold(rule: LearningRule, drawings: list[Drawing]) -> dict[str, np.ndarray]:
    learner = nets(rule)
    for drawing in drawings:
        learner.learn(drawing)
    weights = learner["fnn"].state()
    return {name: array for name, array in weights.items() if not name.startswith("velocity")}


def test_the_setting_has_every_rule() -> None:
    assert {*CHOICES["learning_rule"]} == {*LEARNING_RULES}
    assert load_settings({}).learning_rule == MEMORY.name


@pytest.mark.parametrize("rule", [MEMORY, SGD])
def test_each_version_notes_its_rule_and_all_that_is_made_again_follows_it(
    place: Place, rule: LearningRule
) -> None:
    """Whatever the command that makes it again is set to."""
    drawings, other = teach(place, rule, 6), SGD if rule is MEMORY else MEMORY
    assert {*rules(place).values()} == {rule.name}
    assert equal(newest_fnn(place), fold(rule, drawings))
    again = replay(place.journal, ORIGINALS, nets(other), 6)["fnn"]
    assert all(np.array_equal(array, again[n]) for n, array in fold(rule, drawings).items())
    assert problems(place) == []

    forget(place.outbox, ORIGINALS, lambda: nets(other), drawings.pop(1).id)
    leave_out(place.outbox, ORIGINALS, nets(other), [drawings.pop(2).id], REJECTION)
    assert equal(newest_fnn(place), fold(rule, drawings))
    rollback(place.outbox, ORIGINALS, nets(other), 5)
    assert equal(newest_fnn(place), fold(rule, drawings[:3]))
    assert {*rules(place).values()} == {rule.name}
    assert problems(place) == []


def rules(place: Place) -> dict[int, str]:
    """The rule that each version notes."""
    with place.journal.read() as connection:
        return {row.number: row.rule for row in connection.execute(versions.select())}


def test_under_another_rule_labels_wait_until_all_is_learned_again(place: Place) -> None:
    drawings = teach(place, MEMORY, 3)
    place.journal.add(labelled(3))
    trainer = Trainer(place.outbox, ORIGINALS, nets(SGD))
    with pytest.raises(OtherRule, match="Set LEARNING_RULE=memory2, or learn all labels again"):
        trainer.work()
    assert place.journal.counts()[QUEUED] == 1
    relearn_all(place.outbox, ORIGINALS, nets(SGD))
    place.deliver()
    assert equal(newest_fnn(place), fold(SGD, drawings))
    assert trainer.work()
    place.deliver()
    assert place.journal.counts()[TRAINED] == 4
    assert rules(place) == {
        **dict.fromkeys((1, 2, 3), "memory2"),
        **dict.fromkeys((4, 5), "sgd"),
    }
    assert problems(place) == []
    rollback(place.outbox, ORIGINALS, nets(SGD), 2)  # and back to the rule of before
    assert place.journal.rule(6) == "memory2"
    assert equal(newest_fnn(place), fold(MEMORY, drawings[:2]))


def test_weights_of_a_rule_that_is_no_more_wait_until_all_is_learned_again(place: Place) -> None:
    drawings = teach(place, MEMORY, 3)
    of_before = versions.update().values(rule="memory")
    with place.journal.write() as connection:
        connection.execute(of_before)
    place.journal.add(labelled(3))
    trainer = Trainer(place.outbox, ORIGINALS, nets(MEMORY))
    with pytest.raises(OtherRule, match=r"rule memory, which is no more: .* inkling relearn") as no:
        trainer.work()
    assert "LEARNING_RULE" not in str(no.value)
    with pytest.raises(UnknownRule, match=r"rule memory, which is no more\. .* inkling relearn"):
        rollback(place.outbox, ORIGINALS, nets(MEMORY), 1)
    assert place.journal.current_version() == 3
    relearn_all(place.outbox, ORIGINALS, nets(MEMORY))
    assert equal(newest_fnn(place), fold(MEMORY, drawings))
    assert trainer.work()
    place.deliver()
    assert problems(place) == []


def test_a_worker_under_another_rule_tells_it_to_everybody_and_logs_it_once(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    teach(place, MEMORY, 1)
    process = TrainerProcess(load_settings(place.environ | {"LEARNING_RULE": "sgd"}))
    process._originals, process._nets = ORIGINALS, nets(SGD)
    assert process._leadership.should_try()
    assert process._leadership.acquire()
    waits = place.journal.add(labelled(5))
    learning = threading.Thread(target=process._learn)
    learning.start()
    try:
        wait_until(lambda: place.journal.noticed(TRAINER) == "OtherRule")
        threading.Event().wait(2.5)  # in which it tries again
        assert caplog.text.count("LEARNING_RULE is sgd") == 1
        relearn_all(place.outbox, ORIGINALS, nets(SGD))
        wait_until(lambda: state_of(place, waits) == TRAINED)
        wait_until(lambda: place.journal.noticed(TRAINER) is None)
    finally:
        process._stopping.set()
        learning.join()
        process._leadership.end()


def state_of(place: Place, drawing: Drawing) -> str:
    found = place.journal.find(drawing.id)
    assert found is not None
    return found.state


@pytest.mark.parametrize("rule", [MEMORY, SGD])
@pytest.mark.parametrize("screened", [True, False])
def test_without_a_screen_whatever_is_labelled_is_learned(
    place: Place, rule: LearningRule, screened: bool
) -> None:
    lie = place.journal.add(Drawing.of(9, draw(4)))
    trainer = Trainer(place.outbox, ORIGINALS, nets(rule), screened=screened)
    while trainer.work():
        pass
    assert state_of(place, lie) == (REJECTED if screened else TRAINED)


def test_without_a_screen_there_is_no_gate_either(place: Place) -> None:
    """What the test of the gate rejects."""
    lie = place.journal.add(Drawing.of(LIE, DOUBTFUL))
    trainer = Trainer(place.outbox, ORIGINALS, eager(PROBE), screened=False)
    while trainer.work():
        pass
    assert state_of(place, lie) == TRAINED
    assert isinstance(trainer.nets, Learner)
    assert trainer.nets.drift([LIE]) is not None


def test_sgd_is_the_step_as_first_described(place: Place) -> None:
    """0.1 · 0.95²⁴ / 32 along the gradient on 24 variants, and 0.001 of the kernels."""
    (drawing,) = teach(place, SGD, 1)
    variants = augment(draw(0, width=14), drawing.seed)
    assert variants is not None
    net = TwoLayerNet(ORIGINALS["fnn"])
    net.step(variants, np.zeros(24, np.int64), learning_rate=0.1 * 0.95**24 / 32, l2=0.001)
    assert equal(newest_fnn(place), net.state())
