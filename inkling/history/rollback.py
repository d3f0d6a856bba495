"""Back to an older version; and how a version that is no lesson is made.

Nothing is taken out of the history: it becomes a new version, in one transaction, beside a running
server. Trainers notice by its number and go on from it; what they were learning is learned again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from inkling import checkpoints
from inkling.history.replay import CannotReplay, Progress, relearn, stored_states
from inkling.journal.lineage import (
    REBUILD,
    ROLLBACK,
    Lineage,
    MissingLesson,
    lessons_of,
    lineage_of,
    read_lineage,
)
from inkling.journal.outbox import Outbox
from inkling.journal.schema import drawings
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import CannotLearn, example_of
from inkling.records import REJECTED, TRAINED
from inkling.storage.base import ObjectMissing

Nets = Learner
Originals = Mapping[str, checkpoints.Arrays]


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
    nets: Nets,
    target: int,
    progress: Progress = lambda done, of: None,
) -> RolledBack:
    """Make a version that has the weights of an older one; safe beside a running server.

    The drawings learned since are `rejected`; those that only the older version had learned are
    `trained` again. What the nets hold is replaced. Raises ValueError for a version that there is
    not, CannotReplay where its weights are neither stored nor can be made again.
    """
    journal = outbox.journal
    while True:
        lineage = lineage_of(journal)
        check_target(lineage, target)
        after = load_nearest(outbox, originals, nets, lineage, target)
        try:
            relearn(journal, lineage, nets, target, after, progress=progress)
        except CannotReplay:
            if lineage_of(journal).continues(lineage):
                raise
            continue  # rows were read while another undid them
        with journal.alone() as connection:
            now = read_lineage(connection)
            if now.lessons(target) == lineage.lessons(target):  # else one was forgotten meanwhile
                return _publish_rollback(connection, outbox, nets, now, target)


def check_target(lineage: Lineage, target: int) -> None:
    """Raises ValueError where there is no such version to go back to."""
    if not 0 <= target < lineage.newest:
        raise ValueError(
            f"Version {target} is none to go back to: the newest is {lineage.newest}. "
            "Name an older one: inkling history."
        )


def _publish_rollback(
    connection: Connection, outbox: Outbox, nets: Nets, lineage: Lineage, target: int
) -> RolledBack:
    shared = lineage.shared(target)
    learned_since = (drawings.c.state == TRAINED) & (drawings.c.version > shared)
    rejected = {"state": REJECTED, "version": None, "reason": f"Rolled back to version {target}."}
    gone = connection.execute(drawings.update().where(learned_since).values(rejected)).rowcount
    again = lineage.lessons(target, shared)
    for number in again:
        row = drawings.c.id == lineage.versions[number].drawing
        trained = {"state": TRAINED, "version": number, "reason": None}
        connection.execute(drawings.update().where(row).values(trained))
    lost = lineage.lost(target)  # and stays so: the weights that were made again are without it
    steps = [(ROLLBACK, target), *((REBUILD, lesson) for lesson in lost)]
    version = publish(connection, outbox, nets, lineage, steps)
    return RolledBack(version, target, gone, len(again), len(lost))


def publish(
    connection: Connection,
    outbox: Outbox,
    nets: Nets,
    lineage: Lineage,
    steps: Sequence[tuple[str, int]],
    holding: frozenset[int] | set[int] = frozenset(),
) -> int:
    """Make versions of these kinds and targets, the last one of these nets; that one's number.

    Those in `holding`, which hold something forgotten, lose their weights.
    """
    journal, version = outbox.journal, lineage.newest + len(steps)
    objects, contents = checkpoints.objects_of(version, nets.states())
    held = outbox.publish(contents)
    kept = journal.kept_versions()
    thinned = [n for n in kept if n in holding or not checkpoints.kept(n, version)]
    numbered = [(lineage.newest + n, *step) for n, step in enumerate(steps, 1)]
    journal.add_versions(connection, numbered, objects, held, thinned)
    return version


def load_nearest(
    outbox: Outbox,
    originals: Originals,
    nets: Nets,
    lineage: Lineage,
    version: int,
    before: int | None = None,
) -> int:
    """Give the nets the last stored weights on a version's line, with its lessons in memory.

    Gives back which version it is: before the lesson `before`, where one is named. Version 0, the
    originals, is always there.
    """
    kept = outbox.journal.kept_versions()
    for number in lineage.line(version):
        if number in kept and (before is None or number < before):
            try:
                states = stored_states(outbox, kept[number], nets)
                earlier = [example_of(d) for d in lessons_of(outbox.journal, lineage, number)]
                nets.start(states, earlier)
                return number
            except (ObjectMissing, checkpoints.BadWeights, MissingLesson, CannotLearn):
                continue  # an older one does as well, and takes longer
    nets.start(originals)
    return 0
