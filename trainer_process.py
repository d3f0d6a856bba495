"""The process that learns: whose turn it is, when it steps aside, how it stops.

One process moves the weights, by a lock that dies with it. A dedicated worker says that it is
there, warms up and waits, so that it takes over in moments. An embedded trainer waits without
TensorFlow, gives a worker time to come, and leaves the weights to one as soon as it is there.
"""

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

import weights
from coordination import Coordination, open_coordination
from courier import Courier
from journal import VersionConflict, open_journal
from outbox import Outbox
from settings import Settings
from stores import open_store

if TYPE_CHECKING:  # the room imports what only a trainer whose turn it is needs
    from learning.teaching import Net
    from trainer import Trainer

TURN_SECONDS = 0.5  # between two looks whether it is this process's turn, or at the journal
WORKER_SECONDS = 20.0  # that an embedded trainer gives a worker to come, or to come back
WORKER_SECONDS_HERE = 2.0  # the same on one machine, after one was there
CHECK_SECONDS = 1.0  # between two looks whether it still is
RETRY_SECONDS = 1.0  # after a failure of disk or database

log = logging.getLogger("inkling.trainer")


class Turn:
    """Whether this process may move the weights now."""

    def __init__(self, coordination: Coordination, embedded: bool, machines: bool) -> None:
        """`machines`: whether a worker may run on another machine, and start later than this."""
        self._trainer, self._worker = coordination.trainer, coordination.worker
        self._embedded = embedded
        self._patience = WORKER_SECONDS if machines else WORKER_SECONDS_HERE
        self._alone_since = time.monotonic() if machines else -math.inf

    def is_near(self) -> bool:
        """Whether to try `take`. Says that a worker is there, if this is one.

        Raises SQLAlchemyError where the database does not answer.
        """
        if not self._embedded:
            self._worker.acquire()
        elif self._worker.is_held():
            self._alone_since = time.monotonic()
        return not self._embedded or time.monotonic() - self._alone_since >= self._patience

    def take(self) -> bool:
        """Whether it is this process's turn from now on.

        Raises SQLAlchemyError where the database does not answer.
        """
        if self._embedded:
            return not self._worker.is_held() and self._trainer.acquire()
        return self._worker.acquire() and self._trainer.acquire()

    def lasts(self) -> bool:
        """Whether it still is: no lock was lost, and no worker wants it."""
        if self._embedded:
            return self._trainer.is_mine() and not self._worker.is_held()
        return self._trainer.is_mine() and self._worker.is_mine()

    def is_for_others(self) -> bool:
        """Whether a dedicated worker has it now, so that an embedded trainer is of no use."""
        return self._embedded and self._worker.is_held()

    def end(self) -> None:
        """Leave the weights to others."""
        self._trainer.release()
        self._worker.release()


class TrainerProcess:
    """Learns whenever it is its turn, until it is stopped."""

    def __init__(self, settings: Settings, parent: int | None = None) -> None:
        self._settings, self._parent = settings, parent
        self._coordination = open_coordination(settings)
        embedded, machines = parent is not None, bool(settings.database_url)
        self._turn = Turn(self._coordination, embedded, machines)
        self._stopping = threading.Event()
        self._nets: Mapping[str, Net] = {}

    def run(self) -> None:
        """Be the trainer, or wait to be, until SIGTERM or SIGINT comes or the parent is gone."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until it is ready, it may end at any moment
        while not self._stopped():
            try:
                if self._nets and self._turn.is_for_others():
                    break  # and with this process TensorFlow's memory goes; another one waits
                near = self._turn.is_near()
                if self._parent is None:
                    self._warm_up()
                if near and self._turn.take():
                    self._warm_up()
                    self._learn()
                else:
                    self._stopping.wait(TURN_SECONDS)
            except Exception as error:
                _complain(error)
                self._stopping.wait(RETRY_SECONDS)
        self._turn.end()

    def _stopped(self) -> bool:
        orphan = self._parent is not None and os.getppid() != self._parent
        return self._stopping.is_set() or orphan

    def _warm_up(self) -> None:
        if self._nets:
            return
        from trainer import warm_nets

        self._originals = weights.originals(self._settings.models_folder)
        self._nets = warm_nets(self._originals)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())

    def _learn(self) -> None:
        """Learn and deliver as long as it is this process's turn."""
        from trainer import open_trainer

        journal = open_journal(self._settings)
        outbox = Outbox(journal, open_store(self._settings))
        courier = Courier(outbox)
        try:
            if not outbox.store.remote:
                courier.sweep()
            trainer = open_trainer(self._settings, outbox, self._originals, self._nets)
            courier.start()
            log.info("The trainer is ready at version %d.", trainer.version)
            self._work(trainer, courier)
            log.info("The trainer stops at version %d.", trainer.version)
        finally:
            courier.stop()
            journal.close()

    def _work(self, trainer: "Trainer", courier: Courier) -> None:
        next_check = 0.0
        while not self._stopped():
            if time.monotonic() > next_check:
                if not self._turn.lasts():
                    self._turn.end()
                    return
                next_check = time.monotonic() + CHECK_SECONDS
            try:
                before = trainer.version
                if not trainer.work():
                    self._coordination.labels.wait(TURN_SECONDS)
                if trainer.version != before:
                    self._coordination.versions.ring()
                    courier.wake()
            except Exception as error:
                # Disk or database: nothing is lost, the journal still has every row. Try again.
                _complain(error)
                next_check = 0.0  # perhaps it is another one's turn
                self._stopping.wait(RETRY_SECONDS)


def _complain(error: Exception) -> None:
    if isinstance(error, SQLAlchemyError | OSError | VersionConflict):
        log.warning("Learning waits; trying again in %s s. %s", RETRY_SECONDS, error)
    else:
        log.exception("Learning failed; trying again in %s s.", RETRY_SECONDS)
