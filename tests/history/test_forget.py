"""A forgotten drawing is nowhere any more, and the nets are those of a run that never saw it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from inkling import checkpoints, failpoints
from inkling.checkpoints import get
from inkling.errors import InvalidInput
from inkling.history.forget import Forgotten, forget
from inkling.history.rollback import rollback
from inkling.journal.outbox import drawing_objects
from inkling.learning.learner import Learner
from inkling.records import COLLECTED, QUEUED, Drawing, Lesson, VersionConflict
from inkling.settings import ROOT
from inkling.trainer.trainer import Trainer
from inkling.trainer.uploader import Uploader
from testing.places import BOTH, ORIGINALS, REJECTION, Place, both, fnn, labelled
from tests.history.conftest import equal, fold, left_of, newest_fnn, problems, teach


@pytest.mark.parametrize(("position", "together"), [(0, False), (4, True), (8, False)])
def test_a_learned_drawing_leaves_no_trace(place: Place, position: int, together: bool) -> None:
    drawings = teach(place, 9, together=together)
    gone = drawings.pop(position)
    told: list[tuple[int, int]] = []
    done = forget(place.outbox, ORIGINALS, fnn, gone.id.upper(), lambda d, of: told.append((d, of)))
    assert done == Forgotten(found=True, lesson=position + 1, version=10)
    assert [done for done, _ in told] == [*range(1, len(told) + 1)]
    assert equal(newest_fnn(place), fold(drawings))
    assert place.journal.find(gone.id) is None
    assert left_of(place, gone) == []
    kept = place.journal.kept_versions()
    assert min(kept) not in place.journal.lineage().holding({position + 1}, kept)
    place.deliver()
    assert problems(place) == []
    more = teach(place, 1, first=31)
    assert equal(newest_fnn(place), fold([*drawings, *more]))


def test_the_last_drawing_forgotten_gives_the_originals(place: Place) -> None:
    (only,) = teach(place, 1)
    forget(place.outbox, ORIGINALS, fnn, only.id)
    assert equal(newest_fnn(place), ORIGINALS["fnn"])
    assert problems(place) == []


@pytest.mark.parametrize("state", [QUEUED, COLLECTED, "rejected", "no digit"])
def test_a_drawing_that_was_never_learned_is_deleted(place: Place, state: str) -> None:
    drawings = teach(place, 2)
    more = {"label": -1, "state": COLLECTED} if state == "no digit" else {}
    kept_state = COLLECTED if state == COLLECTED else QUEUED
    gone = place.journal.add(labelled(5, **({"state": kept_state} | more)))
    if state == "rejected":
        place.journal.reject(gone.id, REJECTION)
    place.deliver()
    assert left_of(place, gone)
    done = forget(place.outbox, ORIGINALS, no_nets, gone.id)
    assert done == Forgotten(found=True)
    assert left_of(place, gone) == []
    assert place.journal.current_version() == 2
    place.learn()
    assert equal(newest_fnn(place), fold(drawings))
    assert problems(place) == []


def no_nets() -> Learner:
    raise AssertionError("Nothing is to be learned again.")


def test_a_drawing_that_was_rolled_back_goes_with_the_weights_that_hold_it(place: Place) -> None:
    drawings = teach(place, 4)
    rollback(place.outbox, ORIGINALS, fnn(), 2)
    done = forget(place.outbox, ORIGINALS, no_nets, drawings[2].id)
    assert done == Forgotten(found=True, lesson=3)
    assert not {3, 4} & place.journal.kept_versions().keys()
    assert left_of(place, drawings[2]) == []
    place.deliver()
    assert equal(newest_fnn(place), fold(drawings[:2]))
    assert problems(place) == []


def test_what_is_unknown_is_deleted_from_the_store_all_the_same(place: Place) -> None:
    stray = labelled(3)
    for name, content in drawing_objects(stray).items():
        place.store.put(name, content)
    assert forget(place.outbox, ORIGINALS, no_nets, stray.id) == Forgotten(found=False)
    assert left_of(place, stray) == []
    with pytest.raises(InvalidInput, match="'seven' is no id of a drawing"):
        forget(place.outbox, ORIGINALS, no_nets, "seven")


def test_the_database_keeps_no_bytes_of_it(place: Place) -> None:
    drawings = teach(place, 3)
    forget(place.outbox, ORIGINALS, fnn, drawings[1].id)
    if place.journal.engine.dialect.name == "sqlite":
        files = [*place.settings.instance_folder.glob("journal.sqlite*")]
        found = b"".join(path.read_bytes() for path in files)
        assert drawings[0].png[40:120] in found
        assert drawings[1].png[40:120] not in found
        assert drawings[1].id.encode() not in found


def test_a_drawing_that_is_on_its_way_to_the_store_does_not_arrive(place: Place) -> None:
    teach(place, 1)
    late = place.journal.add(labelled(4, state=COLLECTED))
    put = place.store.create

    def create(name: str, content: bytes) -> bool:
        if late.id in name and place.journal.find(late.id):
            forget(place.outbox, ORIGINALS, no_nets, late.id)
        return put(name, content)

    place.store.create = create  # type: ignore[method-assign]
    Uploader(place.outbox).deliver()
    assert left_of(place, late) == []


def test_a_drawing_that_is_being_learned_is_forgotten_before_or_after(place: Place) -> None:
    teach(place, 1)
    drawings = [place.journal.add(labelled(n)) for n in (4, 5)]
    trainer = place.trainer()
    commit = trainer.journal.commit

    def commit_later(lessons: Sequence[Lesson], rule: str) -> None:
        forget(place.outbox, ORIGINALS, no_nets, drawings[0].id)
        commit(lessons, rule)

    trainer.journal.commit = commit_later  # type: ignore[assignment, method-assign]
    with pytest.raises(VersionConflict):
        trainer.work()
    assert left_of(place, drawings[0]) == []  # what the trainer had stored is taken back
    trainer.journal.commit = commit  # type: ignore[method-assign]
    while trainer.work():
        pass
    first = next(iter(place.journal.lessons()))
    assert equal(newest_fnn(place), fold([first, drawings[1]]))
    place.deliver()
    assert problems(place) == []


def test_what_is_learned_while_it_is_rebuilt_is_not_lost(place: Place) -> None:
    drawings = teach(place, 20, together=True)
    late: list[Drawing] = []

    def progress(done: int, of: int) -> None:
        if done in (3, 7, 11) and len(late) < 24:
            new = [place.journal.add(labelled(20 + len(late) + n)) for n in range(8)]
            late.extend(new)
            place.learn()

    gone = drawings.pop(2)
    done = forget(place.outbox, ORIGINALS, fnn, gone.id, progress)
    assert done.version == 20 + len(late) + 1
    assert len(late) == 24
    assert equal(newest_fnn(place), fold([*drawings, *late]))
    place.deliver()
    assert problems(place) == []


@pytest.mark.parametrize("undo", ["rollback", "forget"])
def test_what_is_undone_while_it_is_rebuilt_stays_undone(place: Place, undo: str) -> None:
    drawings = teach(place, 24, together=True)
    gone, also = drawings[1], drawings[3]
    once: list[int] = []

    def progress(done: int, of: int) -> None:
        if done == 5 and not once:
            once.append(done)
            if undo == "rollback":
                rollback(place.outbox, ORIGINALS, fnn(), 22)
            else:
                forget(place.outbox, ORIGINALS, fnn, also.id)

    forget(place.outbox, ORIGINALS, fnn, gone.id, progress)
    kept = [d for d in drawings if d is not gone]
    expected = kept[:21] if undo == "rollback" else [d for d in kept if d is not also]
    assert once
    assert equal(newest_fnn(place), fold(expected))
    place.deliver()
    assert problems(place) == []


def test_a_trainer_beside_it_loses_nothing(place: Place) -> None:
    drawings = teach(place, 20, together=True)
    stop, late = threading.Event(), list[Drawing]()

    def keep_learning() -> None:
        trainer = place.trainer()
        while not stop.is_set() or place.journal.queued(1):
            try:
                trainer.work()
            except VersionConflict:
                pass  # as the trainer's process does: try again

    thread = threading.Thread(target=keep_learning)
    thread.start()
    for number in range(4):
        late += [place.journal.add(labelled(20 + len(late) + n)) for n in range(3)]
        forget(place.outbox, ORIGINALS, fnn, drawings.pop(number).id)
    stop.set()
    thread.join()
    assert [d.id for d in place.journal.lessons()] == [d.id for d in (*drawings, *late)]
    assert equal(newest_fnn(place), fold([*drawings, *late]))
    place.deliver()
    assert problems(place) == []


def test_both_nets_are_those_of_a_run_that_never_saw_it(place: Place) -> None:
    nets = both()
    drawings = [place.journal.add(labelled(number)) for number in range(7)]
    while Trainer(place.outbox, BOTH, nets).work():
        place.deliver()
    gone = drawings.pop(2)
    forget(place.outbox, BOTH, lambda: nets, gone.id)
    objects = place.journal.objects(8)
    assert objects is not None
    found = {net: get(place.outbox, objects[net]) for net in ("fnn", "cnn")}
    nets.start(BOTH)
    for drawing in drawings:
        nets.learn(drawing)
    assert equal(found["fnn"], checkpoints.parts("fnn", nets["fnn"].state())["fnn"])
    state = nets["cnn"].state()
    for name, array in found["cnn"].items():
        np.testing.assert_allclose(array, state[name], rtol=0, atol=1e-6)
    nets.start(BOTH)
    for drawing in [*drawings[:2], gone, *drawings[2:]]:
        nets.learn(drawing)
    seen = nets["cnn"].state()
    assert max(float(np.abs(found["cnn"][n] - seen[n]).max()) for n in found["cnn"]) > 1e-5


SCRIPT = """
import sys
from inkling import failpoints
from inkling.history.forget import forget
from inkling.journal.writer import open_journal
from inkling.journal.outbox import Outbox
from inkling.settings import load_settings
from inkling.storage.stores import open_store
from testing.places import ORIGINALS, fnn
from inkling.errors import InvalidInput
from tests.journal.test_outbox import Remote

settings = load_settings()
failpoints.arm(settings.fault)
store = Remote(settings) if sys.argv[1] == "remote" else open_store(settings)
forget(Outbox(open_journal(settings), store), ORIGINALS, fnn, sys.argv[2])
"""


@pytest.mark.parametrize("where", ["version inserted", *failpoints.FORGETTING])
def test_killed_anywhere_the_same_again_finishes_it(
    place: Place, where: str, tmp_path: Path
) -> None:
    drawings = teach(place, 5)
    gone = drawings.pop(1)
    switch = tmp_path / "kill"
    switch.touch()
    environ = os.environ | place.environ | {"FAULT": f"{where}:kill:{switch}"}
    store = "remote" if place.store.remote else "folder"

    def run() -> int:
        words = [sys.executable, "-c", SCRIPT, store, gone.id]
        return subprocess.run(words, cwd=ROOT, env=environ, check=False).returncode

    assert run() == -signal.SIGKILL
    committed = place.journal.find(gone.id) is None
    assert committed == (where in failpoints.FORGETTING[1:])
    learned = drawings if committed else [drawings[0], gone, *drawings[1:]]
    assert equal(newest_fnn(place), fold(learned))  # whole, or not begun
    assert run() == 0
    Uploader(place.outbox).sweep()  # as the next trainer does in a folder
    assert place.journal.find(gone.id) is None
    assert left_of(place, gone) == []
    assert equal(newest_fnn(place), fold(drawings))
    place.deliver()
    assert problems(place) == []


# `make test` has each of these on SQLite and a folder, and a few on PostgreSQL and a remote store.
LONG_AT = "PostgreSQL"
SOON = {
    "test_a_learned_drawing_leaves_no_trace",
    "test_what_is_learned_while_it_is_rebuilt_is_not_lost",
}
