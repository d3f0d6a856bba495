"""A backup put back into an empty journal, of whichever database, and its object store."""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

from inkling.backup.archive import ArchiveReader, BadBackup
from inkling.backup.create import Summary, member_of, summary
from inkling.errors import InvalidInput
from inkling.journal.dump import (
    NETWORKS,
    TABLES,
    VERSIONS,
    columns,
    load,
    networks_named,
    refuse_unless_empty,
    weights_named,
)
from inkling.journal.writer import Journal
from inkling.storage import keys
from inkling.storage.base import ObjectStore, store_once


def restore_backup(path: Path, journal: Journal, store: ObjectStore) -> Summary:
    """Put a backup into an empty journal and its object store; no trainer may run meanwhile.

    The whole file is checked before anything is written, and the rows come in one transaction:
    killed in between, the journal is still empty, and the same again works. Raises BadBackup for
    a file that is damaged, foreign or of a newer Inkling, NotEmpty where the journal holds
    something, OSError or JournalUnavailable where file, store or journal fail.
    """
    with ArchiveReader(path) as archive:
        named = _check(archive, path)
        networks = _check_networks(archive, path)
        refuse_unless_empty(journal)
        for name in itertools.chain(*named.values(), networks):
            store_once(store, name, archive.get(name))
        # Beside a store behind a network the journal always has the newest weights itself.
        held = named.get(max(named, default=0), []) if store.remote else []
        there = archive.names()  # an older backup knows of no networks
        tables = {n: archive.lines(member_of(n)) for n in TABLES if member_of(n) in there}
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
    there = {name for name in archive.names() if name.startswith(keys.WEIGHTS)}
    if there != {*itertools.chain(*named.values())}:
        raise BadBackup(
            f"{path} does not hold the weights that its versions name. Nothing was changed.",
            "Use another backup.",
        )
    return named


def _check_networks(archive: ArchiveReader, path: Path) -> set[str]:
    """Return the names of the networks' objects. Raises BadBackup where rows and they misfit."""
    member, names = member_of(NETWORKS), archive.names()
    try:
        named = {*networks_named(archive.lines(member))} if member in names else set[str]()
    except InvalidInput as error:
        raise BadBackup(f"In {path}: {error.message} Nothing was changed.") from error
    if named != {name for name in names if name.startswith(keys.NETWORKS)}:
        raise BadBackup(
            f"{path} does not hold the objects that its networks name. Nothing was changed.",
            "Use another backup.",
        )
    return named


def _full_names(columns: Mapping[str, Iterable[str]]) -> set[str]:
    return {f"{table}.{name}" for table, names in columns.items() for name in names}
