"""The whole of an Inkling in one file, written beside a running server."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling import checkpoints
from inkling.backup.archive import ArchiveWriter, whole_file
from inkling.backup.rows import TABLES, columns_of, member_of, to_line
from inkling.journal.outbox import held
from inkling.journal.schema import REVISION, drawings, versions
from inkling.journal.snapshot import rows, snapshot
from inkling.journal.writer import Journal
from inkling.storage.base import ObjectMissing, ObjectStore

TRIES = 5  # snapshots whose newest weights were thinned before they could be read
TELLS_MORE = "`inkling verify` tells more."

log = logging.getLogger("inkling.backup")


class CannotBackUp(ValueError):
    """The newest weights cannot be read. The message says why and what to do."""


class _Overtaken(Exception):
    """The newest version of a snapshot was thinned before its weights were read."""


@dataclass(frozen=True)
class Summary:
    """What a backup holds."""

    drawings: int
    versions: int
    newest: int  # the newest version; 0 while nothing was learned
    with_weights: int  # versions that still have theirs
    size: int  # bytes of the file

    def __str__(self) -> str:
        """All of it in words."""
        newest = f", the newest {self.newest}" if self.versions else ""
        return (
            f"{self.drawings:,} drawings and {self.versions:,} versions{newest}, "
            f"{self.with_weights} of them with weights ({self.size:,} bytes)"
        )


def write_backup(journal: Journal, store: ObjectStore, path: Path) -> Summary:
    """Write everything as it is at one moment to a file; labelling and learning go on meanwhile.

    The file appears when it is whole; until then what has its name stays. Raises CannotBackUp
    where the newest weights cannot be read, OSError or SQLAlchemyError where file, store or
    journal fail.
    """
    if path.is_dir():
        raise ValueError(f"{path} is a folder. Name a file in it.")
    with whole_file(path) as file:
        for _ in range(TRIES):
            try:
                return _write(journal, store, file)
            except _Overtaken:
                log.info("Learning was faster than the backup, which begins again.")
        raise CannotBackUp(
            f"{TRIES} times the newest weights were replaced before they could be read. "
            "Make the backup while fewer labels come in."
        )


def _write(journal: Journal, store: ObjectStore, file: IO[bytes]) -> Summary:
    with ArchiveWriter(file) as archive, snapshot(journal) as connection:
        newest = connection.execute(sql.select(sql.func.max(versions.c.number))).scalar() or 0
        saved = _write_weights(archive, journal, _Source(connection, store), newest)
        counts = {name: _write_rows(archive, connection, name, saved) for name in TABLES}
        about = {
            "created": datetime.now(UTC).isoformat(),
            "revision": REVISION,
            "newest": newest,
            "with_weights": len(saved),
            "counts": counts,
            "columns": {name: columns_of(table) for name, table in TABLES.items()},
        }
        archive.finish(about)
    return summary(about, file.seek(0, 2))


def summary(about: Mapping[str, Any], size: int) -> Summary:
    """What a manifest says of a backup of this size."""
    counts = about["counts"]
    return Summary(
        counts[drawings.name],
        counts[versions.name],
        about["newest"],
        about["with_weights"],
        size,
    )


@dataclass(frozen=True)
class _Source:
    """Weights as the snapshot has them: those that the journal holds, else the store's."""

    connection: Connection
    store: ObjectStore

    def get(self, name: str) -> bytes:
        content = held(self.connection, name)
        return self.store.get(name) if content is None else content


def _write_weights(
    archive: ArchiveWriter, journal: Journal, source: _Source, newest: int
) -> set[int]:
    """Write the weights; which versions have theirs in the backup.

    The newest come first, because in a folder they may be thinned a second later.
    """
    query = sql.select(versions.c.number, versions.c.objects).order_by(versions.c.number.desc())
    kept = source.connection.execute(query.where(versions.c.kept)).all()
    if newest and (not kept or kept[0].number != newest):
        raise CannotBackUp(f"Version {newest} has no weights any more. {TELLS_MORE}")
    saved = set()
    for number, objects in kept:
        try:
            found = {name: _checked(source, name) for name in objects.values()}
        except (ObjectMissing, checkpoints.BadWeights) as error:
            _pass_over(journal, number, newest, error)
            continue
        for name, content in found.items():
            archive.add(name, [content], compress=False)
        saved.add(number)
    return saved


def _checked(source: _Source, name: str) -> bytes:
    """An object of weights that holds what its name says. Raises ObjectMissing or BadWeights."""
    content = source.get(name)
    checkpoints.checked(name, content)
    return content


def _pass_over(journal: Journal, number: int, newest: int, error: Exception) -> None:
    """A version's weights cannot be had: no harm where it was thinned since the snapshot."""
    thinned = journal.objects(number) is None
    if number == newest:
        if thinned:
            raise _Overtaken from error
        raise CannotBackUp(
            f"The weights of the newest version, {number}, cannot be read: {error} {TELLS_MORE}"
        ) from error
    if not thinned:
        log.warning("Version %d is backed up without its weights. %s", number, error)


def _write_rows(archive: ArchiveWriter, connection: Connection, name: str, saved: set[int]) -> int:
    """Write a table; how many rows it has."""
    table, count = TABLES[name], 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for row in rows(connection, table):
            if table is versions and row["number"] not in saved:
                row |= {"objects": None, "kept": False}
            count += 1
            yield to_line(table, row)

    archive.add(member_of(table), lines(), compress=True)
    return count
