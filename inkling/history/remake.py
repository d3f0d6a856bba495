"""The newest weights made anew from the journal, where nothing has them any more."""

from dataclasses import dataclass

from inkling import checkpoints
from inkling.history.rebuild import Originals, Rebuild, Undone, publish
from inkling.history.replay import Progress
from inkling.journal.exclusive import ExclusiveTransaction
from inkling.journal.lineage import REBUILD, Lineage
from inkling.journal.outbox import Outbox
from inkling.learning.learner import Learner


@dataclass(frozen=True)
class Remade:
    """What came of it."""

    version: int  # the newest one
    learned: int  # lessons that were learned again
    exact: bool  # whether these are, bit for bit, the weights that were lost


def remake_newest(
    outbox: Outbox,
    originals: Originals,
    nets: Learner,
    progress: Progress = lambda done, of: None,
) -> Remade:
    """Learn the newest weights again, from the last ones that are stored, and store them.

    They get the place that they had. Where they do not come out the same, because rule, originals
    or machine are others, they become a version of their own, so that whoever serves the lost ones
    hears of it. What the nets hold is replaced. Raises CannotReplay where a label cannot be learned
    any more, OSError or JournalUnavailable where store or journal fail.
    """

    def finish(change: ExclusiveTransaction, now: Lineage) -> tuple[int, bool]:
        return _put_back(change, outbox, nets, now)

    while True:
        rebuild = Rebuild(outbox, originals, nets, progress=progress)
        try:
            version, exact = rebuild.run(finish)
            return Remade(version, rebuild.learned, exact)
        except Undone:
            continue


def _put_back(
    change: ExclusiveTransaction, outbox: Outbox, nets: Learner, now: Lineage
) -> tuple[int, bool]:
    """Store the nets as the newest version; return its number, and whether it is as it was."""
    objects, contents = checkpoints.objects_of(now.newest, nets.states())
    lost = change.objects(now.newest)
    if lost and lost != objects:
        steps = [(REBUILD, 0)]  # leaves no lesson out
        return publish(change, outbox, nets, now, steps, without=[now.newest]), False
    change.put_back(now.newest, objects, outbox.publish(contents))
    return now.newest, bool(lost)
