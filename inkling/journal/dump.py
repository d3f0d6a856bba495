"""The rows of the journal as lines of JSON, and back: what a backup holds of each table."""

import base64
import itertools
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.errors import InvalidInput
from inkling.journal.database import in_utc
from inkling.journal.rows import PAGE, each_row
from inkling.journal.schema import changes, contents, drawings, evaluations, networks, versions
from inkling.journal.snapshot import Snapshot
from inkling.journal.writer import Journal
from inkling.nets.description import Description

TABLES = {table.name: table for table in (drawings, versions, evaluations, networks, changes)}
DRAWINGS, VERSIONS, NETWORKS = drawings.name, versions.name, networks.name
_WITHOUT_WEIGHTS = {"objects": None, "kept": False}
LEFT_OUT = "stored"  # what one object store has; that of a backup is another one


class NotEmpty(InvalidInput):
    """The journal that a backup is to be restored to holds something."""


def columns() -> dict[str, list[str]]:
    """Return the columns that a dump holds, by table."""
    return {name: _columns_of(table) for name, table in TABLES.items()}


def _columns_of(table: sql.Table) -> list[str]:
    return [column.name for column in table.columns if column.name != LEFT_OUT]


def dump(
    snapshot: Snapshot,
    name: str,
    with_weights: Collection[int],
    left_out: Collection[str] = (),
) -> Iterator[bytes]:
    """Yield a table's rows by its primary key, each a line of JSON.

    Bytes are base64, instants ISO 8601 in UTC. Versions whose weights the backup does not hold
    are written as versions without any. Networks that are left out are not written.
    """
    table = TABLES[name]
    columns = [table.columns[column] for column in _columns_of(table)]
    encoders = [(f'"{column.name}": ', _encoder(column)) for column in columns]
    for row in _rows(snapshot.connection, table, columns):
        if table is networks and row.name in left_out:
            continue
        values: Sequence[Any] = row
        if table is versions and row.number not in with_weights:
            values = [_WITHOUT_WEIGHTS.get(c.name, v) for c, v in zip(columns, row, strict=True)]
        told = [
            name + ("null" if value is None else encode(value))
            for (name, encode), value in zip(encoders, values, strict=True)
        ]
        yield f"{{{', '.join(told)}}}\n".encode()


def _rows(
    connection: Connection, table: sql.Table, columns: Sequence[sql.Column[Any]]
) -> Iterator[sql.Row[Any]]:
    """Return a table's rows; JSON as text, since there is no need to read it."""
    (key,) = table.primary_key.columns
    wanted = [sql.cast(c, sql.Text).label(c.name) if _is_json(c) else c for c in columns]
    return each_row(lambda query: connection.execute(query).all(), sql.select(*wanted), key)


def _is_json(column: sql.Column[Any]) -> bool:
    return isinstance(column.type, sql.JSON)


def weights_named(lines: Iterable[bytes]) -> dict[int, list[str]]:
    """Return the names of the weights' objects by version, of the dumped versions."""
    rows = map(json.loads, lines)
    return {row["number"]: [*row["objects"].values()] for row in rows if row["kept"]}


def networks_named(lines: Iterable[bytes]) -> list[str]:
    """Return the names of the objects of the dumped networks. Raises InvalidInput for bad rows."""
    rows = [*map(json.loads, lines)]
    for row in rows:
        Description.from_json(row["description"])
    return [row[part] for row in rows for part in ("weights", "graph")]


def load(
    journal: Journal, tables: Mapping[str, Iterable[bytes]], held: Mapping[str, bytes]
) -> None:
    """Put dumped rows into an empty journal, in one transaction.

    `held` are the newest weights by name, where the journal is to hold them. Web workers may run:
    their labels wait. Raises NotEmpty where the journal holds something, JournalUnavailable.
    """
    with journal.write() as connection:
        if not journal.is_sqlite:  # its writing transactions keep others out anyway
            names = ", ".join(table.name for table in (*TABLES.values(), contents))
            connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
        _refuse_unless_empty(connection, journal)
        for name, lines in tables.items():
            _insert(connection, TABLES[name], lines)
        if not journal.is_sqlite:  # which goes on after the largest by itself
            for number in (drawings.c.position, changes.c.id):
                sequence = sql.func.pg_get_serial_sequence(number.table.name, number.name)
                largest = sql.select(sql.func.max(number)).scalar_subquery()
                connection.execute(sql.select(sql.func.setval(sequence, largest)))
        for name, content in held.items():
            connection.execute(contents.insert(), {"name": name, "content": content})


def refuse_unless_empty(journal: Journal) -> None:
    """Raise NotEmpty where the journal holds something."""
    with journal.read() as connection:
        _refuse_unless_empty(connection, journal)


def _refuse_unless_empty(connection: Connection, journal: Journal) -> None:
    for table in (*TABLES.values(), contents):
        if connection.execute(sql.select(sql.literal(1)).select_from(table).limit(1)).first():
            raise NotEmpty(
                f"The journal at {journal.engine.url.render_as_string()} is not empty: its "
                f"{table.name} would be mixed with those of the backup. Nothing was changed.",
                "Give it another INSTANCE_FOLDER or DATABASE_URL, or move it away.",
            )


def _insert(connection: Connection, table: sql.Table, lines: Iterable[bytes]) -> None:
    # Drawings are stored anew; the weights are in the object store already.
    stored = {LEFT_OUT: table is versions} if LEFT_OUT in table.columns else {}
    found = (_from_line(table, line) | stored for line in lines)
    while batch := [*itertools.islice(found, PAGE)]:
        connection.execute(table.insert(), batch)


def _from_line(table: sql.Table, line: bytes) -> dict[str, Any]:
    """Return the row of a line. A column that an older dump lacks takes its default."""
    row = json.loads(line)
    return {name: _from_json(table.columns[name], value) for name, value in row.items()}


def _encoder(column: sql.Column[Any]) -> Callable[[Any], str]:
    """Return what writes a column's values as JSON."""
    if _is_json(column):
        return lambda text: text.replace("\n", " ")  # a row is a line; within strings \n is escaped
    if isinstance(column.type, sql.LargeBinary):
        return lambda content: f'"{base64.b64encode(content).decode()}"'
    if isinstance(column.type, sql.DateTime):
        return lambda moment: f'"{in_utc(moment).astimezone(UTC).isoformat()}"'
    return json.dumps


def _from_json(column: sql.Column[Any], value: Any) -> Any:
    if value is None:
        # In a column of JSON, None would be JSON's word null.
        return sql.null() if isinstance(column.type, sql.JSON) else None
    if isinstance(column.type, sql.LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(column.type, sql.DateTime):
        return datetime.fromisoformat(value)
    return value
