"""Whether the journal's drawings and versions name each other as they should."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sql

from inkling.journal.lineage import LESSON, RELABEL, ROLLBACK, Lineage, Undoing
from inkling.journal.schema import drawings, versions
from inkling.journal.snapshot import Snapshot
from inkling.journal.tallies import count_drawings
from inkling.records import IN_THE_NETS, NOT_A_DIGIT, QUEUED, TRAINED, State

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
    MISCOUNTED = "counts that are not those of the rows"


def misfits(snapshot: Snapshot) -> Iterator[tuple[Misfit, Sequence[object]]]:
    """Yield each kind of misfit with the versions or the drawings' ids; of most there are none."""
    lineage = snapshot.lineage()
    yield Misfit.GAP, _gaps(snapshot, lineage)
    below = sql.select(versions.c.number).where(versions.c.number < 1)
    yield Misfit.BELOW_1, _column(snapshot, below.order_by(versions.c.number))
    yield from _misfits_of_lessons(snapshot, lineage)
    yield from _misfits_of_what_was_undone(snapshot, lineage)

    kept, counted = snapshot.tallies(), count_drawings(snapshot.connection)
    odd_states = [state for state in (QUEUED, TRAINED) if (state, True) in counted]  # mostly none
    no_digit = drawings.c.state.in_(odd_states) & (drawings.c.label == NOT_A_DIGIT)
    found = sql.select(drawings.c.id).where(no_digit)
    yield Misfit.NO_DIGIT_LEARNED, _column(snapshot, found) if odd_states else []

    kinds = sorted(kept.keys() | counted.keys())
    odd = [kind for kind in kinds if kept.get(kind) != counted.get(kind)]
    yield Misfit.MISCOUNTED, [f"{state}, no digit" if no else state for state, no in odd]


def _gaps(snapshot: Snapshot, lineage: Lineage) -> Sequence[int]:
    """Return the numbers up to the newest version that no version has."""
    there = versions.c.number.between(1, lineage.newest)
    count = sql.select(sql.func.count()).select_from(versions).where(there)
    if snapshot.connection.execute(count).scalar_one() == max(lineage.newest, 0):
        return []
    found = {*_column(snapshot, sql.select(versions.c.number).where(there))}
    return [number for number in range(1, lineage.newest + 1) if number not in found]


def _misfits_of_lessons(
    snapshot: Snapshot, lineage: Lineage
) -> Iterator[tuple[Misfit, Sequence[object]]]:
    found = sql.select(versions.c.number).order_by(versions.c.number)
    found = found.outerjoin(drawings, _SAME & (drawings.c.state.in_(IN_THE_NETS)))
    found = found.where(drawings.c.id.is_(None) & versions.c.drawing.is_not(None))
    unmade = _column(snapshot, found)
    yield Misfit.UNMADE, [n for n in unmade if n in lineage.current or n < 1]

    trained = sql.select(drawings.c.id).where(drawings.c.state == TRAINED)
    found = trained.order_by(drawings.c.position).outerjoin(versions, _SAME)
    yield Misfit.WITHOUT_VERSION, _column(snapshot, found.where(versions.c.number.is_(None)))

    others = [
        state for state in State if state not in IN_THE_NETS
    ]  # in words that an index answers
    untrained = drawings.c.state.in_(others) & drawings.c.version.is_not(None)
    found = sql.select(drawings.c.id).where(untrained)
    yield Misfit.UNTRAINED, _column(snapshot, found)


def _misfits_of_what_was_undone(
    snapshot: Snapshot, lineage: Lineage
) -> Iterator[tuple[Misfit, Sequence[object]]]:
    """Yield what rollbacks and forgotten drawings left and should not have."""
    is_off = sql.or_(sql.false(), *(versions.c.number.between(*part) for part in _off(lineage)))
    found = sql.select(versions.c.number).order_by(versions.c.number)
    drawn = found.outerjoin(drawings, drawings.c.id == versions.c.drawing)
    lost = versions.c.drawing.is_not(None) & drawings.c.id.is_(None)
    yield Misfit.DRAWING_GONE, _column(snapshot, drawn.where(is_off & lost))

    again = found.join(drawings, drawings.c.version == versions.c.number)
    counted = again.where(is_off & drawings.c.state.in_(IN_THE_NETS))
    yield Misfit.COUNTED_AGAIN, _column(snapshot, counted)

    with_drawing = found.where((versions.c.kind != LESSON) & versions.c.drawing.is_not(None))
    odd = {n for n, undoing in lineage.undoings.items() if not _is_aimed(undoing, lineage)}
    yield Misfit.AIMLESS, sorted(odd.union(_column(snapshot, with_drawing)))

    kept = _column(snapshot, sql.select(versions.c.number).where(versions.c.kept))
    yield Misfit.HOLDS_FORGOTTEN, [n for n in kept if lineage.lost(n)]


def _off(lineage: Lineage) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of the versions between the parts of the newest one's line."""
    first = 1
    for part in lineage.current.after(0):
        if first < part[0]:
            yield first, part[0] - 1
        first = part[-1] + 1


def _is_aimed(undoing: Undoing, lineage: Lineage) -> bool:
    """Whether a rollback or a rebuild names what it can be of."""
    if undoing.target is None or undoing.target >= undoing.number:
        return False
    if undoing.kind == ROLLBACK:
        return undoing.target >= 0
    if undoing.kind == RELABEL:
        return undoing.target > 0
    return undoing.target == 0 or undoing.target in lineage.gone  # 0: all was learned again


def _column(snapshot: Snapshot, query: sql.Select[Any]) -> Sequence[Any]:
    return snapshot.connection.execute(query).scalars().all()
