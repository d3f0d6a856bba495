"""The nets brought to the newest version: stored weights, and what was learned since, once more."""

from dataclasses import dataclass

from inkling import checkpoints
from inkling.history.rebuild import Originals
from inkling.history.replay import CannotReplay, Progress, relearn
from inkling.journal.lessons import StoredDigits
from inkling.journal.lineage import Lineage
from inkling.journal.outbox import Outbox, Overtaken
from inkling.learning.learner import Learner
from inkling.storage.base import ObjectMissing

TRIES = 5  # times that something was undone, or weights were replaced, while they were read


@dataclass(frozen=True)
class CaughtUp:
    """Where the nets are: the newest version, the one that was stored, what the nets remember."""

    version: int
    stored: int
    earlier: StoredDigits


def catch_up(
    outbox: Outbox,
    originals: Originals,
    nets: Learner,
    progress: Progress = lambda done, of: None,
) -> CaughtUp:
    """Bring the nets to the journal's newest version, by its rule; what they hold is replaced.

    Raises ObjectMissing or BadWeights where the newest stored weights are not there, UnknownRule
    where what came after them was learned by a rule that is no more, CannotReplay where a lesson
    cannot be learned again, Overtaken where too much is undone meanwhile.
    """
    for _ in range(TRIES):
        lineage = outbox.journal.lineage()
        try:
            return _catch_up(outbox, originals, nets, lineage, progress)
        except (CannotReplay, ObjectMissing):
            now = outbox.journal.lineage()
            if now.continues(lineage) and _stored(outbox, now) == _stored(outbox, lineage):
                raise
    raise Overtaken(
        f"{TRIES} times the newest weights were replaced before they could be read.",
        "Try again while less is undone.",
    )


def _stored(outbox: Outbox, lineage: Lineage) -> int:
    """Return the newest version on the line that has weights; 0: the originals."""
    kept = outbox.journal.kept_versions()
    line = lineage.since_all_was_learned_again(lineage.newest)
    return next((number for number in line if number in kept), 0)


def _catch_up(
    outbox: Outbox,
    originals: Originals,
    nets: Learner,
    lineage: Lineage,
    progress: Progress,
) -> CaughtUp:
    journal, stored = outbox.journal, _stored(outbox, lineage)
    if stored < lineage.newest:
        nets.follow(journal.rule(lineage.newest))
    states = _load(outbox, originals, nets, stored)
    earlier = journal.digits_of(lineage, stored)
    nets.start(states, earlier)
    if stored < lineage.newest:
        relearn(journal, lineage, nets, lineage.newest, stored, progress=progress)
        nets.memory.let_go()
        earlier.add(lineage.lessons(lineage.newest, stored))
    return CaughtUp(lineage.newest, stored, earlier)


def _load(
    outbox: Outbox, originals: Originals, nets: Learner, version: int
) -> dict[str, checkpoints.Arrays]:
    if not version:
        return dict(originals)
    return outbox.load(version, nets, optimizer=True)
