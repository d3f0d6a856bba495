"""The whole of an Inkling in one file, written beside a running server."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from inkling import checkpoints
from inkling.backup.archive import ArchiveWriter
from inkling.errors import InklingError, InvalidInput
from inkling.files import whole_file
from inkling.journal.dump import DRAWINGS, NETWORKS, TABLES, VERSIONS, columns, dump
from inkling.journal.networks import read_network, rows_within
from inkling.journal.schema import REVISION
from inkling.journal.snapshot import Snapshot
from inkling.journal.writer import Journal
from inkling.storage.base import ObjectMissing, ObjectStore

TRIES = 5  # snapshots whose newest weights were thinned before they could be read
TELLS_MORE = "`inkling verify` tells more."

log = logging.getLogger("inkling.backup")


class CannotBackUp(InklingError):
    """The newest weights cannot be read. The message says why and what to do."""


class _Overtaken(Exception):
    """What a snapshot names was thinned or replaced before it was read."""


@dataclass(frozen=True)
class Summary:
    """What a backup holds."""

    drawings: int
    versions: int
    newest: int  # the newest version; 0 while nothing was learned
    with_weights: int  # versions that still have theirs
    networks: int  # that were trained or imported
    size: int  # bytes of the file

    def __str__(self) -> str:
        """Return all of it in words."""
        newest = f", the newest {self.newest}" if self.versions else ""
        networks = f"; networks: {self.networks}" if self.networks else ""
        return (
            f"{self.drawings:,} drawings and {self.versions:,} versions{newest}, "
            f"{self.with_weights} of them with weights{networks} ({self.size:,} bytes)"
        )


def write_backup(journal: Journal, store: ObjectStore, path: Path) -> Summary:
    """Write everything as it is at one moment to a file; labelling and learning go on meanwhile.

    The file appears when it is whole; until then what has its name stays. Raises CannotBackUp
    where the newest weights cannot be read, InvalidInput where the path can be no file, OSError or
    JournalUnavailable where file, store or journal fail.
    """
    with whole_file(path, private=True) as file:
        for _ in range(TRIES):
            try:
                return _write(journal, store, file)
            except _Overtaken:
                log.info("Learning or a training was faster than the backup, which begins again.")
        raise CannotBackUp(
            f"{TRIES} times the newest weights were replaced before they could be read.",
            "Make the backup while fewer labels come in.",
        )


def _write(journal: Journal, store: ObjectStore, file: IO[bytes]) -> Summary:
    with ArchiveWriter(file) as archive, journal.snapshot() as snapshot:
        newest = snapshot.newest_version()
        saved = _write_weights(archive, journal, _Source(snapshot, store))
        left_out = _write_networks(archive, journal, snapshot, store)
        counts = {name: _write_rows(archive, snapshot, name, saved, left_out) for name in TABLES}
        about = {
            "created": datetime.now(UTC).isoformat(),
            "revision": REVISION,
            "newest": newest,
            "with_weights": len(saved),
            "counts": counts,
            "columns": columns(),
        }
        archive.finish(about)
    return summary(about, file.seek(0, 2))


def summary(about: Mapping[str, Any], size: int) -> Summary:
    """Return what a manifest says of a backup of this size."""
    counts = about["counts"]
    return Summary(
        counts[DRAWINGS],
        counts[VERSIONS],
        about["newest"],
        about["with_weights"],
        counts.get(NETWORKS, 0),  # an older backup has none
        size,
    )


@dataclass(frozen=True)
class _Source:
    """Weights as the snapshot has them: those that the journal holds, else the store's."""

    snapshot: Snapshot
    store: ObjectStore

    def get(self, name: str) -> bytes:
        content = self.snapshot.held(name)
        return self.store.get(name) if content is None else content


def _write_weights(archive: ArchiveWriter, journal: Journal, source: _Source) -> set[int]:
    """Write the weights; return which versions have theirs in the backup.

    The newest come first, because in a folder they may be thinned a second later. The newest
    version may have none yet: a trainer makes them from those before.
    """
    kept, saved = source.snapshot.weights(), set()
    newest = kept[0][0] if kept else 0
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
    """Return an object of weights, checked by its name. Raises ObjectMissing or BadWeights."""
    content = source.get(name)
    checkpoints.checked(name, content)
    return content


def _pass_over(journal: Journal, number: int, newest: int, error: Exception) -> None:
    """Raise where the newest version's weights cannot be had; pass over those of another.

    Warn of another one, unless it was thinned since the snapshot.
    """
    thinned = journal.objects(number) is None
    if number == newest:
        if thinned:
            raise _Overtaken from error
        raise CannotBackUp(
            f"The newest weights, of version {number}, cannot be read: {error}", TELLS_MORE
        ) from error
    if not thinned:
        log.warning("Version %d is backed up without its weights. %s", number, error)


def _write_networks(
    archive: ArchiveWriter, journal: Journal, snapshot: Snapshot, store: ObjectStore
) -> set[str]:
    """Write the networks' objects; return the names of those that cannot be read, after warnings.

    Networks may share objects: two trainings may come to the same weights.
    """
    left_out, written = set(), set[str]()
    for name, row in rows_within(snapshot.connection).items():
        try:
            found = read_network(store, row)
        except (ObjectMissing, InvalidInput) as error:
            with journal.read() as connection:
                if rows_within(connection).get(name) != row:
                    raise _Overtaken from error
            log.warning("The network %s is not backed up. %s", name, error)
            left_out.add(name)
            continue
        for key in found.keys() - written:
            archive.add(key, [found[key]], compress=False)
        written |= found.keys()
    return left_out


def member_of(table: str) -> str:
    """Return the name of a table's rows in a backup."""
    return f"{table}.ndjson"


def _write_rows(
    archive: ArchiveWriter, snapshot: Snapshot, table: str, saved: set[int], left_out: set[str]
) -> int:
    """Write a table; return how many rows it has."""
    count = 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for line in dump(snapshot, table, saved, left_out):
            count += 1
            yield line

    archive.add(member_of(table), counted(), compress=True)
    return count
