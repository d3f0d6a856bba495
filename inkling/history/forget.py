"""A drawing forgotten: deleted everywhere, and the weights those of a run that never saw it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.failpoints import failpoint
from inkling.history.replay import CannotReplay, Progress, relearn
from inkling.history.rollback import Nets, Originals, load_nearest, publish
from inkling.journal.lineage import REBUILD, lineage_of, read_lineage
from inkling.journal.outbox import Outbox
from inkling.journal.schema import drawings, versions
from inkling.journal.writer import Journal
from inkling.records import TRAINED, Drawing

AT_ONCE = 16  # lessons that may be learned while others wait to make a version
LABELS = (*map(str, range(10)), "none")  # the folders of drawings


@dataclass(frozen=True)
class Forgotten:
    """What forgetting a drawing did."""

    found: bool  # whether the journal had it
    lesson: int | None = None  # the version that it made
    version: int | None = None  # the new one; None where the newest weights never held it


def forget(
    outbox: Outbox,
    originals: Originals,
    open_nets: Callable[[], Nets],
    id: str,
    progress: Progress = lambda done, of: None,
) -> Forgotten:
    """Delete a drawing everywhere, and make the weights those of a run that never saw it.

    Safe beside a running server. Killed anywhere, the same again finishes it: the row goes in one
    transaction with what was learned since, and all objects' names follow from the id. Raises
    ValueError for what is no id, CannotReplay where the other drawings cannot be learned again,
    OSError where the store fails.
    """
    id = _checked(id)
    forgotten = _forget_rows(outbox, originals, open_nets, id, progress)
    failpoint("row deleted")
    for label in LABELS:
        for end in ("png", "json"):
            outbox.store.delete(f"drawings/{label}/{id}.{end}")
    failpoint("objects deleted")
    # Noted by the uploader, which may just be carrying some of them and deletes them after that.
    for objects in outbox.thinned().values():
        for name in objects.values():
            outbox.store.delete(name)
    _scrub(outbox.journal)
    return forgotten


def _checked(id: str) -> str:
    try:
        return str(uuid.UUID(id))
    except ValueError as error:
        raise ValueError(f"{id!r} is no id of a drawing. Name one: inkling history.") from error


def _forget_rows(
    outbox: Outbox,
    originals: Originals,
    open_nets: Callable[[], Nets],
    id: str,
    progress: Progress,
) -> Forgotten:
    nets: Nets | None = None
    while drawing := outbox.journal.find(id):
        if drawing.state == TRAINED:
            nets = nets or open_nets()
            found = _forget_learned(outbox, originals, nets, drawing, progress)
        else:
            found = _forget_unlearned(outbox.journal, id)
        if found:
            return found
    return Forgotten(found=False)


def _forget_unlearned(journal: Journal, id: str) -> Forgotten | None:
    """Delete a row that the newest weights do not hold; None where it was learned meanwhile."""
    with journal.alone() as connection:
        lineage = read_lineage(connection)
        lesson = next((v.number for v in lineage.versions.values() if v.drawing == id), None)
        if not _delete(connection, id, drawings.c.state != TRAINED):
            return None
        if lesson:
            thinned = versions.c.number.in_(lineage.holding(lesson) & {*journal.kept_versions()})
            connection.execute(versions.update().where(thinned).values(kept=False))
        return Forgotten(found=True, lesson=lesson)


def _delete(connection: Connection, id: str, state: sql.ColumnElement[bool]) -> bool:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # zeros in the place of the row
    row = drawings.delete().where((drawings.c.id == id) & state)
    if connection.execute(row).rowcount != 1:
        return False
    nameless = versions.update().where(versions.c.drawing == id).values(drawing=None)
    connection.execute(nameless)
    return True


def _forget_learned(
    outbox: Outbox, originals: Originals, nets: Nets, drawing: Drawing, progress: Progress
) -> Forgotten | None:
    """Learn again what came after a drawing, without it, and delete it with the same transaction.

    What others learn meanwhile is learned too. None where something else was undone meanwhile.
    """
    journal, lesson = outbox.journal, drawing.version or 0
    start = lineage_of(journal)
    if lesson not in start.current:
        return None if journal.find(drawing.id) != drawing else _misfit(drawing)
    seen = load_nearest(outbox, originals, nets, start, start.newest, before=lesson)
    while True:
        now = lineage_of(journal)
        if len(now.lessons(now.newest, seen)) > AT_ONCE:
            try:
                relearn(journal, now, nets, now.newest, seen, drawing.id, progress)
            except CannotReplay:
                if lineage_of(journal).continues(start):
                    raise
                return None  # rows were read while another undid them
            seen = now.newest
            continue
        failpoint("nets rebuilt")
        with journal.alone() as connection:
            now = read_lineage(connection)
            if not now.continues(start):
                return None
            if len(now.lessons(now.newest, seen)) > 2 * AT_ONCE:
                continue
            relearn(journal, now, nets, now.newest, seen, drawing.id, progress)
            _delete(connection, drawing.id, drawings.c.state == TRAINED)
            steps = [(REBUILD, lesson)]
            version = publish(connection, outbox, nets, now, steps, now.holding(lesson))
            return Forgotten(found=True, lesson=lesson, version=version)


def _misfit(drawing: Drawing) -> Forgotten:
    raise CannotReplay(
        f"Drawing {drawing.id} is said to have made version {drawing.version}, which does not know "
        "it. See what is wrong: inkling verify."
    )


def _scrub(journal: Journal) -> None:
    """Make the database give up what it keeps of deleted rows, as far as it can now."""
    if journal.engine.dialect.name == "sqlite":
        connection = journal.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    else:
        with journal.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connected:
            connected.exec_driver_sql("VACUUM drawings")
            connected.exec_driver_sql("VACUUM contents")
