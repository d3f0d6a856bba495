"""Weights stored now and then: what was learned since is learned again where a trainer dies.

Rows and versions are committed for each label; to pack, hash and sync 12 MB of weights takes ten
times as long. So a thread stores them at most four times a second. Replay gives the same bits, so
what a version's weights are does not depend on it.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from inkling import checkpoints
from inkling.errors import InklingError
from inkling.failpoints import failpoint
from inkling.journal.outbox import Outbox

PACE = 0.25  # seconds between two sets of weights
SETTLE = 0.05  # seconds after a step: its receipt goes first
RETRY_SECONDS = 1.0  # after a failure

States = Callable[[], Mapping[str, checkpoints.Arrays]]

log = logging.getLogger("inkling.trainer")


class WeightsSaver:
    """Stores the newest weights of a trainer."""

    def __init__(
        self, outbox: Outbox, pace: float = 0.0, told: Callable[[], None] = lambda: None
    ) -> None:
        """Store at once where `pace` is 0, else in a thread; call `told` after each time."""
        self._outbox, self._pace, self._told = outbox, pace, told
        self._thread = ThreadPoolExecutor(1, "saver") if pace else None
        self._running: Future[bool] | None = None
        self._next = 0.0  # not before this moment
        self._seen = 0  # the version that was looked at last
        self.saved = 0  # the version that was stored last

    def look(self, version: int, states: States) -> None:
        """Store a version's weights, unless they are stored, others are just now, or were lately.

        Look again after `seconds_left`. Without a thread, raises what `_store` raises.
        """
        if version == self.saved:
            return
        if self._thread is None:
            self._store(version, states())
            return
        if self._seen <= self.saved:  # this is the first that is not stored
            self._next = max(self._next, time.monotonic() + SETTLE)
        self._seen = version
        if time.monotonic() < self._next or (self._running and not self._running.done()):
            return
        self._next = time.monotonic() + self._pace
        self._running = self._thread.submit(self._try, version, states())

    def seconds_left(self, version: int) -> float:
        """Return how long a version's weights wait to be stored; infinity where they do not."""
        if version == self.saved:
            return math.inf
        return max(0.01, self._next - time.monotonic())

    def close(self, version: int, states: States) -> None:
        """Store what is not stored yet, and end the thread."""
        if self._thread is None:
            return
        self._thread.shutdown()
        if version != self.saved:
            self._try(version, states())

    def _try(self, version: int, states: Mapping[str, checkpoints.Arrays]) -> bool:
        try:
            self._store(version, states)
        except (InklingError, OSError) as error:
            log.warning("The weights of version %d are not stored yet. %s", version, error)
        except Exception:
            log.exception("The weights of version %d are not stored yet.", version)
        else:
            return True
        self._next = time.monotonic() + RETRY_SECONDS
        return False

    def _store(self, version: int, states: Mapping[str, checkpoints.Arrays]) -> None:
        """Store a version's weights and name them in its row; leave out those undone meanwhile.

        Raises JournalUnavailable; a store that fails is stood in for by the journal.
        """
        objects, contents = checkpoints.objects_of(version, states)
        held = self._outbox.publish(contents)
        failpoint("weights stored")
        thinned = checkpoints.thinned(self._outbox.journal.kept_versions(), version)
        with self._outbox.journal.alone() as change:
            named = change.name_weights(version, objects, held, thinned)
        if not named:
            self._outbox.take_back(contents)  # they may hold what is to be forgotten
        self.saved = version
        failpoint("weights named")
        self._told()
