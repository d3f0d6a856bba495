"""Deleted, relabelled, rejected: the nets are those of a run that met each drawing as wanted."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from inkling.errors import InvalidInput
from inkling.history.changes import Applied, apply_changes
from inkling.history.rollback import rollback
from inkling.journal import changes
from inkling.journal.change_log import Action, latest_changes
from inkling.journal.changes import WrongSecret, count_waiting, hash_of
from inkling.journal.exclusive import ExclusiveTransaction
from inkling.journal.lineage import REBUILD, RELABEL
from inkling.learning.learner import Learner
from inkling.records import (
    COLLECTED,
    DELETING,
    NOT_A_DIGIT,
    QUEUED,
    REJECTED,
    TRAINED,
    Drawing,
    Lesson,
    State,
    VersionConflict,
)
from inkling.trainer.uploader import Uploader
from testing.places import ORIGINALS, REJECTION, Place, fnn, labelled
from tests.history.conftest import equal, fold, left_of, newest_fnn, problems, teach


def by_hand(place: Place, change: Callable[[ExclusiveTransaction], None]) -> None:
    with place.journal.alone() as transaction:
        change(transaction)


def relabel(place: Place, drawing: Drawing, label: int) -> None:
    by_hand(place, lambda change: changes.relabel(change, drawing.id, label))


def reject(place: Place, drawing: Drawing) -> None:
    by_hand(place, lambda change: changes.reject(change, drawing.id))


def accept(place: Place, drawing: Drawing) -> None:
    by_hand(place, lambda change: changes.accept(change, drawing.id))


def undo_last(place: Place) -> None:
    standing = [one for one in latest_changes(place.journal, 100) if not one.undone]
    by_hand(place, lambda change: changes.undo(change, standing[0].id))


def apply_all(place: Place, nets: Callable[[], Learner] = fnn) -> list[Applied]:
    done = []
    while applied := apply_changes(place.outbox, ORIGINALS, nets):
        done.append(applied)
    place.deliver()
    return done


def state_of(place: Place, drawing: Drawing) -> tuple[int, State]:
    found = place.journal.find(drawing.id)
    assert found is not None
    return found.label, found.state


@pytest.mark.parametrize("together", [False, True])
def test_all_that_wait_are_one_rebuild(place: Place, together: bool) -> None:
    drawings = teach(place, 9, together=together)
    changes.delete(place.journal, drawings[2].id)
    relabel(place, drawings[4], 7)
    reject(place, drawings[6])
    relabel(place, drawings[7], NOT_A_DIGIT)
    assert count_waiting(place.journal) == 4
    (done,) = apply_all(place)
    lessons = {drawings[n].id: n + 1 for n in (2, 4, 6, 7)}
    assert done == Applied(4, lessons, 13)
    met = [drawings[n] for n in (0, 1, 3)] + [replace(drawings[4], label=7), drawings[5]]
    assert equal(newest_fnn(place), fold([*met, drawings[8]]))
    kinds = [version.kind for version in place.journal.newest_versions(4)]
    assert kinds == [REBUILD, REBUILD, RELABEL, REBUILD]
    assert place.journal.find(drawings[2].id) is None
    assert state_of(place, drawings[4]) == (7, TRAINED)
    assert state_of(place, drawings[6]) == (6, REJECTED)
    assert state_of(place, drawings[7]) == (NOT_A_DIGIT, COLLECTED)
    assert count_waiting(place.journal) == 0
    assert problems(place) == []
    assert left_of(place, drawings[2]) == []
    assert left_of(place, drawings[4]) == [f"drawings/7/{drawings[4].id}.{end}" for end in ("png",)]
    more = teach(place, 2, first=31)
    assert equal(newest_fnn(place), fold([*met, drawings[8], *more]))
    assert problems(place) == []


def test_what_is_deleted_is_nowhere_from_then_on_though_the_nets_hold_it(place: Place) -> None:
    drawings = teach(place, 4)
    gone = drawings[1]
    changes.delete(place.journal, gone.id)
    assert state_of(place, gone) == (1, DELETING)
    assert gone.id not in [one.id for one in place.journal.labelled([TRAINED, QUEUED, COLLECTED])]
    assert place.journal.counts()[TRAINED] == 3
    assert len(place.journal.latest_digits([TRAINED, QUEUED, COLLECTED], 9)) == 3
    row = place.journal.find(gone.id)
    assert row is not None
    assert (row.strokes, row.predictions, row.receipt) == (None, {}, None)
    place.deliver()
    assert left_of(place, gone) == []
    assert problems(place) == []  # the nets have learned it still, and say so
    more = teach(place, 2, first=5)  # learning goes on, past a trainer that begins anew
    assert equal(newest_fnn(place), fold([*drawings, *more]))
    apply_all(place)
    assert equal(newest_fnn(place), fold([drawings[0], *drawings[2:], *more]))
    assert problems(place) == []


def test_a_learned_drawing_that_was_relabelled_leaves_no_trace_when_it_is_deleted(
    place: Place,
) -> None:
    drawings = teach(place, 6)
    relabel(place, drawings[2], 8)
    apply_all(place)
    teach(place, 1, first=6)
    changes.delete(place.journal, drawings[2].id)
    apply_all(place)
    lineage, kept = place.journal.lineage(), place.journal.kept_versions()
    assert lineage.holding({3}, kept) == set()
    assert problems(place) == []
    assert left_of(place, drawings[2]) == []


@pytest.mark.parametrize("target", [1, 4, 7])
def test_after_a_rollback_past_a_new_label_all_fits(place: Place, target: int) -> None:
    drawings = teach(place, 5)
    relabel(place, drawings[2], 8)
    apply_all(place)
    teach(place, 2, first=5)
    rollback(place.outbox, ORIGINALS, fnn(), target)
    place.deliver()
    met = [*drawings[:2], replace(drawings[2], label=8), *drawings[3:]]
    expected = {1: met[:1], 4: met[:4], 7: [*met, labelled(5)]}
    if target != 7:
        assert equal(newest_fnn(place), fold(expected[target]))
    assert problems(place) == []


@pytest.mark.parametrize("state", [QUEUED, COLLECTED, REJECTED])
def test_what_the_nets_do_not_hold_is_changed_at_once(place: Place, state: State) -> None:
    drawings = teach(place, 2)
    said = {"said": {"fnn": 7, "cnn": 5}}
    kept = COLLECTED if state == COLLECTED else QUEUED
    other = place.journal.add(labelled(5, state=kept, **said))
    if state == REJECTED:
        place.journal.reject(other.id, REJECTION)
    place.deliver()
    relabel(place, other, 7)
    assert state_of(place, other) == (7, state)
    assert count_waiting(place.journal) == 0
    place.deliver()
    names = [name for name in place.store.names("drawings/") if other.id in name]
    assert {name.split("/")[1] for name in names} == {"7"}
    accept(place, other)
    assert state_of(place, other) == (7, COLLECTED if state == COLLECTED else QUEUED)
    place.learn()
    place.deliver()
    learned = [] if state == COLLECTED else [replace(other, label=7)]
    assert equal(newest_fnn(place), fold([*drawings, *learned]))
    assert problems(place) == []


@pytest.mark.parametrize("change", [relabel, reject, None])
def test_a_change_is_undone(place: Place, change: Callable[..., None] | None) -> None:
    drawings = teach(place, 3)
    before = newest_fnn(place)
    if change is relabel:
        relabel(place, drawings[1], 9)
    else:
        reject(place, drawings[1])
    if change is not None:  # undone when the nets are made anew already
        apply_all(place)
    undo_last(place)
    done = apply_all(place, fnn if change else no_nets)
    place.learn()
    place.deliver()
    assert state_of(place, drawings[1]) == (1, TRAINED)
    if change is reject:  # it is learned again, as the last
        assert equal(newest_fnn(place), fold([drawings[0], drawings[2], drawings[1]]))
    else:
        assert equal(newest_fnn(place), before)
        assert len(done) == (change is not None)
    assert problems(place) == []
    (noted,) = latest_changes(place.journal, 9)
    assert noted.undone
    with pytest.raises(InvalidInput, match="cannot be undone"):
        by_hand(place, lambda transaction: changes.undo(transaction, noted.id))


def no_nets() -> Learner:
    raise AssertionError("Nothing is to be learned again.")


def test_what_was_changed_again_since_is_undone_in_its_order(place: Place) -> None:
    (drawing,) = teach(place, 1)
    relabel(place, drawing, 4)
    relabel(place, drawing, 5)
    newest, first = latest_changes(place.journal, 9)
    with pytest.raises(InvalidInput, match="changed again since"):
        by_hand(place, lambda change: changes.undo(change, first.id))
    for number in (newest.id, first.id):
        by_hand(place, lambda change, number=number: changes.undo(change, number))  # type: ignore[misc]
    assert count_waiting(place.journal) == 0


def test_the_log_tells_who_did_what_and_nothing_of_what_is_deleted(place: Place) -> None:
    first, second = teach(place, 2)
    relabel(place, first, 4)
    reject(place, second)
    changes.delete(place.journal, first.id)
    told = [(one.action, one.drawing, one.by_visitor) for one in latest_changes(place.journal, 9)]
    assert told == [
        (Action.DELETE, None, False),
        (Action.REJECT, second.id, False),
        (Action.RELABEL, None, False),
    ]
    assert latest_changes(place.journal, 9)[2].before is None
    assert not any(one.undoable for one in latest_changes(place.journal, 9)[::2])


def test_only_whoever_knows_its_secret_deletes_a_drawing(place: Place) -> None:
    own = place.journal.add(labelled(1, secret_hash=hash_of("a secret")))
    plain = place.journal.add(labelled(2))
    for drawing, secret in ((own, "another"), (own, ""), (plain, ""), (plain, "a secret")):
        with pytest.raises(WrongSecret):
            changes.delete_own(place.journal, drawing.id, secret)
    assert state_of(place, own) == (1, QUEUED)
    assert changes.delete_own(place.journal, own.id, "a secret")
    assert changes.delete_own(place.journal, own.id, "a secret")  # its answer was lost
    assert state_of(place, own) == (1, DELETING)
    (noted,) = latest_changes(place.journal, 9)
    assert noted.by_visitor
    apply_all(place, no_nets)
    assert not changes.delete_own(place.journal, own.id, "a secret")
    assert place.journal.find(own.id) is None


@pytest.mark.parametrize("change", ["deleted", "relabelled"])
def test_what_is_changed_while_it_is_learned_is_not_learned_as_it_was(
    place: Place, change: str
) -> None:
    drawings = teach(place, 1)
    late = place.journal.add(labelled(4))
    trainer = place.trainer()
    commit = trainer.journal.commit

    def commit_later(lessons: Sequence[Lesson], rule: str) -> None:
        if change == "deleted":
            changes.delete(place.journal, late.id)
        else:
            relabel(place, late, 6)
        commit(lessons, rule)

    trainer.journal.commit = commit_later  # type: ignore[assignment, method-assign]
    with pytest.raises(VersionConflict):
        trainer.work()
    trainer.journal.commit = commit  # type: ignore[method-assign]
    while trainer.work():
        pass
    learned = [] if change == "deleted" else [replace(late, label=6)]
    assert equal(newest_fnn(place), fold([*drawings, *learned]))


def test_a_drawing_on_its_way_to_the_store_arrives_under_its_new_label(place: Place) -> None:
    late = place.journal.add(labelled(4, state=COLLECTED))
    put = place.store.create

    def create(name: str, content: bytes) -> bool:
        if "/4/" in name and state_of(place, late)[0] == 4:
            relabel(place, late, 6)
        return put(name, content)

    place.store.create = create  # type: ignore[method-assign]
    Uploader(place.outbox).deliver()
    place.deliver()
    assert left_of(place, late) == [f"drawings/6/{late.id}.png"]
    relabel(place, late, 4)
    relabel(place, late, 6)  # and back, before anything was carried
    place.deliver()
    assert left_of(place, late) == [f"drawings/6/{late.id}.png"]


def test_what_is_wanted_otherwise_meanwhile_counts(place: Place) -> None:
    drawings = teach(place, 6)
    relabel(place, drawings[1], 9)
    changed: list[bool] = []

    def progress(done: int, of: int) -> None:
        if not changed:
            changed.append(changes.delete(place.journal, drawings[1].id))

    done = apply_changes(place.outbox, ORIGINALS, fnn, progress)
    place.deliver()
    assert done is not None
    assert done.drawings == 1
    assert equal(newest_fnn(place), fold([drawings[0], *drawings[2:]]))
    assert apply_changes(place.outbox, ORIGINALS, no_nets) is None
    assert problems(place) == []


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_in_whatever_order_the_nets_fit_the_rows(place: Place, seed: int) -> None:
    chance = random.Random(seed)
    drawings = teach(place, 6, together=True)
    for number in range(24):
        drawing = chance.choice(drawings)
        what = chance.randrange(7)
        try:
            if what == 0:
                changes.delete(place.journal, drawing.id)
            elif what == 1:
                relabel(place, drawing, chance.randrange(-1, 10))
            elif what == 2:
                chance.choice([accept, reject])(place, drawing)
            elif what == 3:
                undo_last(place)
            elif what == 4:
                newest = place.journal.current_version()
                rollback(place.outbox, ORIGINALS, fnn(), chance.randrange(newest))
            elif what == 5:
                apply_changes(place.outbox, ORIGINALS, fnn)
            else:
                drawings += teach(place, 2, first=10 + number, together=True)
        except (InvalidInput, IndexError):
            continue  # it is gone, or there is nothing to undo
        place.learn()
        place.deliver()
        assert problems(place) == [], what
    apply_all(place)
    place.learn()
    place.deliver()
    assert problems(place) == []
    assert equal(newest_fnn(place), fold([*place.journal.lessons()]))
    assert count_waiting(place.journal) == 0


# `make test` has each of these on SQLite and a folder, and a few on PostgreSQL and a remote store.
LONG_AT = "PostgreSQL"
SOON = {
    "test_all_that_wait_are_one_rebuild",
    "test_what_the_nets_do_not_hold_is_changed_at_once",
    "test_a_change_is_undone",
}
