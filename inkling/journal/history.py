"""The history of versions, as people read it: what each came of, what it did."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from inkling.journal.database import in_utc
from inkling.journal.lineage import REBUILD, RELABEL, ROLLBACK
from inkling.journal.schema import drawings, versions
from inkling.journal.writer import Journal


@dataclass(frozen=True)
class Entry:
    """A line of the history."""

    version: int
    kind: str
    target: int | None
    created_at: datetime
    drawing: str | None
    label: int | None
    state: str | None  # of the drawing
    receipt: dict[str, dict[str, float]] | None
    stored: bool  # whether its weights are


@dataclass(frozen=True)
class Totals:
    """How many versions there are of each kind, and what became of the lessons."""

    lessons: int
    rollbacks: int
    rebuilds: int
    rolled_back: int  # lessons that are not in the newest weights, though their drawing is there
    forgotten: int  # lessons whose drawing is gone, or was left out
    stored: int  # versions that have weights


def history(journal: Journal, last: int | None = None) -> list[Entry]:
    """Return the last versions, or all, newest first."""
    columns = (
        versions.c.number.label("version"),
        versions.c.kind,
        versions.c.target,
        versions.c.created_at,
        versions.c.drawing,
        drawings.c.label,
        drawings.c.state,
        drawings.c.receipt,
        (versions.c.kept & versions.c.objects.is_not(None)).label("stored"),
    )
    query = sql.select(*columns).outerjoin(drawings, drawings.c.id == versions.c.drawing)
    query = query.order_by(versions.c.number.desc()).limit(last)
    with journal.read() as connection:
        return [_entry(dict(row)) for row in connection.execute(query).mappings()]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**row | {"created_at": in_utc(row["created_at"]), "stored": bool(row["stored"])})


def left_out(journal: Journal) -> int:
    """Return how many lessons were taken out of the weights: forgotten, or left out."""
    undoings = journal.lineage().undoings.values()
    return sum(undoing.kind == REBUILD and bool(undoing.target) for undoing in undoings)


def totals(journal: Journal) -> Totals:
    """Return how many versions there are of each kind."""
    lineage = journal.lineage()
    kinds = [undoing.kind for undoing in lineage.undoings.values()]
    lessons = lineage.newest - len(kinds)
    return Totals(
        lessons=lessons,
        rollbacks=kinds.count(ROLLBACK),
        rebuilds=kinds.count(REBUILD) + kinds.count(RELABEL),
        rolled_back=lessons - len(lineage.gone) - lineage.count(lineage.newest),
        forgotten=len(lineage.gone),
        stored=len(journal.kept_versions()),
    )
