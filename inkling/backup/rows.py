"""Rows of the journal as lines of JSON, and back: what a backup holds of each table."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql

from inkling.journal.database import in_utc
from inkling.journal.schema import drawings, evaluations, versions

TABLES = {table.name: table for table in (drawings, versions, evaluations)}
# What one object store has; that of a backup is another one.
LEFT_OUT = "stored"


def columns_of(table: sql.Table) -> list[str]:
    """The columns of a table that a backup holds."""
    return [column.name for column in table.columns if column.name != LEFT_OUT]


def member_of(table: sql.Table) -> str:
    """The name of a table's rows in a backup."""
    return f"{table.name}.ndjson"


def to_line(table: sql.Table, row: Mapping[str, Any]) -> bytes:
    """A row as a line of JSON: bytes as base64, instants as ISO 8601 in UTC."""
    return json.dumps({name: _to_json(row[name]) for name in columns_of(table)}).encode() + b"\n"


def from_lines(table: sql.Table, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The rows that `to_line` wrote, as they are inserted; any other line raises ValueError.

    A column that an older Inkling did not have is missing in them, and takes its default.
    """
    for line in lines:
        row = json.loads(line)
        yield {name: _from_json(table.columns[name], value) for name, value in row.items()}


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return in_utc(value).astimezone(UTC).isoformat()
    return value


def _from_json(column: sql.Column[Any], value: Any) -> Any:
    if value is None:
        # In a column of JSON, None would be JSON's word null.
        return sql.null() if isinstance(column.type, sql.JSON) else None
    if isinstance(column.type, sql.LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(column.type, sql.DateTime):
        return datetime.fromisoformat(value)
    return value
