"""The process that trains a network for a job: started by `job_runner.py`, gone when it is done.

It may be killed anywhere. After each epoch all of its state is an object in the store, which the
job's row names; the next one goes on from there and ends at the very same weights. Where store or
journal are away, it trains on and tries again.
"""

import logging
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from inkling import checkpoints
from inkling.coordination.coordination import open_coordination
from inkling.data.samples import TrainingSample
from inkling.errors import InklingError
from inkling.failpoints import failpoint
from inkling.journal.database import JournalUnavailable, RowConflict
from inkling.journal.jobs import (
    Job,
    JobState,
    LostJob,
    end_job,
    end_within,
    note_checkpoint,
    note_progress,
    take_up,
)
from inkling.journal.networks import networks_of, publish_network
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.nets.description import Description
from inkling.nets.retraining import Retraining, retraining_of
from inkling.nets.shipped import shipped_networks
from inkling.settings import Settings
from inkling.storage import keys
from inkling.storage.base import ObjectMissing
from inkling.storage.stores import open_store
from inkling.trainer import child
from inkling.trainer.job_sample import read_job_sample

if TYPE_CHECKING:  # Keras takes seconds to import, and a broken sample is told before
    from inkling.pretraining.network_training import History, Plan, Progress

TELL_SECONDS = 1.0  # between two rows of progress
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # between two tries while store or journal are away
AWAY = (OSError, JournalUnavailable, RowConflict)

log = logging.getLogger("inkling.jobs")
T = TypeVar("T")


def insist(action: Callable[[], T]) -> T:
    """Return what an action returns, tried again until store and journal are there."""
    pause = FIRST_PAUSE
    while True:
        try:
            return action()
        except AWAY as error:
            log.warning("The training waits; trying again in %s s. %s", pause, error)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


class JobCheckpoint:
    """Where a job's training keeps its state: an object, and its name in the job's row."""

    def __init__(self, outbox: Outbox, job: Job, fingerprint: str) -> None:
        """Take the fingerprint of the training, which a state must be of to be gone on with."""
        self._outbox, self._job, self._fingerprint = outbox, job, fingerprint
        self._former = job.checkpoint

    def load(self) -> bytes | None:
        """Return the state to go on from; None where there is none, or none of this training."""
        name = self._job.checkpoint
        if name is None:
            return None
        if f"-{self._fingerprint}." not in name:
            log.warning("The sample or the recipe has changed: the training begins anew.")
            return None
        try:
            content = insist(lambda: self._outbox.store.get(name))
            checkpoints.unpack(content)
        except (ObjectMissing, checkpoints.BadWeights) as error:
            log.warning("The training begins anew. %s", error)
            return None
        log.info("Job %d goes on after epoch %d.", self._job.id, keys.epoch_of(name))
        return content

    def save(self, content: bytes, history: "History") -> None:
        """Keep the state after an epoch; where store or journal are away, train on without.

        Raises LostJob.
        """
        failpoint("epoch trained")
        name = keys.checkpoint_key(self._job.id, len(history.loss), self._fingerprint)
        try:
            self._outbox.store.put(name, content)
            failpoint("checkpoint stored")
            note_checkpoint(self._outbox.journal, self._job, name)
            failpoint("checkpoint noted")
            former, self._former = self._former, name
            if former and former != name:
                self._outbox.store.delete(former)
        except AWAY as error:
            log.warning("Epoch %d is not kept; the next one may be. %s", len(history.loss), error)


class Teller:
    """Tells in the job's row how far its training is."""

    def __init__(self, outbox: Outbox, job: Job) -> None:
        self._outbox, self._job, self._told_at = outbox, job, -math.inf

    def __call__(self, progress: "Progress") -> None:
        """Tell it once a second at most, and at the end. Raises LostJob."""
        now = time.monotonic()
        if now - self._told_at < TELL_SECONDS and progress.epoch < progress.epochs:
            return
        self._told_at = now
        told = {
            "epoch": progress.epoch,
            "epochs": progress.epochs,
            "loss": _rounded(progress.loss, 4),
            "accuracy": _rounded(progress.accuracy, 4),
            "seconds_left": _rounded(progress.seconds_left, 1),
        }
        try:
            note_progress(self._outbox.journal, self._job, told)
        except AWAY:
            pass  # the next one is told


def _rounded(value: float, digits: int) -> float | None:
    """Return a number that JSON knows; None for one that is none."""
    return round(value, digits) if math.isfinite(value) else None


def run_job(outbox: Outbox, job: Job, settings: Settings) -> None:
    """Train a job's network and publish it, in the transaction that ends the job.

    Raises InklingError where it cannot be trained, LostJob where it is another process's now.
    """
    how = retraining_of(job.network, _description(outbox, job.network, settings))
    sample = read_job_sample(job.sample, settings)
    from inkling.nets import keras_models  # noqa: F401  (first: it says how TensorFlow runs)
    from inkling.pretraining.network_training import fingerprint
    from inkling.pretraining.trained_network import train_network

    plan = _plan(how, sample)
    splits = [sample.train, *([sample.test] if sample.test else [])]
    checkpoint = JobCheckpoint(outbox, job, fingerprint(plan, splits))
    log.info("Job %d: %s is trained on %s.", job.id, job.network, sample.name)
    trained = train_network(job.network, plan, sample, checkpoint, Teller(outbox, job))
    insist(
        lambda: publish_network(
            outbox,
            *trained,
            also=lambda connection: end_within(connection, job, JobState.DONE),
        )
    )
    failpoint("job ended")


def _description(outbox: Outbox, name: str, settings: Settings) -> Description | None:
    rows = insist(lambda: networks_of(outbox.journal))
    if name in rows:
        return rows[name].description
    return shipped_networks(settings.models_folder).get(name)


def _plan(how: Retraining, sample: TrainingSample) -> "Plan":
    """Return the plan; without test digits a source that watches those watches none."""
    from dataclasses import replace

    from inkling.pretraining.network_training import Plan

    watches = how.recipe.validate_on_test and sample.test is not None
    recipe = replace(how.recipe, validate_on_test=watches)
    return Plan(how.architecture, recipe, how.hidden, how.seed)


def work(settings: Settings) -> None:
    """Take up the oldest job and bring it to its end, unless it is cancelled or another's."""
    journal = insist(lambda: open_journal(settings))
    job = insist(lambda: take_up(journal))
    if job is None or job.cancelled:
        return
    try:
        run_job(Outbox(journal, open_store(settings)), job, settings)
        log.info("Job %d: %s has its new weights.", job.id, job.network)
    except LostJob as error:
        log.warning("The training ends. %s", error)
    except Exception as error:
        _fail(lambda reason: end_job(journal, job, JobState.FAILED, reason), job, error)
    open_coordination(settings).versions.notify()


def _fail(end: Callable[[str], None], job: Job, error: Exception) -> None:
    """End a job as failed, in words that everybody may read."""
    if isinstance(error, InklingError):
        reason = str(error)
        log.warning("Job %d failed. %s", job.id, reason)
    else:
        reason = f"An error that was not expected ({type(error).__name__}): the log tells more."
        log.exception("Job %d failed.", job.id)
    try:
        insist(lambda: end(reason))
    except LostJob as lost:
        log.warning("The training ends. %s", lost)


if __name__ == "__main__":
    work(child.begin())
