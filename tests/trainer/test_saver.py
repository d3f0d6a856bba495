"""Weights stored now and then: what dies before is learned again, what was undone is not named."""

import threading

import pytest

from inkling.history.rollback import rollback
from inkling.journal.database import JournalUnavailable
from inkling.journal.exclusive import ExclusiveTransaction
from inkling.live_weights import LiveWeights
from inkling.trainer import saver as saving
from inkling.trainer.saver import WeightsSaver
from inkling.trainer.trainer import Trainer
from testing.live import wait_until
from testing.places import ORIGINALS, Place, fnn, labelled
from tests.history.conftest import equal, fold, newest_fnn, place, problems

__all__ = ["place"]

NEVER = 3600.0  # seconds


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "SETTLE", 0.0)


def trainer_of(place: Place, pace: float) -> Trainer:
    live = LiveWeights(place.settings.tmp_folder)
    return Trainer(
        place.outbox, ORIGINALS, fnn(), live=live, saver=WeightsSaver(place.outbox, pace)
    )


def test_rows_are_committed_at_once_and_weights_later(place: Place) -> None:
    trainer = trainer_of(place, NEVER)
    drawings = [place.journal.add(labelled(number)) for number in range(3)]
    for number in range(1, 3):  # the first weights are stored at once, the others are not
        trainer.work()
        wait_until(lambda: [*place.journal.kept_versions()] == [3])
        drawings.append(place.journal.add(labelled(2 + number)))
    trainer.work()
    assert place.journal.current_version() == 5
    assert place.journal.newest_stored() == 3
    trainer.close()
    assert place.journal.newest_stored() == 5
    assert equal(newest_fnn(place), fold(drawings))
    assert problems(place) == []


def test_a_receipt_goes_before_the_weights_which_no_later_label_puts_off(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "SETTLE", NEVER)
    trainer = trainer_of(place, 0.01)
    assert trainer.pause(0.5) == 0.5
    lefts = []
    for number in range(2):
        place.journal.add(labelled(number))
        trainer.work()
        lefts.append(trainer.pause(2 * NEVER))
    assert 0 < lefts[1] < lefts[0] <= NEVER
    assert place.journal.newest_stored() == 0
    trainer.close()
    assert place.journal.newest_stored() == 2
    assert problems(place) == []


def test_what_was_learned_since_is_learned_again_to_the_same_bits(place: Place) -> None:
    trainer = trainer_of(place, NEVER)
    drawings = []
    for number in range(12):
        drawings.append(place.journal.add(labelled(number)))
        trainer.work()
    wait_until(lambda: place.journal.newest_stored() == 1)
    expected = trainer.nets["fnn"].state()
    again = place.trainer()  # the other one has died
    assert again.version == 12
    assert equal(again.nets["fnn"].state(), expected)
    assert equal(again.nets["fnn"].weights, fold(drawings))
    assert len(again.nets.memory) == 12
    drawings.append(place.journal.add(labelled(13)))
    again.work()
    assert equal(again.nets["fnn"].weights, fold(drawings))
    assert problems(place) == []


def test_weights_of_what_was_undone_meanwhile_are_not_named(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    naming, waits = threading.Event(), threading.Event()
    name_weights = ExclusiveTransaction.name_weights
    store = WeightsSaver._store

    def held_up(self: WeightsSaver, *what: object) -> None:
        naming.set()
        waits.wait(30)
        store(self, *what)  # type: ignore[arg-type]

    trainer = trainer_of(place, 0.01)
    for number in range(4):
        place.journal.add(labelled(number))
        monkeypatch.setattr(WeightsSaver, "_store", held_up if number == 3 else store)
        trainer.work()
        wait_until(lambda: trainer._saver.saved == trainer.version or naming.is_set())
    rollback(place.outbox, ORIGINALS, fnn(), 2)
    waits.set()
    trainer.close()
    assert ExclusiveTransaction.name_weights is name_weights
    kept = place.journal.kept_versions()
    assert 4 not in kept
    assert place.journal.current_version() == 5
    assert not any("weights/4/" in name for name in place.store.names("weights/"))
    assert problems(place) == []


def test_weights_that_are_shown_do_not_outlive_what_was_undone(place: Place) -> None:
    live, trainer = LiveWeights(place.settings.tmp_folder), trainer_of(place, NEVER)
    for number in range(3):
        place.journal.add(labelled(number))
        trainer.work()
    assert live.version() is not None
    rollback(place.outbox, ORIGINALS, fnn(), 1)
    trainer.work()
    assert live.version() is None
    trainer.close()


def test_where_the_journal_is_away_weights_are_stored_later(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*what: object) -> None:
        raise JournalUnavailable("The database is away.")

    monkeypatch.setattr(saving, "RETRY_SECONDS", 0.0)
    trainer = trainer_of(place, 0.01)
    place.journal.add(labelled(1))
    with monkeypatch.context() as patch:
        patch.setattr(ExclusiveTransaction, "name_weights", away)
        assert trainer.work()
        wait_until(lambda: "The weights of version 1 are not stored yet" in caplog.text)
    assert place.journal.newest_stored() == 0
    wait_until(lambda: not trainer.work() and place.journal.newest_stored() == 1)
    trainer.close()
    assert problems(place) == []
