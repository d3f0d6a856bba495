"""Back to an older version.

Nothing is taken out of the history: it becomes a new version, beside a running server. Trainers
notice by its number and go on from it; what they were learning is learned again.
"""

from dataclasses import dataclass

from inkling.errors import InvalidInput
from inkling.history.rebuild import Originals, Rebuild, Undone, publish
from inkling.history.replay import Progress
from inkling.journal.exclusive import ExclusiveTransaction
from inkling.journal.lineage import REBUILD, ROLLBACK, Lineage
from inkling.journal.outbox import Outbox
from inkling.learning.learner import Learner
from inkling.rejections import Code, Rejection


@dataclass(frozen=True)
class RolledBack:
    """What a rollback did."""

    version: int  # the new one
    target: int
    rejected: int  # drawings that are no longer learned
    again: int  # drawings that are learned again, because the target had learned them
    forgotten: int  # lessons of the target that were forgotten since, and stay so


def rollback(
    outbox: Outbox,
    originals: Originals,
    nets: Learner,
    target: int,
    progress: Progress = lambda done, of: None,
) -> RolledBack:
    """Make a version that has the weights of an older one; safe beside a running server.

    The drawings learned since are `rejected`; those that only the older version had learned are
    `trained` again. What the nets hold is replaced. Raises InvalidInput for a version that there is
    not, CannotReplay where its weights are neither stored nor can be made again.
    """

    def finish(change: ExclusiveTransaction, now: Lineage) -> RolledBack:
        return _publish(change, outbox, nets, now, target)

    while True:
        check_target(outbox.journal.lineage(), target)
        try:
            return Rebuild(outbox, originals, nets, target, progress=progress).run(finish)
        except Undone:
            continue


def check_target(lineage: Lineage, target: int) -> None:
    """Raise InvalidInput where there is no such version to go back to."""
    if not 0 <= target < lineage.newest:
        raise InvalidInput(
            f"Version {target} is none to go back to: the newest is {lineage.newest}.",
            "Name an older one: inkling history.",
        )


def _publish(
    change: ExclusiveTransaction, outbox: Outbox, nets: Learner, lineage: Lineage, target: int
) -> RolledBack:
    shared = lineage.shared(target)
    gone = change.undo_since(shared, Rejection(Code.ROLLED_BACK, {"version": target}))
    again = lineage.lessons(target, shared)
    change.redo(again)
    lost = lineage.lost(target)  # and stays so: the weights that were made again are without it
    steps = [(ROLLBACK, target), *((REBUILD, lesson) for lesson in lost)]
    version = publish(change, outbox, nets, lineage, steps)
    return RolledBack(version, target, gone, len(again), len(lost))
