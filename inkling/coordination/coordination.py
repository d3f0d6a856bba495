"""How processes find each other: two locks, two notifiers, on one machine or by PostgreSQL."""

from dataclasses import dataclass
from typing import Protocol

from inkling.coordination.local import FileLock, PipeNotifier, Polling
from inkling.journal.database import open_engine
from inkling.settings import Settings

TRAINER, WORKER, JOBS = 1, 2, 3  # numbers of the locks in PostgreSQL


class Lock(Protocol):
    """What both kinds of locks can do. A lock dies with its process.

    Who holds it may announce that it is ready for what the lock is about, which dies with it too.
    """

    def acquire(self) -> bool: ...
    def is_mine(self) -> bool: ...
    def release(self) -> None: ...
    def is_held(self) -> bool: ...
    def announce(self) -> None: ...
    def retract(self) -> None: ...
    def is_announced(self) -> bool: ...


class Notifier(Protocol):
    """What every notifier can do. It only saves time: who waits looks at the journal anyway."""

    hurried: float  # seconds between two looks at the journal while somebody waits for a receipt

    def notify(self) -> None: ...
    def wait(self, seconds: float) -> bool: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Coordination:
    """What the processes of one Inkling share beside the journal."""

    trainer: Lock  # who holds it moves the weights
    worker: Lock  # held by a dedicated trainer, which goes before embedded ones
    jobs: Lock  # who holds it trains the networks that jobs ask for
    labels: Notifier  # notified by web workers: there is something to learn
    versions: Notifier  # notified by the trainer: there is something new to serve


def open_coordination(settings: Settings) -> Coordination:
    """Return the locks and notifiers of the settings' journal; ask no database anything yet."""
    folder = settings.instance_folder
    if not settings.database_url:
        return Coordination(
            FileLock(folder / "trainer.lock"),
            FileLock(folder / "worker.lock"),
            FileLock(folder / "jobs.lock"),
            PipeNotifier(folder / "trainer.bell"),
            Polling(),
        )
    from inkling.coordination.postgres import AdvisoryLock, PostgresNotifier  # psycopg

    engine = open_engine(settings.journal_url)
    return Coordination(
        AdvisoryLock(engine, TRAINER),
        AdvisoryLock(engine, WORKER),
        AdvisoryLock(engine, JOBS),
        PostgresNotifier(engine, "inkling_labels"),
        PostgresNotifier(engine, "inkling_versions"),
    )
