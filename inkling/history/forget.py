"""A drawing forgotten: deleted everywhere, and the weights those of a run that never saw it."""

from collections.abc import Callable
from dataclasses import dataclass

from inkling.failpoints import failpoint
from inkling.history.rebuild import Originals, Rebuild, Undone, publish
from inkling.history.replay import CannotReplay, Progress
from inkling.journal.exclusive import ExclusiveTransaction
from inkling.journal.lineage import REBUILD, Lineage
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.learning.learner import Learner
from inkling.records import TRAINED, Drawing, drawing_id
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

    Safe beside a running server. Killed anywhere, the same again finishes it: the row goes in one
    transaction with what was learned since, and all objects' names follow from the id. Raises
    InvalidInput for what is no id, CannotReplay where the other drawings cannot be learned again,
    OSError where the store fails.
    """
    id = drawing_id(id)
    forgotten = _forget_row(outbox, originals, open_nets, id, progress)
    failpoint("row deleted")
    for name in keys.possible_drawing_keys(id):
        outbox.store.delete(name)
    failpoint("objects deleted")
    # Noted by the uploader, which may just be carrying some of them and deletes them after that.
    for objects in outbox.thinned().values():
        for name in objects.values():
            outbox.store.delete(name)
    outbox.journal.scrub()
    return forgotten


def _forget_row(
    outbox: Outbox,
    originals: Originals,
    open_nets: Callable[[], Learner],
    id: str,
    progress: Progress,
) -> Forgotten:
    nets: Learner | None = None
    while drawing := outbox.journal.find(id):
        if drawing.state == TRAINED:
            nets = nets or open_nets()
            found = _forget_learned(outbox, originals, nets, drawing, progress)
        else:
            found = _forget_unlearned(outbox.journal, id)
        if found:
            return found
    return Forgotten(found=False)


def _forget_unlearned(journal: Journal, id: str) -> Forgotten | None:
    """Delete a row that the newest weights do not hold; return None if it was learned meanwhile."""
    with journal.alone() as change:
        lineage = change.lineage()
        lesson = change.lessons_of([id]).get(id)
        if not change.delete(id, trained=False):
            return None
        if lesson:
            change.thin(lineage.holding({lesson}, journal.kept_versions()))
        return Forgotten(found=True, lesson=lesson)


def _forget_learned(
    outbox: Outbox, originals: Originals, nets: Learner, drawing: Drawing, progress: Progress
) -> Forgotten | None:
    """Learn again what came after a drawing, without it, and delete it with the same transaction.

    What others learn meanwhile is learned too. Return None where something else was undone.
    """
    lesson = drawing.version or 0
    if lesson not in outbox.journal.lineage().current:
        return None if outbox.journal.find(drawing.id) != drawing else _misfit(drawing)

    def finish(change: ExclusiveTransaction, now: Lineage) -> Forgotten:
        change.delete(drawing.id, trained=True)
        steps = [(REBUILD, lesson)]
        version = publish(change, outbox, nets, now, steps, {lesson})
        return Forgotten(found=True, lesson=lesson, version=version)

    rebuild = Rebuild(
        outbox, originals, nets, before=lesson, without={drawing.id}, progress=progress
    )
    try:
        return rebuild.run(finish)
    except Undone:
        return None


def _misfit(drawing: Drawing) -> Forgotten:
    raise CannotReplay(
        f"Drawing {drawing.id} is said to have made version {drawing.version}, "
        "which does not know it.",
        "See what is wrong: inkling verify.",
    )
