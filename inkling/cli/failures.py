"""What goes wrong between a command and its files, store and database, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn the failures of disk, store and database into the command's error."""
    from sqlalchemy.exc import SQLAlchemyError

    from inkling.journal.database import UnusableDatabase

    try:
        yield
    except (OSError, SQLAlchemyError, UnusableDatabase) as error:
        raise click.ClickException(str(error).splitlines()[0]) from error
