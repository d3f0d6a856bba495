"""Whether the journal's drawings and versions name each other as they should."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sql

from inkling.journal.lineage import LESSON, ROLLBACK, Lineage, Version
from inkling.journal.schema import drawings, versions
from inkling.journal.snapshot import Snapshot
from inkling.records import NOT_A_DIGIT, QUEUED, TRAINED

_SAME = (drawings.c.id == versions.c.drawing) & (drawings.c.version == versions.c.number)


class Misfit(StrEnum):
    """What can be wrong with rows, each of which may be right by itself."""

    GAP = "missing versions"
    BELOW_1 = "versions below 1"
    UNMADE = "versions that no trained drawing made"
    WITHOUT_VERSION = "trained drawings that made no version"
    UNTRAINED = "drawings that have a version and were not trained"
    DRAWING_GONE = "versions whose drawing is neither there nor forgotten"
    COUNTED_AGAIN = "versions that were rolled back and count as trained"
    AIMLESS = "versions that are no lesson and do not say of what"
    HOLDS_FORGOTTEN = "versions whose weights hold a forgotten drawing"
    NO_DIGIT_LEARNED = "drawings that are no digit and are learned"


def misfits(snapshot: Snapshot) -> Iterator[tuple[Misfit, Sequence[object]]]:
    """Yield each kind of misfit with the versions or the drawings' ids; of most there are none."""
    lineage = snapshot.lineage()
    numbers = sorted(lineage.versions)
    yield Misfit.GAP, sorted({*range(1, max(numbers, default=0) + 1)} - {*numbers})
    yield Misfit.BELOW_1, [n for n in numbers if n < 1]
    yield from _misfits_of_lessons(snapshot, lineage)
    yield from _misfits_of_what_was_undone(snapshot, lineage)

    learnable = drawings.c.state.in_((QUEUED, TRAINED))
    found = sql.select(drawings.c.id).where(learnable & (drawings.c.label == NOT_A_DIGIT))
    yield Misfit.NO_DIGIT_LEARNED, _column(snapshot, found)


def _misfits_of_lessons(
    snapshot: Snapshot, lineage: Lineage
) -> Iterator[tuple[Misfit, Sequence[object]]]:
    found = sql.select(versions.c.number).order_by(versions.c.number)
    found = found.outerjoin(drawings, _SAME & (drawings.c.state == TRAINED))
    found = found.where(drawings.c.id.is_(None) & versions.c.drawing.is_not(None))
    unmade = _column(snapshot, found)
    yield Misfit.UNMADE, [n for n in unmade if n in lineage.current or n < 1]

    trained = sql.select(drawings.c.id).where(drawings.c.state == TRAINED)
    found = trained.order_by(drawings.c.position).outerjoin(versions, _SAME)
    yield Misfit.WITHOUT_VERSION, _column(snapshot, found.where(versions.c.number.is_(None)))

    untrained = (drawings.c.state != TRAINED) & drawings.c.version.is_not(None)
    found = sql.select(drawings.c.id).where(untrained).order_by(drawings.c.position)
    yield Misfit.UNTRAINED, _column(snapshot, found)


def _misfits_of_what_was_undone(
    snapshot: Snapshot, lineage: Lineage
) -> Iterator[tuple[Misfit, Sequence[object]]]:
    """Yield what rollbacks and forgotten drawings left and should not have."""
    known = {None, *_column(snapshot, sql.select(drawings.c.id))}
    off = [n for n in sorted(lineage.versions) if n not in lineage.current and n > 0]
    yield Misfit.DRAWING_GONE, [n for n in off if lineage.versions[n].drawing not in known]

    trained = sql.select(drawings.c.version).where(drawings.c.state == TRAINED)
    yield Misfit.COUNTED_AGAIN, sorted({*_column(snapshot, trained)} & {*off})

    others = [v for v in lineage.versions.values() if v.kind != LESSON]
    odd = [v.number for v in others if v.drawing or not _is_aimed(v, lineage)]
    yield Misfit.AIMLESS, odd

    kept = _column(snapshot, sql.select(versions.c.number).where(versions.c.kept))
    yield Misfit.HOLDS_FORGOTTEN, [n for n in kept if lineage.lost(n)]


def _is_aimed(version: Version, lineage: Lineage) -> bool:
    """Whether a rollback or a rebuild names what it can be of."""
    if version.target is None or version.target >= version.number:
        return False
    if version.kind == ROLLBACK:
        return version.target >= 0
    if version.target == 0:
        return True  # all was learned again
    left_out = lineage.versions.get(version.target)
    return left_out is not None and left_out.kind == LESSON and left_out.drawing is None


def _column(snapshot: Snapshot, query: sql.Select[Any]) -> Sequence[Any]:
    return snapshot.connection.execute(query).scalars().all()
