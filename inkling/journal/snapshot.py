"""The journal as it was at one moment, however much is committed while it is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.journal.writer import Journal

PAGE = 100  # rows in memory at once


@contextmanager
def snapshot(journal: Journal) -> Iterator[Connection]:
    """A connection for reading that sees no later commit. Nobody waits for it, learning goes on.

    SQLite's reading transactions are like that; PostgreSQL's have to be asked.
    """
    options: dict[str, Any] = {}
    if journal.engine.dialect.name != "sqlite":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with journal.reading.connect() as connection:
        yield connection.execution_options(**options)


def rows(connection: Connection, table: sql.Table) -> Iterator[dict[str, Any]]:
    """All rows of a table by its primary key, a whole number; read a page at a time."""
    (key,) = table.primary_key.columns
    query = table.select().order_by(key).limit(PAGE)
    page = connection.execute(query).mappings().all()
    while page:
        yield from map(dict, page)
        page = connection.execute(query.where(key > page[-1][key.name])).mappings().all()
