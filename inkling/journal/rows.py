"""Rows of the journal's tables as the project's records."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from inkling.journal.schema import drawings
from inkling.records import Drawing, State
from inkling.rejections import Rejection

PAGE = 100  # rows that are read at once where all are wanted


def select(
    connection: Connection,
    condition: sql.ColumnElement[bool],
    limit: int | None = None,
    order: sql.ColumnElement[Any] = drawings.c.position,
) -> list[Drawing]:
    """Return the drawings that meet a condition, as a transaction sees them."""
    query = drawings.select().where(condition).order_by(order).limit(limit)
    return [_drawing(row) for row in connection.execute(query).mappings()]


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
