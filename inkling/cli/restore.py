"""`inkling restore`: a backup, put back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from inkling.backup.restore import restore_backup
from inkling.cli.options import FILE
from inkling.cli.session import Session
from inkling.coordination.coordination import Coordination
from inkling.errors import InvalidInput


@click.command()
@click.argument("file", type=FILE)
def restore(file: Path) -> None:
    """Put a backup into the journal, which must be empty, and its object store.

    Stop servers and trainers before. FILE is checked from first to last byte before anything is
    written. Killed in between, the same command again works. A backup made on SQLite can go to
    PostgreSQL, and back; one made with a folder to S3, and back.
    """
    with Session() as session:
        with _nobody_learning(session.coordination):
            restored = restore_backup(file, session.journal, session.store)
        session.notify()
    click.echo(f"Restored {restored} from {file}.")


@contextmanager
def _nobody_learning(coordination: Coordination) -> Iterator[None]:
    """Hold both locks, so that no trainer begins; InvalidInput where one runs."""
    locks = (coordination.worker, coordination.trainer)
    try:
        if not all(lock.acquire() for lock in locks):
            raise InvalidInput(
                "A trainer is running. Nothing was changed.", "Stop every server and trainer first."
            )
        yield
    finally:
        for lock in locks:
            lock.release()
