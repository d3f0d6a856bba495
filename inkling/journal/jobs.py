"""Jobs: trainings that were asked for, where they are, and what became of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.errors import InklingError, InvalidInput
from inkling.journal.database import RowConflict, in_utc
from inkling.journal.reader import JournalReader
from inkling.journal.schema import jobs
from inkling.journal.writer import Journal

MNIST, OTHER = "mnist", "other"  # the samples that a job may train on
SAMPLES = (MNIST, OTHER)
UNFINISHED, NEWEST_FIRST = jobs.c.ended_at.is_(None), jobs.c.id.desc()


class AlreadyTraining(InklingError):
    """A network trains once at a time."""


class NoSuchJob(InvalidInput):
    """No job that has not ended has this id."""


class LostJob(InklingError):
    """A job is not this process's any more: another one has taken it up, or it has ended."""


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"  # for a trainer
    RUNNING = "running"  # taken up; perhaps by one that was killed meanwhile
    DONE = "done"  # the network has the new weights
    FAILED = "failed"  # `reason` says why; the network keeps its weights
    CANCELLED = "cancelled"  # by a person; likewise


@dataclass(frozen=True)
class Job:
    """A training of a network on a sample (`mnist`, `other`).

    cancelled: whether a person wants it ended. attempt: how often it was taken up. progress: what
    it told last: epoch, epochs, loss, accuracy, seconds_left. checkpoint: the object to go on from.
    """

    id: int
    network: str
    sample: str
    state: JobState
    cancelled: bool
    attempt: int
    progress: dict[str, Any] | None
    checkpoint: str | None
    reason: str | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.ended_at is not None

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        ended = self.ended_at and self.ended_at.isoformat()
        return asdict(self) | {"created_at": self.created_at.isoformat(), "ended_at": ended}


def ask_training(journal: Journal, network: str, sample: str) -> int:
    """Commit a job and return its id.

    Raises AlreadyTraining while another job of this network has not ended.
    """
    row = {
        "network": network,
        "unfinished": network,
        "sample": sample,
        "state": JobState.WAITING,
        "cancelled": False,
        "attempt": 0,
        "created_at": datetime.now(UTC),
    }
    try:
        with journal.write() as connection:
            made = connection.execute(jobs.insert().values(row).returning(jobs.c.id))
            return int(made.scalar_one())
    except RowConflict as error:
        raise AlreadyTraining(
            f"{network} is being trained already.", "Wait until that ends, or cancel it."
        ) from error


def cancel(journal: Journal, id: int) -> Job:
    """Ask that a job ends, and return it: one that waits has ended then, one that runs soon will.

    Raises NoSuchJob where there is none, or it has ended.
    """
    with journal.write() as connection:
        row = connection.execute(jobs.select().where(jobs.c.id == id).with_for_update())
        found = row.mappings().one_or_none()
        if found is None:
            raise NoSuchJob(f"There is no job {id}.", "List them: inkling jobs.")
        if found["ended_at"] is not None:
            raise NoSuchJob(f"Job {id} has ended: it is {found['state']}.", "List: inkling jobs.")
        values: dict[str, Any] = {"cancelled": True}
        if found["state"] == JobState.WAITING:
            values |= {"state": JobState.CANCELLED} | _ended()
        connection.execute(jobs.update().where(jobs.c.id == id).values(values))
        return _job(connection.execute(jobs.select().where(jobs.c.id == id)).mappings().one())


def take_up(journal: Journal) -> Job | None:
    """Take up the oldest job that has not ended, if there is one, and return it, running.

    Whoever had taken it up before can change nothing of it any more.
    """
    with journal.write() as connection:
        oldest = jobs.select().where(UNFINISHED).order_by(jobs.c.id).limit(1).with_for_update()
        found = connection.execute(oldest).mappings().one_or_none()
        if found is None:
            return None
        values = {"state": JobState.RUNNING, "attempt": found["attempt"] + 1}
        connection.execute(jobs.update().where(jobs.c.id == found["id"]).values(values))
        return _job(dict(found) | values)


def note_progress(journal: Journal, job: Job, progress: dict[str, Any]) -> None:
    """Tell where a job is. Raises LostJob where it is not the caller's any more."""
    _note(journal, job, {"progress": progress})


def note_checkpoint(journal: Journal, job: Job, checkpoint: str) -> None:
    """Name the object that a job goes on from. Raises LostJob as `note_progress` does."""
    _note(journal, job, {"checkpoint": checkpoint})


def end_job(journal: Journal, job: Job, state: JobState, reason: str | None = None) -> None:
    """End a job. Raises LostJob as `note_progress` does."""
    with journal.write() as connection:
        end_within(connection, job, state, reason)


def end_within(
    connection: Connection, job: Job, state: JobState, reason: str | None = None
) -> None:
    """End a job within a transaction, which must not be committed where this raises LostJob."""
    ended = {
        "state": state,
        "reason": reason,
        **_ended(),
        # Also one whose first checkpoint was stored and not named yet is to be swept.
        "checkpoint": sql.func.coalesce(jobs.c.checkpoint, ""),
    }
    _change(connection, job, ended)


def _ended() -> dict[str, Any]:
    """Return what every job's row says that has ended now."""
    return {"ended_at": datetime.now(UTC), "unfinished": None}


def _note(journal: Journal, job: Job, values: dict[str, Any]) -> None:
    with journal.write() as connection:
        _change(connection, job, values)


def _change(connection: Connection, job: Job, values: dict[str, Any]) -> None:
    own = (jobs.c.id == job.id) & (jobs.c.attempt == job.attempt) & UNFINISHED
    if not connection.execute(jobs.update().where(own).values(values)).rowcount:
        raise LostJob(f"Job {job.id} is another process's now, or has ended.")


def oldest_job(journal: JournalReader) -> Job | None:
    """Return the job that is to be run now: the oldest that has not ended, if there is one."""
    return next(iter(_select(journal, UNFINISHED, 1, jobs.c.id)), None)


def unswept_jobs(journal: JournalReader) -> list[int]:
    """Return the ids of the jobs that have ended and may have left checkpoints."""
    query = sql.select(jobs.c.id).where(~UNFINISHED & jobs.c.checkpoint.is_not(None))
    with journal.read() as connection:
        return [*connection.execute(query).scalars()]


def note_swept(journal: Journal, id: int) -> None:
    """Note that nothing is left of an ended job's checkpoints."""
    with journal.write() as connection:
        connection.execute(jobs.update().where(jobs.c.id == id).values(checkpoint=None))


def newest_job(journal: JournalReader, network: str) -> Job | None:
    """Return the job of a network that was asked for last, if any was."""
    return next(iter(_select(journal, jobs.c.network == network, 1)), None)


def jobs_of(journal: JournalReader, limit: int | None = None) -> list[Job]:
    """Return the jobs, newest first, at most `limit`."""
    return _select(journal, sql.true(), limit)


def _select(
    journal: JournalReader,
    condition: sql.ColumnElement[bool],
    limit: int | None,
    order: sql.ColumnElement[Any] = NEWEST_FIRST,
) -> list[Job]:
    query = jobs.select().where(condition).order_by(order).limit(limit)
    with journal.read() as connection:
        return [_job(row) for row in connection.execute(query).mappings()]


def _job(row: Mapping[Any, Any]) -> Job:
    found = {name: row[name] for name in Job.__dataclass_fields__}
    found |= {"state": JobState(row["state"]), "created_at": in_utc(row["created_at"])}
    return Job(**found | {"ended_at": row["ended_at"] and in_utc(row["ended_at"])})
