"""Weights made anew beside a running server: the one loop behind rollback, forget and relearn.

Lessons are learned once more from the nearest stored version, while labels keep coming; then, with
nobody else making a version, it is checked that nothing was undone meanwhile, the last few lessons
are learned, and all is published in one transaction as new versions. Killed anywhere, nothing has
changed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from inkling import checkpoints
from inkling.failpoints import failpoint
from inkling.history.replay import CannotReplay, Progress, relearn
from inkling.journal.exclusive import ExclusiveTransaction, Step
from inkling.journal.lineage import (
    REBUILD,
    Lineage,
    MissingLesson,
)
from inkling.journal.outbox import Outbox
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import CannotLearn
from inkling.storage.base import ObjectMissing

AT_ONCE = 16  # lessons that may be learned while others wait to make a version

Originals = Mapping[str, checkpoints.Arrays]
Result = TypeVar("Result")


class Undone(Exception):
    """Something was undone meanwhile: what was made so far is of a history that is no more."""


@dataclass
class Rebuild:
    """What is made anew: journal and store, the originals by net, and nets, whose weights go.

    target: the version whose lessons are learned; None for the newest, whatever that is when all
    is done. before: the lesson before which the stored version to begin with must lie; 0 for the
    originals, None for any. without: the ids of drawings that are left out. relabelled: labels, by
    id, of drawings that are learned with another one than their rows have.
    """

    outbox: Outbox
    originals: Originals
    nets: Learner
    target: int | None = None
    before: int | None = None
    without: Collection[str] = ()
    relabelled: Mapping[str, int] = field(default_factory=dict)
    progress: Progress = lambda done, of: None
    learned: int = 0  # lessons, once it is done
    rule: str | None = None  # by which the lessons are learned; None for that of the target

    def run(self, finish: Callable[[ExclusiveTransaction, Lineage], Result]) -> Result:
        """Learn, then let `finish` change rows and publish, in the transaction that it is given.

        Raises CannotReplay where a lesson is missing or cannot be learned again, Undone where
        something was undone meanwhile.
        """
        journal, begun = self.outbox.journal, self.outbox.journal.lineage()
        self.nets.follow(self.rule or journal.rule(self._end(begun)))
        seen = self._load_nearest(begun)
        while True:
            seen = self._learn(begun, journal.lineage(), seen)
            failpoint("nets rebuilt")
            with journal.alone() as change:
                now = change.lineage()
                if len(now.lessons(self._end(now), seen)) > AT_ONCE:
                    continue  # too much came meanwhile: others must not wait for it
                self._learn(begun, now, seen)
                return finish(change, now)

    def _end(self, lineage: Lineage) -> int:
        return lineage.newest if self.target is None else self.target

    def _learn(self, begun: Lineage, now: Lineage, seen: int) -> int:
        """Learn what came after version `seen`; return the version that the nets then are at."""
        if not now.continues(begun):
            raise Undone
        end = self._end(now)
        try:
            self.learned += relearn(
                self.outbox.journal,
                now,
                self.nets,
                end,
                seen,
                self.without,
                self.progress,
                self.relabelled,
            )
        except CannotReplay:
            if self.outbox.journal.lineage().continues(begun):
                raise
            raise Undone from None  # rows were read while another undid them
        return end

    def _load_nearest(self, lineage: Lineage) -> int:
        """Load the last stored weights on the line, with its lessons in the replay buffer.

        Return which version it is. Version 0, the originals, is always there.
        """
        kept = self.outbox.journal.kept_versions()
        for number in lineage.since_all_was_learned_again(self._end(lineage)):
            if number in kept and (self.before is None or number < self.before):
                try:
                    states = self.outbox.load(number, self.nets, optimizer=True)
                    self.nets.start(states, self.outbox.journal.digits_of(lineage, number))
                    return number
                except (ObjectMissing, checkpoints.BadWeights, MissingLesson, CannotLearn):
                    continue  # an older one does as well, and takes longer
        self.nets.start(self.originals)
        return 0


def publish(
    change: ExclusiveTransaction,
    outbox: Outbox,
    nets: Learner,
    lineage: Lineage,
    steps: Sequence[Step],
    without: Collection[int] = (),
) -> int:
    """Make versions of these kinds and targets, the last one of these nets; return its number.

    Older ones that hold any of the lessons `without`, which are to be forgotten, lose their
    weights.
    """
    version = lineage.newest + len(steps)
    objects, contents = checkpoints.objects_of(version, nets.states())
    held = outbox.publish(contents)
    kept = outbox.journal.kept_versions()
    holding = lineage.holding(without, kept)
    thinned = {*checkpoints.thinned(kept, version), *holding}
    return change.add_versions(steps, objects, held, thinned, nets.rule.name)


def relearn_all(
    outbox: Outbox,
    originals: Originals,
    nets: Learner,
    progress: Progress = lambda done, of: None,
) -> tuple[int, int]:
    """Learn all labels once more, from the originals, by the rule that the nets follow.

    Use it when either was changed: then the newest weights are not what the journal implies.
    Nothing is taken out of the history. Return the new version and how many labels it has learned.
    Raises CannotReplay where a label cannot be learned any more.
    """

    def finish(change: ExclusiveTransaction, now: Lineage) -> int:
        return publish(change, outbox, nets, now, [(REBUILD, 0)])  # leaves no lesson out

    rule = nets.rule.name
    while True:
        rebuild = Rebuild(outbox, originals, nets, before=0, progress=progress, rule=rule)
        try:
            return rebuild.run(finish), rebuild.learned
        except Undone:
            continue
