"""Lessons left out of the nets: their drawings are kept, and wait for a person to look at them."""

from collections.abc import Callable, Sequence

from inkling.history.rebuild import Originals, Rebuild, Undone, publish
from inkling.history.replay import Progress
from inkling.journal.exclusive import ExclusiveTransaction
from inkling.journal.lineage import REBUILD, Lineage
from inkling.journal.outbox import Outbox
from inkling.learning.learner import Learner
from inkling.rejections import Rejection


def leave_out(
    outbox: Outbox,
    originals: Originals,
    nets: Learner,
    ids: Sequence[str],
    rejection: Rejection,
    is_enough: Callable[[], bool] = lambda: True,
    progress: Progress = lambda done, of: None,
) -> bool:
    """Make the weights those of a run without some drawings, by id, which become rejected.

    Return False, and change nothing, where that is not enough: `is_enough` is asked when the nets
    are made. Those that are not learned any more are passed over. Safe beside a running server;
    what the nets hold is replaced. Raises CannotReplay where others cannot be learned again.
    """

    def finish(change: ExclusiveTransaction, now: Lineage) -> bool:
        if not is_enough():
            return False
        change.leave_out(versions, rejection)
        lessons = sorted(versions.values())
        steps = [(REBUILD, lesson) for lesson in lessons]
        publish(change, outbox, nets, now, steps, lessons)
        return True

    while versions := _learned(outbox, ids):
        first = min(versions.values())
        rebuild = Rebuild(
            outbox, originals, nets, before=first, without=versions, progress=progress
        )
        try:
            return rebuild.run(finish)
        except Undone:
            continue
    return True


def _learned(outbox: Outbox, ids: Sequence[str]) -> dict[str, int]:
    """Return the versions, by id, of those that nobody rolled back or forgot meanwhile."""
    found = map(outbox.journal.find, ids)
    return {one.id: one.version for one in found if one and one.version is not None}
