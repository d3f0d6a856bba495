"""Receipts: a visitor who gave a label waits a moment to hear what became of it."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from inkling.journal.database import JournalUnavailable
from inkling.journal.writer import Journal
from inkling.records import QUEUED, Outcome
from inkling.serving.refresher import Refresher

log = logging.getLogger("inkling.receipts")


class Receipts:
    """Waits for the trainer and for the refresher, and loads nothing itself."""

    def __init__(self, journal: Journal, refresher: Refresher, seats: int) -> None:
        """Let at most `seats` threads wait here at a time; further ones do not wait at all."""
        self._journal, self._refresher = journal, refresher
        self._seats = threading.BoundedSemaphore(seats)

    def until_learned(self, outcome: Outcome, seconds: float) -> Outcome:
        """Return what became of a label that may be queued, after `seconds` at the most.

        One that was learned by then is returned once its version is served here.
        """
        deadline = time.monotonic() + seconds
        with self._seat() as seated:
            if seated:
                outcome = self._learned(outcome, deadline)
                self._wait_until_served(outcome, deadline)
        return outcome

    def until_served(self, outcome: Outcome, seconds: float) -> Outcome:
        """Return an outcome once the version that learned it is served here, or after `seconds`.

        Then its visitor's next answer comes from that version.
        """
        with self._seat() as seated:
            if seated:
                self._wait_until_served(outcome, time.monotonic() + seconds)
        return outcome

    def _learned(self, outcome: Outcome, deadline: float) -> Outcome:
        try:
            while outcome.state == QUEUED and (left := deadline - time.monotonic()) > 0:
                self._refresher.wait_for_news(left)
                outcome = self._journal.outcome(outcome.id) or outcome
        except JournalUnavailable as error:
            log.error("The receipt of %s cannot be read now; it is stored. %s", outcome.id, error)
        return outcome

    def _wait_until_served(self, outcome: Outcome, deadline: float) -> None:
        if outcome.version is not None:
            self._refresher.wait_for_version(outcome.version, deadline - time.monotonic())

    @contextmanager
    def _seat(self) -> Iterator[bool]:
        """Give whether there is a seat to wait on; free it again after the block."""
        seated = self._seats.acquire(blocking=False)
        try:
            yield seated
        finally:
            if seated:
                self._seats.release()
