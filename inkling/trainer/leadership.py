"""Whose turn it is to move the weights: dedicated workers go before embedded trainers."""

import math
import time

from inkling.coordination.coordination import Coordination, Lock

WORKER_SECONDS = 20.0  # that an embedded trainer gives a worker to come, or to come back
WORKER_SECONDS_HERE = 2.0  # the same on one machine, after one was there


class WorkerPatience:
    """How long an embedded trainer leaves something to a dedicated worker, there or to come."""

    def __init__(self, worker: Lock, seconds: float, machines: bool) -> None:
        """Take the worker's lock; where one may run on another machine, wait from now on."""
        self._worker, self._seconds = worker, seconds
        self._alone_since = time.monotonic() if machines else -math.inf

    def is_over(self) -> bool:
        """Whether no worker has been there for so long. Raises JournalUnavailable."""
        if self._worker.is_held():
            self._alone_since = time.monotonic()
        return time.monotonic() - self._alone_since >= self._seconds


class Leadership:
    """Whether this process may move the weights now."""

    def __init__(self, coordination: Coordination, embedded: bool, machines: bool) -> None:
        """Take in `machines` whether a worker may run on another machine and start later."""
        self._trainer, self._worker = coordination.trainer, coordination.worker
        self._embedded = embedded
        seconds = WORKER_SECONDS if machines else WORKER_SECONDS_HERE
        self._patience = WorkerPatience(coordination.worker, seconds, machines)

    def should_try(self) -> bool:
        """Return whether to try `acquire`. Tell others that a worker is there, if this is one.

        Raises JournalUnavailable where the database does not answer.
        """
        if self._embedded:
            return self._patience.is_over()
        self._worker.acquire()
        return True

    def acquire(self) -> bool:
        """Take this process's turn if it can have it now; return whether it has it.

        Raises JournalUnavailable where the database does not answer.
        """
        if self._embedded:
            return not self._worker.is_held() and self._trainer.acquire()
        return self._worker.acquire() and self._trainer.acquire()

    def holds(self) -> bool:
        """Return whether the turn still is this process's: no lock is lost, no worker wants it."""
        if self._embedded:
            return self._trainer.is_mine() and not self._worker.is_held()
        return self._trainer.is_mine() and self._worker.is_mine()

    def announce(self) -> None:
        """Tell others that this process, whose turn it is, is ready to learn."""
        self._trainer.announce()

    def retract(self) -> None:
        """Tell others that it is not."""
        self._trainer.retract()

    def is_for_others(self) -> bool:
        """Return whether a dedicated worker has the turn: an embedded trainer is then of no use."""
        return self._embedded and self._worker.is_held()

    def end(self) -> None:
        """Leave the weights to others."""
        self._trainer.release()
        self._worker.release()
