"""What was asked of drawings that the nets have learned, done: one rebuild for all that wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inkling.failpoints import failpoint
from inkling.history.rebuild import Originals, Rebuild, Undone, publish
from inkling.history.replay import Progress
from inkling.journal.changes import Changing, settle, waiting
from inkling.journal.exclusive import ExclusiveTransaction, Step
from inkling.journal.lineage import REBUILD, RELABEL, Lineage
from inkling.journal.outbox import Outbox
from inkling.learning.learner import Learner
from inkling.records import TRAINED


@dataclass(frozen=True)
class Applied:
    """What was done: how many drawings are what was wanted of them, and the version that is new.

    lessons: the versions that those drawings had made, by their ids. version: None where the nets
    held none of them.
    """

    drawings: int
    lessons: dict[str, int]
    version: int | None


def apply_changes(
    outbox: Outbox,
    originals: Originals,
    open_nets: Callable[[], Learner],
    progress: Progress = lambda done, of: None,
) -> Applied | None:
    """Do what waits to be done to drawings; return None where nothing does.

    The weights become those of a run that met each as it is wanted: not at all, or with its new
    label at its place. What is asked for meanwhile waits for the next call. Safe beside a running
    server; killed anywhere, nothing has changed. Raises CannotReplay where other drawings cannot be
    learned again.
    """
    nets: Learner | None = None
    while True:
        with outbox.journal.read() as connection:
            found = waiting(connection)
        if not found:
            return None
        if done := settle_unlearned(outbox, found):
            return done
        nets = nets or open_nets()
        try:
            return _rebuild(outbox, originals, nets, found, progress)
        except Undone:
            continue


def settle_unlearned(outbox: Outbox, found: Sequence[Changing]) -> Applied | None:
    """Settle the drawings that the nets do not hold; return None where there are none."""
    if all(one.version is not None for one in found):
        return None
    with outbox.journal.alone() as change:
        unlearned = [one for one in waiting(change.connection) if one.version is None]
        lessons = change.lessons_of([one.id for one in unlearned])
        change.thin_holding([*lessons.values()])
        for one in unlearned:
            settle(change, one)
    failpoint("row deleted")
    return Applied(len(unlearned), lessons, None)


def _rebuild(
    outbox: Outbox,
    originals: Originals,
    nets: Learner,
    found: Sequence[Changing],
    progress: Progress,
) -> Applied:
    lessons = {one.id: one.version for one in found if one.version is not None}

    def finish(change: ExclusiveTransaction, now: Lineage) -> Applied:
        asked = {one.id: one for one in waiting(change.connection)}
        if any(asked.get(one.id) != one for one in found):
            raise Undone  # something else is wanted of one of them
        steps = [_step(one) for one in found]
        for one in found:
            settle(change, one)
        version = publish(change, outbox, nets, now, steps, [*lessons.values()])
        return Applied(len(found), lessons, version)

    relabelled = {one.id: one.wanted.label for one in found if _stays(one)}
    rebuild = Rebuild(
        outbox,
        originals,
        nets,
        before=min(lessons.values()),
        without=lessons.keys() - relabelled.keys(),
        relabelled=relabelled,
        progress=progress,
    )
    done = rebuild.run(finish)
    failpoint("row deleted")
    return done


def _stays(one: Changing) -> bool:
    """Whether a drawing is learned again, with another label."""
    return one.wanted.state == TRAINED


def _step(one: Changing) -> Step:
    return RELABEL if _stays(one) else REBUILD, one.version or 0
