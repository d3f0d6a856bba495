"""A backup put back into an empty journal, of whichever database, and its object store."""

import itertools
import json
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.backup.archive import ArchiveReader, BadBackup
from inkling.backup.create import Summary, summary
from inkling.backup.rows import TABLES, columns_of, from_lines, member_of
from inkling.journal.schema import contents, drawings, versions
from inkling.journal.snapshot import PAGE
from inkling.journal.writer import Journal
from inkling.storage.base import ObjectStore, store_once

WEIGHTS = "weights/"  # how the names of weights begin


class NotEmpty(ValueError):
    """The journal that a backup is to be restored to holds something."""


def restore_backup(path: Path, journal: Journal, store: ObjectStore) -> Summary:
    """Put a backup into an empty journal and its object store; no trainer may run meanwhile.

    The whole file is checked before anything is written, and the rows come in one transaction:
    killed in between, the journal is still empty, and the same again works. Raises BadBackup for
    a file that is damaged, foreign or of a newer Inkling, NotEmpty where the journal holds
    something, OSError or SQLAlchemyError where file, store or journal fail.
    """
    with ArchiveReader(path) as archive:
        named = _check(archive, path)
        with journal.reading.connect() as connection:
            _refuse_unless_empty(connection, journal)
        for name in itertools.chain(*named.values()):
            store_once(store, name, archive.get(name))
        # Beside a store behind a network the journal always has the newest weights itself.
        held = named.get(archive.manifest["newest"], []) if store.remote else []
        with journal.engine.begin() as connection:
            _keep_others_out(connection)
            _refuse_unless_empty(connection, journal)
            _insert_all(connection, archive)
            for name in held:
                row = {"name": name, "content": archive.get(name)}
                connection.execute(contents.insert(), row)
        return summary(archive.manifest, path.stat().st_size)


def _check(archive: ArchiveReader, path: Path) -> dict[int, list[str]]:
    """The names of the weights by version. Raises BadBackup where rows or weights do not fit."""
    known = {f"{name}.{column}" for name, table in TABLES.items() for column in columns_of(table)}
    found = {
        f"{n}.{column}" for n, columns in archive.manifest["columns"].items() for column in columns
    }
    if unknown := sorted(found - known):
        raise BadBackup(
            f"{path} holds {', '.join(unknown)}, which this Inkling does not know. Nothing was "
            "changed. Restore it with the newer Inkling that wrote it."
        )
    lines = map(json.loads, archive.lines(member_of(versions)))
    named = {row["number"]: [*row["objects"].values()] for row in lines if row["kept"]}
    there = {name for name in archive.names() if name.startswith(WEIGHTS)}
    if there != {*itertools.chain(*named.values())}:
        raise BadBackup(
            f"{path} does not hold the weights that its versions name. Nothing was changed. "
            "Use another backup."
        )
    return named


def _refuse_unless_empty(connection: Connection, journal: Journal) -> None:
    for table in (*TABLES.values(), contents):
        if connection.execute(sql.select(sql.literal(1)).select_from(table).limit(1)).first():
            raise NotEmpty(
                f"The journal at {journal.engine.url.render_as_string()} is not empty: its "
                f"{table.name} would be mixed with those of the backup. Nothing was changed. "
                "Give it another INSTANCE_FOLDER or DATABASE_URL, or move it away."
            )


def _keep_others_out(connection: Connection) -> None:
    """Web workers may run: their labels wait. SQLite's writing transactions do so anyway."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in (*TABLES.values(), contents))
        connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def _insert_all(connection: Connection, archive: ArchiveReader) -> None:
    for table in TABLES.values():
        # Drawings are filed anew; the weights are in the store already.
        stored = {"stored": table is versions} if "stored" in table.columns else {}
        found = from_lines(table, archive.lines(member_of(table)))
        while batch := [row | stored for row in itertools.islice(found, PAGE)]:
            connection.execute(table.insert(), batch)
    if connection.dialect.name == "postgresql":  # SQLite goes on after the largest by itself
        sequence = sql.func.pg_get_serial_sequence(drawings.name, drawings.c.position.name)
        largest = sql.select(sql.func.max(drawings.c.position)).scalar_subquery()
        connection.execute(sql.select(sql.func.setval(sequence, largest)))
