"""Does what visitors and the operator ask of drawings: a thread of the trainer's process.

What the nets do not hold is done at once. For the rest a child makes them anew, one rebuild for all
that wait, while learning and answers go on.
"""

import logging
import threading
import time
from collections.abc import Callable

from inkling.history.changes import settle_unlearned
from inkling.journal.changes import waiting
from inkling.journal.outbox import Outbox
from inkling.trainer.child import Child, how_it_ended
from inkling.trainer.told_once import ToldOnce

LOOK_SECONDS = 0.5  # between two looks at what waits
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # before a child that failed is started again
MODULE = "inkling.trainer.rebuilding_process"

log = logging.getLogger("inkling.changes")


class ChangeRunner:
    """Looks for what waits to be changed as long as its trainer is the one that learns."""

    def __init__(self, outbox: Outbox, changed: Callable[[], None]) -> None:
        """Call `changed` after each time that something was done."""
        self._outbox, self._changed = outbox, changed
        self._child: Child | None = None
        self._pause, self._next_start = 0.0, 0.0
        self._wrong = ToldOnce(log, "Changes wait.")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="changes", daemon=True)

    def start(self) -> None:
        """Look from now on, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the child, whose work begins anew elsewhere, and the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._look()
                self._wrong.is_over()
            except Exception as error:
                self._wrong.tell(error)
        if self._child:
            self._child.end()

    def _look(self) -> None:
        if self._child and not self._has_ended(self._child):
            return
        with self._outbox.journal.read() as connection:
            found = waiting(connection)
        if not found:
            return
        if settle_unlearned(self._outbox, found):
            self._finish()
        elif time.monotonic() >= self._next_start:
            self._child = Child(MODULE)

    def _has_ended(self, child: Child) -> bool:
        code = child.exit_code()
        if code is None:
            return False
        self._child = None
        if code == 0:
            self._pause = 0.0
            self._finish()
            return True
        self._pause = min(2 * self._pause or FIRST_PAUSE, LONGEST_PAUSE)
        self._next_start = time.monotonic() + self._pause
        ended = how_it_ended(code)
        log.warning("What makes the nets anew was ended by %s; again in %d s.", ended, self._pause)
        return True

    def _finish(self) -> None:
        self._changed()
        self._outbox.journal.scrub()
