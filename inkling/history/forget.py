"""A drawing forgotten: deleted everywhere, and the weights those of a run that never saw it."""

from collections.abc import Callable
from dataclasses import dataclass

from inkling.failpoints import failpoint
from inkling.history.changes import Applied, apply_changes
from inkling.history.rebuild import Originals
from inkling.history.replay import Progress
from inkling.journal.changes import delete
from inkling.journal.outbox import Outbox
from inkling.learning.learner import Learner
from inkling.records import drawing_id
from inkling.storage import keys


@dataclass(frozen=True)
class Forgotten:
    """What forgetting a drawing did."""

    found: bool  # whether the journal had it
    lesson: int | None = None  # the version that it made
    version: int | None = None  # the new one; None where the newest weights never held it


def forget(
    outbox: Outbox,
    originals: Originals,
    open_nets: Callable[[], Learner],
    id: str,
    progress: Progress = lambda done, of: None,
) -> Forgotten:
    """Delete a drawing everywhere, and make the weights those of a run that never saw it.

    What else waits to be changed is changed with it. Safe beside a running server, whose trainer
    may do it first. Killed anywhere, the same again, or a trainer, finishes it. Raises InvalidInput
    for what is no id, CannotReplay where the other drawings cannot be learned again, OSError where
    the store fails.
    """
    id = drawing_id(id)
    found = delete(outbox.journal, id)
    done = Forgotten(found)
    while applied := apply_changes(outbox, originals, open_nets, progress):
        done = _with(done, applied, id)
    for name in keys.possible_drawing_keys(id):  # also where a killed forgetting left some
        outbox.store.delete(name)
    outbox.delete_unwanted()
    failpoint("objects deleted")
    clean_up(outbox)
    return done


def _with(done: Forgotten, applied: Applied, id: str) -> Forgotten:
    if id not in applied.lessons:
        return done
    return Forgotten(True, applied.lessons[id], applied.version)


def clean_up(outbox: Outbox) -> None:
    """Delete weights that were thinned, and have the database give up what it keeps of rows."""
    # Noted by the uploader, which may just be carrying some of them and deletes them after that.
    for objects in outbox.thinned().values():
        for name in objects.values():
            outbox.store.delete(name)
    outbox.journal.scrub()
