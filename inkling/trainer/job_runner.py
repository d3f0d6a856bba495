"""Runs jobs: a thread of each trainer's process, of which one at a time has a child that trains.

The child loads TensorFlow and is there only while a job is. A dedicated worker goes before an
embedded trainer, as with labels; beside those a job waits for nothing, not even for the trainer
itself to be warm.
"""

import logging
import threading
import time
from collections.abc import Callable

from inkling.coordination.coordination import Coordination
from inkling.journal.jobs import (
    Job,
    JobState,
    LostJob,
    end_job,
    note_swept,
    oldest_job,
    unswept_jobs,
)
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.records import TRAININGS
from inkling.settings import Settings
from inkling.storage import keys
from inkling.storage.stores import open_store
from inkling.tensorflow_check import NoTensorFlow, check_tensorflow
from inkling.trainer.child import STOP_SECONDS, Child, how_it_ended
from inkling.trainer.leadership import WorkerPatience
from inkling.trainer.told_once import ToldOnce

LOOK_SECONDS = 1.0  # between two looks at the jobs
# That an embedded trainer gives a worker to come: with a database it may be on another machine.
WORKER_SECONDS, WORKER_SECONDS_HERE = 5.0, 2.0
TRIES = 5  # of a job whose process ends by itself, without an epoch in between
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # before a job's process is started again
MODULE = "inkling.trainer.training_process"

log = logging.getLogger("inkling.jobs")


def _obstacle() -> str | None:
    """Return why no network can be trained here; None where one can."""
    try:
        check_tensorflow()
    except NoTensorFlow as error:
        return str(error)
    return None


class JobRunner:
    """Keeps a process training while there is a job and it is this trainer's turn."""

    def __init__(
        self,
        settings: Settings,
        coordination: Coordination,
        open_journal: Callable[[], Journal],
        embedded: bool,
    ) -> None:
        """Take the trainer's own journal, to be opened: a database has few connections."""
        self._settings, self._embedded = settings, embedded
        self._open_journal = open_journal
        self._lock, machines = coordination.jobs, bool(settings.database_url)
        seconds = WORKER_SECONDS if machines else WORKER_SECONDS_HERE
        self._patience = WorkerPatience(coordination.worker, seconds, machines)
        self._child: Child | None = None
        self._job: Job | None = None  # as it was seen last
        self._unswept = True  # ended jobs may have left checkpoints
        self._told_obstacle = False  # to everybody, if there is one
        self._failures, self._next_start, self._why = 0, 0.0, ""
        self._wrong = ToldOnce(log, "Jobs wait.")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Run jobs from now on, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the child, which goes on from its last epoch elsewhere, and the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2 * STOP_SECONDS)

    def _run(self) -> None:
        outbox: Outbox | None = None
        while not self._stopping.is_set():
            try:
                if self._embedded and not self._patience.is_over():  # a worker's jobs then
                    self._end_child()
                    self._lock.release()
                else:
                    outbox = outbox or Outbox(self._open_journal(), open_store(self._settings))
                    self._look(outbox)
                self._wrong.is_over()
            except Exception as error:
                self._wrong.tell(error)
            self._stopping.wait(LOOK_SECONDS)
        self._end_child()
        self._lock.release()

    def _look(self, outbox: Outbox) -> None:
        """Start what is to be started, and end what is to be ended."""
        self._tell_obstacle(outbox.journal)
        job = oldest_job(outbox.journal)
        self._notice(job)
        if self._unswept:
            self._sweep(outbox)
        if job is None:
            if self._child is None:
                self._lock.release()
        elif not self._lock.acquire():
            self._end_child()
        elif job.cancelled:
            self._end_child()
            self._end(outbox, job, JobState.CANCELLED)
        elif self._failures >= TRIES:
            reason = f"Its process ended {TRIES} times without an epoch, the last time by "
            self._end(outbox, job, JobState.FAILED, reason + self._why + ".")
        elif self._child is None and time.monotonic() >= self._next_start:
            check_tensorflow()  # where it is not there, another machine's trainer may take the job
            self._child = Child(MODULE)

    def _tell_obstacle(self, journal: Journal) -> None:
        """Tell everybody, once, whether networks can be trained here, and if not, why."""
        if self._told_obstacle:
            return
        why = _obstacle()
        if journal.noticed(TRAININGS) != why:
            journal.notice(TRAININGS, why)
        self._told_obstacle = True

    def _notice(self, job: Job | None) -> None:
        """Take in what has become of the job and of the child since the last look."""
        before, self._job = self._job, job
        if before and (job is None or job.id != before.id):
            self._unswept = True
            self._failures = 0
        if job and before and job.checkpoint != before.checkpoint:
            self._failures = 0
        if self._child is None or (code := self._child.exit_code()) is None:
            return
        self._child = None
        if code and job:
            self._failures += 1
            pause = min(FIRST_PAUSE * 2 ** (self._failures - 1), LONGEST_PAUSE)
            self._next_start = time.monotonic() + pause
            self._why = how_it_ended(code)
            log.warning("The process of job %d was ended by %s.", job.id, self._why)

    def _end_child(self) -> None:
        if self._child:
            self._child.end()
        self._child = None

    def _end(self, outbox: Outbox, job: Job, state: JobState, reason: str | None = None) -> None:
        try:
            end_job(outbox.journal, job, state, reason)
        except LostJob:
            pass  # it has ended, or another trainer has it
        self._unswept = True

    def _sweep(self, outbox: Outbox) -> None:
        """Delete the checkpoints of jobs that have ended."""
        for id in unswept_jobs(outbox.journal):
            for name in [*outbox.store.names(keys.checkpoints_of(id))]:
                outbox.store.delete(name)
            note_swept(outbox.journal, id)
        self._unswept = False
