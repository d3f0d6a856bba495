"""Lessons left out: the nets are those of a run without them, the drawings are kept."""

import threading

import pytest

from inkling.history.forget import forget
from inkling.history.leave_out import leave_out
from inkling.history.rollback import rollback
from inkling.records import REJECTED, TRAINED
from testing.places import ORIGINALS, REJECTION, Place, fnn
from tests.history.conftest import equal, fold, newest_fnn, problems, teach


@pytest.mark.parametrize("together", [False, True])
def test_the_nets_are_those_of_a_run_without_them(place: Place, together: bool) -> None:
    drawings = teach(place, 9, together=together)
    chosen = [drawings[n] for n in (2, 3, 7)]
    assert leave_out(place.outbox, ORIGINALS, fnn(), [one.id for one in chosen], REJECTION)
    kept = [drawing for drawing in drawings if drawing not in chosen]
    assert equal(newest_fnn(place), fold(kept))
    assert place.journal.current_version() == 9 + len(chosen)
    for drawing in drawings:
        found = place.journal.find(drawing.id)
        assert found is not None
        if drawing in chosen:
            assert (found.state, found.version, found.rejection) == (REJECTED, None, REJECTION)
        else:
            assert (found.state, found.version is None) == (TRAINED, False)
    place.deliver()
    assert problems(place) == []
    more = teach(place, 2, first=31)
    assert equal(newest_fnn(place), fold([*kept, *more]))
    assert problems(place) == []


def test_where_it_is_not_enough_nothing_is_changed(place: Place) -> None:
    drawings = teach(place, 4)
    before = place.rows()
    assert not leave_out(
        place.outbox, ORIGINALS, fnn(), [drawings[1].id], REJECTION, is_enough=lambda: False
    )
    assert place.rows() == before


def test_what_was_rolled_back_or_forgotten_meanwhile_is_passed_over(place: Place) -> None:
    drawings = teach(place, 5)
    rollback(place.outbox, ORIGINALS, fnn(), 3)
    forget(place.outbox, ORIGINALS, fnn, drawings[0].id)
    version = place.journal.current_version()
    gone = [drawings[n].id for n in (0, 3, 4)]
    assert leave_out(place.outbox, ORIGINALS, fnn(), gone, REJECTION)
    assert place.journal.current_version() == version
    assert leave_out(place.outbox, ORIGINALS, fnn(), [*gone, drawings[1].id], REJECTION)
    assert equal(newest_fnn(place), fold([drawings[2]]))
    assert problems(place) == []


def test_no_rollback_brings_back_what_was_left_out(place: Place) -> None:
    drawings = teach(place, 6)
    leave_out(place.outbox, ORIGINALS, fnn(), [one.id for one in drawings[1:3]], REJECTION)
    back = rollback(place.outbox, ORIGINALS, fnn(), 4)
    assert back.forgotten == 2
    assert equal(newest_fnn(place), fold([drawings[0], drawings[3]]))
    assert problems(place) == []


def test_labels_that_are_learned_meanwhile_stay_learned(place: Place) -> None:
    drawings = teach(place, 4)
    came = threading.Event()

    def progress(done: int, of: int) -> None:
        if not came.is_set():
            came.set()
            drawings.extend(teach(place, 2, first=40))

    leave_out(place.outbox, ORIGINALS, fnn(), [drawings[1].id], REJECTION, progress=progress)
    assert came.is_set()
    assert equal(newest_fnn(place), fold([d for d in drawings if d is not drawings[1]]))
    assert problems(place) == []


# `make test` has each of these on SQLite and a folder, and a few on PostgreSQL and a remote store.
LONG_AT = "PostgreSQL"
SOON = {"test_no_rollback_brings_back_what_was_left_out"}
