"""A backup put back into an empty journal, of whichever database, and its object store."""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

from inkling.backup.archive import ArchiveReader, BadBackup
from inkling.backup.create import Summary, member_of, summary
from inkling.journal.dump import (
    TABLES,
    VERSIONS,
    columns,
    load,
    refuse_unless_empty,
    weights_named,
)
from inkling.journal.writer import Journal
from inkling.storage.base import ObjectStore, store_once

WEIGHTS = "weights/"  # how the names of weights begin


def restore_backup(path: Path, journal: Journal, store: ObjectStore) -> Summary:
    """Put a backup into an empty journal and its object store; no trainer may run meanwhile.

    The whole file is checked before anything is written, and the rows come in one transaction:
    killed in between, the journal is still empty, and the same again works. Raises BadBackup for
    a file that is damaged, foreign or of a newer Inkling, NotEmpty where the journal holds
    something, OSError or JournalUnavailable where file, store or journal fail.
    """
    with ArchiveReader(path) as archive:
        named = _check(archive, path)
        refuse_unless_empty(journal)
        for name in itertools.chain(*named.values()):
            store_once(store, name, archive.get(name))
        # Beside a store behind a network the journal always has the newest weights itself.
        held = named.get(archive.manifest["newest"], []) if store.remote else []
        tables = {name: archive.lines(member_of(name)) for name in TABLES}
        load(journal, tables, {name: archive.get(name) for name in held})
        return summary(archive.manifest, path.stat().st_size)


def _check(archive: ArchiveReader, path: Path) -> dict[int, list[str]]:
    """Return the weights' names by version. Raises BadBackup where rows or weights do not fit."""
    if unknown := sorted(_full_names(archive.manifest["columns"]) - _full_names(columns())):
        raise BadBackup(
            f"{path} holds {', '.join(unknown)}, which this Inkling does not know. "
            "Nothing was changed.",
            "Restore it with the newer Inkling that wrote it.",
        )
    named = weights_named(archive.lines(member_of(VERSIONS)))
    there = {name for name in archive.names() if name.startswith(WEIGHTS)}
    if there != {*itertools.chain(*named.values())}:
        raise BadBackup(
            f"{path} does not hold the weights that its versions name. Nothing was changed.",
            "Use another backup.",
        )
    return named


def _full_names(columns: Mapping[str, Iterable[str]]) -> set[str]:
    return {f"{table}.{name}" for table, names in columns.items() for name in names}
