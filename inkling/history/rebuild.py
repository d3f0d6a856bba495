"""All labels learned once more, from the originals, by the rule and the originals of today.

After a change of either, the newest weights are not what the journal implies. Nothing is taken out
of the history: the rebuilt weights become a new version, made beside a running server.
"""

from collections.abc import Mapping

from inkling import checkpoints
from inkling.history.replay import CannotReplay, relearn
from inkling.history.rollback import publish
from inkling.journal.lineage import REBUILD, Lineage, lineage_of, read_lineage
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.learning.learner import Learner

AT_ONCE = 32  # lessons a turn, and at most while others wait to make a version


class Relearning:
    """Learns a few labels a turn, so that whoever does it can be told to stop.

    Killed, nothing has changed. What is learned by others meanwhile is learned too.
    """

    def __init__(
        self, outbox: Outbox, originals: Mapping[str, checkpoints.Arrays], nets: Learner
    ) -> None:
        """What the nets hold is replaced."""
        self._outbox, self._originals, self._nets = outbox, originals, nets
        self.version: int | None = None  # the new one, once it is there
        self._start()

    def _start(self) -> None:
        self._nets.start(self._originals)
        self._begun, self._seen, self.done = lineage_of(self._outbox.journal), 0, 0

    def work(self) -> bool:
        """Learn a few more labels; False when all is done and published.

        Raises CannotReplay where a label cannot be learned any more.
        """
        now = lineage_of(self._outbox.journal)
        if not now.continues(self._begun):
            self._start()  # something was undone meanwhile
            return True
        if self._left(now) > AT_ONCE:
            try:
                self._learn(now, AT_ONCE)
            except CannotReplay:
                if lineage_of(self._outbox.journal).continues(self._begun):
                    raise
                self._start()  # rows were read while another undid them
            return True
        with self._outbox.journal.alone() as connection:
            now = read_lineage(connection)
            if not now.continues(self._begun) or self._left(now) > 2 * AT_ONCE:
                return True
            self._learn(now, 2 * AT_ONCE)
            steps = [(REBUILD, 0)]  # leaves no lesson out
            self.version = publish(connection, self._outbox, self._nets, now, steps)
        return False

    def _left(self, lineage: Lineage) -> int:
        return len(lineage.lessons(lineage.newest, self._seen))

    def _learn(self, lineage: Lineage, most: int) -> None:
        chosen = lineage.lessons(lineage.newest, self._seen)[:most]
        if chosen:
            relearn(self._outbox.journal, lineage, self._nets, chosen[-1], self._seen)
            self._seen, self.done = chosen[-1], self.done + len(chosen)


def outdated(journal: Journal, version: int) -> bool:
    """Whether a version learned by the first rule, whose FNN had no optimizer."""
    objects = journal.objects(version)
    if objects is None or checkpoints.YOUNGER & objects.keys():
        return False
    return bool(lineage_of(journal).lessons(version))
