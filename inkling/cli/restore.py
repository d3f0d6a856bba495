"""`inkling restore`: a backup, put back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkling.cli.failures import told_in_one_line
from inkling.settings import load_settings

if TYPE_CHECKING:
    from inkling.coordination.coordination import Coordination


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup into the journal, which must be empty, and its object store.

    Stop servers and trainers before. FILE is checked from first to last byte before anything is
    written. Killed in between, the same command again works. A backup made on SQLite can go to
    PostgreSQL, and back; one made with a folder to S3, and back.
    """
    from inkling.backup.restore import restore_backup
    from inkling.coordination.coordination import open_coordination
    from inkling.journal.writer import open_journal
    from inkling.storage.stores import open_store

    settings = load_settings()
    with told_in_one_line():
        journal = open_journal(settings)
        coordination = open_coordination(settings)
        try:
            with _nobody_learning(coordination):
                restored = restore_backup(file, journal, open_store(settings))
        finally:
            journal.close()
        coordination.versions.notify()
    click.echo(f"Restored {restored} from {file}.")


@contextmanager
def _nobody_learning(coordination: "Coordination") -> Iterator[None]:
    """Hold both locks, so that no trainer begins; ValueError where one runs."""
    locks = (coordination.worker, coordination.trainer)
    try:
        if not all(lock.acquire() for lock in locks):
            raise ValueError(
                "A trainer is running. Nothing was changed. Stop every server and trainer first."
            )
        yield
    finally:
        for lock in locks:
            lock.release()
