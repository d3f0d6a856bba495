"""Jobs: trainings that were asked for, where they are, and what became of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import RowMapping

from inkling.errors import InklingError
from inkling.journal.database import RowConflict, in_utc
from inkling.journal.reader import JournalReader
from inkling.journal.schema import jobs
from inkling.journal.writer import Journal


class AlreadyTraining(InklingError):
    """A network trains once at a time."""


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


def ask_training(journal: Journal, network: str, sample: str) -> int:
    """Commit a job and return its id.

    Raises AlreadyTraining while another job of this network has not ended.
    """
    row = {
        "network": network,
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


def newest_job(journal: JournalReader, network: str) -> Job | None:
    """Return the job of a network that was asked for last, if any was."""
    return next(iter(_select(journal, jobs.c.network == network, 1)), None)


def jobs_of(journal: JournalReader, limit: int | None = None) -> list[Job]:
    """Return the jobs, newest first, at most `limit`."""
    return _select(journal, sql.true(), limit)


def _select(
    journal: JournalReader, condition: sql.ColumnElement[bool], limit: int | None
) -> list[Job]:
    query = jobs.select().where(condition).order_by(jobs.c.id.desc()).limit(limit)
    with journal.read() as connection:
        return [_job(row) for row in connection.execute(query).mappings()]


def _job(row: RowMapping) -> Job:
    found = dict(row) | {"state": JobState(row["state"]), "created_at": in_utc(row["created_at"])}
    return Job(**found | {"ended_at": row["ended_at"] and in_utc(row["ended_at"])})
