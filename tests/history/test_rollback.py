"""Back to an older version, whatever was learned, stored or forgotten since."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from inkling.backup.create import write_backup
from inkling.backup.restore import restore_backup
from inkling.errors import InvalidInput
from inkling.history.forget import forget
from inkling.history.rollback import rollback
from inkling.journal.history import history
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.records import REJECTED, TRAINED, Drawing
from inkling.rejections import Code, Rejection
from inkling.storage.folder import FolderStore
from inkling.trainer.trainer import Trainer
from testing.places import BOTH, ORIGINALS, REJECTION, Place, both, fnn, labelled
from tests.history.conftest import equal, fold, newest_fnn, problems, teach


@pytest.mark.parametrize("target", [0, 1, 3, 11])
def test_a_rollback_gives_the_older_weights_and_rejects_what_came_after(
    place: Place, target: int
) -> None:
    drawings = teach(place, 12, together=True)  # most versions have no weights: they are made again
    done = rollback(place.outbox, ORIGINALS, fnn(), target)
    assert (done.version, done.target, done.rejected, done.again) == (13, target, 12 - target, 0)
    assert equal(newest_fnn(place), fold(drawings[:target]))
    rows = [place.journal.find(drawing.id) for drawing in drawings]
    assert [row and row.version for row in rows[:target]] == [*range(1, target + 1)]
    for row in rows[target:]:
        assert row is not None
        assert (row.state, row.version) == (REJECTED, None)
        assert row.rejection == Rejection(Code.ROLLED_BACK, {"version": target})
    assert problems(place) == []
    more = teach(place, 2, first=20)
    assert equal(newest_fnn(place), fold([*drawings[:target], *more]))
    assert problems(place) == []


def test_a_rollback_can_be_rolled_back(place: Place) -> None:
    drawings = teach(place, 5)
    rollback(place.outbox, ORIGINALS, fnn(), 2)
    between = teach(place, 1, first=7)
    done = rollback(place.outbox, ORIGINALS, fnn(), 5)
    assert (done.version, done.rejected, done.again) == (8, 1, 3)
    assert equal(newest_fnn(place), fold(drawings))
    learned = [drawing.id for drawing in place.journal.lessons()]
    assert learned == [drawing.id for drawing in drawings]
    found = place.journal.find(drawings[4].id)
    assert found is not None
    assert (found.state, found.rejection, found.version) == (TRAINED, None, 5)
    rejected = place.journal.find(between[0].id)
    assert rejected is not None
    assert rejected.state == REJECTED
    assert problems(place) == []


def test_a_rollback_brings_nothing_forgotten_back(place: Place) -> None:
    drawings = teach(place, 4)
    rollback(place.outbox, ORIGINALS, fnn(), 1)
    forget(place.outbox, ORIGINALS, fnn, drawings[2].id)
    assert problems(place) == []
    done = rollback(place.outbox, ORIGINALS, fnn(), 4)
    assert (done.again, done.forgotten) == (2, 1)
    assert equal(newest_fnn(place), fold([drawings[0], drawings[1], drawings[3]]))
    assert problems(place) == []


@pytest.mark.parametrize("target", [3, 4])
def test_there_is_no_going_back_to_the_newest_or_to_the_future(place: Place, target: int) -> None:
    teach(place, 3)
    with pytest.raises(
        InvalidInput, match=f"Version {target} is none to go back to: the newest is"
    ):
        rollback(place.outbox, ORIGINALS, fnn(), target)
    assert place.journal.current_version() == 3


@pytest.mark.parametrize("position", [1, 6])
def test_what_is_forgotten_while_a_rollback_learns_stays_forgotten(
    place: Place, position: int
) -> None:
    drawings = teach(place, 8, together=True)  # version 6 has no weights: it is learned again
    gone = drawings.pop(position)

    def progress(done: int, of: int) -> None:
        if done == 4 and place.journal.find(gone.id):
            forget(place.outbox, ORIGINALS, fnn, gone.id)

    rollback(place.outbox, ORIGINALS, fnn(), 6, progress)
    assert place.journal.find(gone.id) is None
    assert equal(newest_fnn(place), fold(drawings[: 5 if position < 6 else 6]))
    place.deliver()
    assert problems(place) == []


def test_rollbacks_and_forgetting_at_once_come_one_after_the_other(place: Place) -> None:
    drawings = teach(place, 8, together=True)
    undoings: list[Callable[[Outbox], object]] = [
        *(partial(rollback, originals=ORIGINALS, nets=fnn(), target=n) for n in (2, 5, 7)),
        *(partial(forget, originals=ORIGINALS, open_nets=fnn, id=drawings[n].id) for n in (3, 6)),
    ]

    def undo(undoing: Callable[[Outbox], object]) -> None:
        journal = open_journal(place.settings)  # each as a process of its own
        undoing(Outbox(journal, place.store))
        journal.close()

    with ThreadPoolExecutor(len(undoings)) as pool:
        assert [*pool.map(undo, undoings)] == [None] * len(undoings)
    place.deliver()
    assert problems(place) == []
    kinds = Counter(entry.kind for entry in history(place.journal))
    assert (kinds["lesson"], kinds["rollback"]) == (8, 3)
    learned = [drawing.id for drawing in place.journal.lessons()]
    assert equal(newest_fnn(place), fold([d for d in drawings if d.id in learned]))
    assert not {drawings[3].id, drawings[6].id} & {*learned}


def test_a_trainer_goes_on_from_a_rollback_idle_or_not(place: Place) -> None:
    trainer = place.trainer()
    drawings = [place.journal.add(labelled(n)) for n in range(3)]
    while trainer.work():
        pass
    rollback(place.outbox, ORIGINALS, fnn(), 1)
    trainer.work()
    assert trainer.version == 4
    late = place.journal.add(labelled(8))
    rollback(place.outbox, ORIGINALS, fnn(), 0)
    while trainer.work():
        pass
    assert trainer.version == 6
    assert equal(newest_fnn(place), fold([late]))
    assert drawings[0].id not in {d.id for d in place.journal.lessons()}
    assert problems(place) == []


def test_both_nets_go_back_with_what_the_optimizer_knew(place: Place) -> None:
    nets = both()
    for number in range(3):
        place.journal.add(labelled(number))
        Trainer(place.outbox, BOTH, nets).work()
        place.deliver()
    before = place.journal.objects(2)
    rollback(place.outbox, BOTH, nets, 2)
    after = place.journal.objects(4)
    assert before is not None
    assert after is not None
    assert before.keys() == after.keys() == {"fnn", "fnn_optimizer", "cnn", "cnn_optimizer"}
    for part, name in before.items():  # the same content under another name
        assert name.partition(part)[2] == after[part].partition(part)[2]
        assert name != after[part]


def test_a_backup_keeps_what_was_undone(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawings = teach(place, 4)
    rollback(place.outbox, ORIGINALS, fnn(), 3)
    forget(place.outbox, ORIGINALS, fnn, drawings[0].id)
    place.deliver()
    folder = tmp_path_factory.mktemp("restored")
    write_backup(place.journal, place.store, folder / "backup.zip")
    settings = replace(place.settings, instance_folder=folder / "instance", database_url="")
    other = Place({}, settings, open_journal(settings), FolderStore(folder / "o", folder / "t"))
    restore_backup(folder / "backup.zip", other.journal, other.store)
    other.deliver()
    assert other.rows() == place.rows()
    assert problems(other) == []
    rollback(other.outbox, ORIGINALS, fnn(), 4)
    assert equal(newest_fnn(other), fold(drawings[1:]))
    other.journal.close()


class Model:
    """What must have been learned, in lists beside a place: ids by version, in order."""

    def __init__(self, place: Place, rng: random.Random) -> None:
        self.place, self.rng = place, rng
        self.drawings: dict[str, Drawing] = {}
        self.learned: dict[int, list[str]] = {0: []}

    @property
    def newest(self) -> int:
        return max(self.learned)

    def _became(self, ids: list[str]) -> None:
        for number in range(self.newest + 1, self.place.journal.current_version() + 1):
            self.learned[number] = ids

    def label(self) -> None:
        for _ in range(self.rng.randint(1, 3)):
            drawing = self.place.journal.add(labelled(self.rng.randrange(10)))
            self.drawings[drawing.id] = drawing

    def learn(self) -> None:
        for drawing in self.place.journal.queued(100):
            self.learned[self.newest + 1] = [*self.learned[self.newest], drawing.id]
        self.place.learn()

    def reject(self) -> None:
        for drawing in self.place.journal.queued(1):
            self.place.journal.reject(drawing.id, REJECTION)

    def rollback(self) -> None:
        if self.newest:
            target = self.rng.randrange(self.newest)
            rollback(self.place.outbox, ORIGINALS, fnn(), target)
            self._became([id for id in self.learned[target] if id in self.drawings])

    def forget(self) -> None:
        if self.drawings:
            id = self.rng.choice([*self.drawings])
            forget(self.place.outbox, ORIGINALS, fnn, id)
            del self.drawings[id]
            self._became([other for other in self.learned[self.newest] if other != id])


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_the_weights_are_the_fold_of_what_remains(place: Place, seed: int) -> None:
    rng = random.Random(seed)
    model = Model(place, rng)
    does = [model.label, model.label, model.learn, model.reject, model.rollback, model.forget]
    for _ in range(16):
        rng.choice(does)()
        if rng.random() < 0.5:
            place.deliver()
        assert place.journal.current_version() == model.newest
        assert [d.id for d in place.journal.lessons()] == model.learned[model.newest]
    place.deliver()
    assert problems(place) == []
    if model.newest:
        remaining = [model.drawings[id] for id in model.learned[model.newest]]
        assert equal(newest_fnn(place), fold(remaining))
    assert {row["id"] for row in place.rows()["drawings"]} == model.drawings.keys()
    named = {version["drawing"] for version in place.rows()["versions"]}
    assert named - {None} <= model.drawings.keys()


# `make test` has each of these on SQLite and a folder, and a few on PostgreSQL and a remote store.
LONG_AT = "PostgreSQL"
SOON = {
    "test_a_rollback_can_be_rolled_back",
    "test_rollbacks_and_forgetting_at_once_come_one_after_the_other",
}
