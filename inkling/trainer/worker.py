"""The process that learns: whose turn it is, when it steps aside, how it stops.

One process moves the weights, by a lock that dies with it. A dedicated worker says that it is
there, warms up and waits, so that it takes over in moments. An embedded trainer waits without its
nets, gives a worker time to come, and leaves the weights to one as soon as it is there.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Mapping

from inkling import checkpoints
from inkling.coordination.coordination import open_coordination
from inkling.errors import InklingError
from inkling.journal.database import JournalUnavailable
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal, open_journal
from inkling.learning.learner import LearningNet
from inkling.learning.rule import LEARNING_RULES
from inkling.records import TRAINER
from inkling.settings import Settings
from inkling.storage.stores import open_store
from inkling.system import give_memory_back
from inkling.trainer.change_runner import ChangeRunner
from inkling.trainer.job_runner import JobRunner
from inkling.trainer.leadership import Leadership
from inkling.trainer.trainer import OtherRule, Trainer, open_trainer, warm_nets
from inkling.trainer.uploader import Uploader

TURN_SECONDS = 0.5  # between two looks whether it is this process's turn, or at the journal
CHECK_SECONDS = 1.0  # between two looks whether it still is
LABELS_A_CHECK = 20  # the same while lost weights are made anew
SET_OF_WEIGHTS = 4 << 20  # bytes: packed; gradients are smaller
RETRY_SECONDS = 1.0  # after a failure of disk or database, or a bug

log = logging.getLogger("inkling.trainer")


class _NotMyTurn(Exception):
    """The process shall stop, or the weights are another one's to move."""


class TrainerProcess:
    """Learns whenever it is its turn, until it is stopped."""

    def __init__(self, settings: Settings, parent: int | None = None) -> None:
        self._settings, self._parent = settings, parent
        self._coordination = open_coordination(settings)
        embedded, machines = parent is not None, bool(settings.database_url)
        self._leadership = Leadership(self._coordination, embedded, machines)
        self._journal: Journal | None = None
        self._opening = threading.Lock()
        self._jobs = JobRunner(settings, self._coordination, self._open_journal, embedded)
        self._stopping = threading.Event()
        self._nets: Mapping[str, LearningNet] = {}
        self._told: str | None = None  # what others know that keeps it from learning
        self._waits_for_rule = False  # and has said so

    def run(self) -> None:
        """Be the trainer, or wait to be, until SIGTERM or SIGINT comes or the parent is gone."""
        give_memory_back(SET_OF_WEIGHTS)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until it is ready, it may end at any moment
        self._jobs.start()
        while not self._stopped():
            try:
                if self._nets and self._leadership.is_for_others():
                    break  # and with this process the nets' memory goes; another one waits
                near = self._leadership.should_try()
                if self._parent is None:
                    self._warm_up()
                if near and self._leadership.acquire():
                    self._warm_up()
                    self._learn()
                else:
                    self._stopping.wait(TURN_SECONDS)
            except _NotMyTurn:
                self._leadership.end()
            except Exception as error:
                self._complain(error)
                self._stopping.wait(RETRY_SECONDS)
        self._jobs.stop()
        self._leadership.end()

    def _stopped(self) -> bool:
        orphan = self._parent is not None and os.getppid() != self._parent
        return self._stopping.is_set() or orphan

    def _warm_up(self) -> None:
        if self._nets:
            return
        self._originals = checkpoints.originals(self._settings.models_folder)
        rule = LEARNING_RULES[self._settings.learning_rule]
        self._nets = warm_nets(self._originals, self._settings.models_folder, rule)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())

    def _learn(self) -> None:
        """Learn and deliver as long as it is this process's turn."""
        journal = self._open_journal()
        outbox = Outbox(journal, open_store(self._settings))
        uploader = Uploader(outbox)
        changes = ChangeRunner(outbox, lambda: self._saved(uploader))
        try:
            if not outbox.store.remote:
                uploader.sweep()
            self._told = journal.noticed(TRAINER)
            trainer = open_trainer(
                self._settings,
                outbox,
                self._originals,
                self._nets,
                self._remaking,
                saved=lambda: self._saved(uploader),
            )
            uploader.start()
            changes.start()
            log.info("The trainer is ready at version %d.", trainer.version)
            self._leadership.announce()
            try:
                self._work(trainer)
            finally:
                trainer.close()
            log.info("The trainer stops at version %d.", trainer.version)
        finally:
            self._leadership.retract()
            changes.stop()
            uploader.stop()
            journal.close()  # its connections; it may be used again

    def _saved(self, uploader: Uploader) -> None:
        """Tell of weights that were stored: web workers on other machines take up only those."""
        self._coordination.versions.notify()
        uploader.wake()

    def _open_journal(self) -> Journal:
        """Return the journal that all threads of this process share, brought up to date."""
        with self._opening:
            if self._journal is None:
                self._journal = open_journal(self._settings)
            return self._journal

    def _remaking(self, done: int, of: int) -> None:
        """Leave off making weights anew where it is not this process's turn any more."""
        if self._stopped() or (done % LABELS_A_CHECK == 0 and not self._leadership.holds()):
            raise _NotMyTurn

    def _work(self, trainer: Trainer) -> None:
        next_check = 0.0
        while not self._stopped():
            if time.monotonic() > next_check:
                if not self._leadership.holds():
                    self._leadership.end()
                    return
                next_check = time.monotonic() + CHECK_SECONDS
            try:
                before = trainer.version
                worked = trainer.work()
                self._tell(trainer.journal, None)
                self._waits_for_rule = False
                if not worked:
                    self._coordination.labels.wait(trainer.pause(TURN_SECONDS))
                if trainer.version != before:
                    self._coordination.versions.notify()
            except _NotMyTurn:
                raise
            except Exception as error:
                # Disk, database or a bug: no verdict on a label. The journal still has every row.
                self._complain(error)
                self._tell(trainer.journal, error)
                next_check = 0.0  # perhaps it is another one's turn
                self._stopping.wait(RETRY_SECONDS)

    def _complain(self, error: Exception) -> None:
        """Log why learning waits; once, where it does until a person has done something."""
        if isinstance(error, OtherRule):
            if not self._waits_for_rule:
                log.warning("Learning waits. %s", error)
            self._waits_for_rule = True
        elif isinstance(error, InklingError | OSError):
            log.warning("Learning waits; trying again in %s s. %s", RETRY_SECONDS, error)
        else:
            log.exception("Learning failed; trying again in %s s.", RETRY_SECONDS)

    def _tell(self, journal: Journal, error: Exception | None) -> None:
        """Tell others what keeps this trainer from learning, or that nothing does any more."""
        trouble = type(error).__name__ if error else None
        if trouble == self._told:
            return
        try:
            journal.notice(TRAINER, trouble)
            self._told = trouble
        except JournalUnavailable as away:
            log.warning("What is wrong cannot be told to others. %s", away)
