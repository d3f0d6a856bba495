"""Rows of the journal's tables as the project's records."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from inkling.journal.schema import drawings
from inkling.records import Drawing, State
from inkling.rejections import Rejection

PAGE = 100  # drawings that are read at once where all are wanted
LONG_PAGE = 1000  # the same of some columns


def select(
    connection: Connection,
    condition: sql.ColumnElement[bool],
    limit: int | None = None,
    order: sql.ColumnElement[Any] = drawings.c.position,
) -> list[Drawing]:
    """Return the drawings that meet a condition, as a transaction sees them."""
    query = drawings.select().where(condition).order_by(order).limit(limit)
    return [_drawing(row) for row in connection.execute(query).mappings()]


def each_row(
    ask: Callable[[sql.Select[Any]], Sequence[sql.Row[Any]]],
    query: sql.Select[Any],
    key: sql.Column[Any],
) -> Iterator[sql.Row[Any]]:
    """Yield all rows of a query by a key, which is one of its columns, read a long page at a time.

    `ask` returns the rows of a query.
    """
    query = query.order_by(key).limit(LONG_PAGE)
    page = ask(query)
    while page:
        yield from page
        page = ask(query.where(key > getattr(page[-1], key.name)))


def _drawing(row: RowMapping) -> Drawing:
    return Drawing(**fields_of(row, Drawing.__dataclass_fields__))


def fields_of(row: RowMapping, names: Collection[str]) -> dict[str, Any]:
    """Return these columns of a row as the records have them."""
    found = {name: row[name] for name in row if name in names}
    rejection = found["rejection"]
    return found | {
        "state": State(found["state"]),
        "rejection": None if rejection is None else Rejection.from_json(rejection),
    }
