"""How processes find each other: two locks and two bells, on one machine or through PostgreSQL."""

import time
from dataclasses import dataclass
from typing import Protocol

from bell import Bell
from database import open_engine
from lock import FileLock
from settings import Settings

POLL_SECONDS = 0.04  # between two looks at the journal for a new version, on one machine
TRAINER, WORKER = 1, 2  # numbers of the locks in PostgreSQL


class AnyLock(Protocol):
    """What both kinds of locks can do. A lock dies with its process."""

    def acquire(self) -> bool: ...
    def is_mine(self) -> bool: ...
    def release(self) -> None: ...
    def is_held(self) -> bool: ...


class AnyBell(Protocol):
    """What every bell can do. It only saves time: who waits looks at the journal anyway."""

    hurried: float  # seconds between two looks at the journal while somebody waits for a receipt

    def ring(self) -> None: ...
    def wait(self, seconds: float) -> bool: ...
    def close(self) -> None: ...


class Polling:
    """In the place of a bell where a look at the journal costs next to nothing: SQLite."""

    hurried = 0.01

    def ring(self) -> None:
        """Nobody needs to be told."""

    def wait(self, seconds: float) -> bool:
        """Wait until it is time for the next look."""
        time.sleep(min(seconds, POLL_SECONDS))
        return False

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Coordination:
    """What the processes of one Inkling share beside the journal."""

    trainer: AnyLock  # who holds it moves the weights
    worker: AnyLock  # held by a dedicated trainer, which goes before embedded ones
    labels: AnyBell  # rung by web workers: there is something to learn
    versions: AnyBell  # rung by the trainer: there is something new to serve


def open_coordination(settings: Settings) -> Coordination:
    """The locks and bells of the settings' journal. Nothing is asked of a database yet."""
    folder = settings.instance_folder
    if not settings.database_url:
        return Coordination(
            FileLock(folder / "trainer.lock"),
            FileLock(folder / "worker.lock"),
            Bell(folder / "trainer.bell"),
            Polling(),
        )
    from postgres import AdvisoryLock, PostgresBell

    engine = open_engine(settings.journal_url)
    return Coordination(
        AdvisoryLock(engine, TRAINER),
        AdvisoryLock(engine, WORKER),
        PostgresBell(engine, "inkling_labels"),
        PostgresBell(engine, "inkling_versions"),
    )
