"""Counts of the drawings, which triggers keep in the transactions that change rows.

So a count costs the same however many rows there are. `inkling verify` compares them with the rows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.journal.schema import drawings, tallies
from inkling.records import NOT_A_DIGIT


@dataclass(frozen=True)
class RowCount:
    """How many drawings are of a kind, and the sum of their positions."""

    count: int = 0
    positions: int = 0

    def __add__(self, other: "RowCount") -> "RowCount":
        return RowCount(self.count + other.count, self.positions + other.positions)


# By state, and whether these are no digits; nothing of none.
Tallies = dict[tuple[str, bool], RowCount]


def read_tallies(connection: Connection) -> Tallies:
    """Return the tallies as a transaction sees them."""
    kind = (tallies.c.state, tallies.c.no_digit)
    sums = (sql.func.sum(tallies.c.count), sql.func.sum(tallies.c.positions))
    return _read(connection, sql.select(*kind, *sums).group_by(*kind))


def count_drawings(connection: Connection) -> Tallies:
    """Return what the tallies must be, counted row by row."""
    kind = (drawings.c.state, (drawings.c.label == NOT_A_DIGIT).label("no_digit"))
    sums = (sql.func.count(), sql.func.sum(drawings.c.position))
    return _read(connection, sql.select(*kind, *sums).group_by(*kind))


def _read(connection: Connection, query: sql.Select[Any]) -> Tallies:
    return {
        (state, bool(no_digit)): RowCount(int(count), int(positions))
        for state, no_digit, count, positions in connection.execute(query)
        if (count, positions) != (0, 0)
    }


def total(found: Tallies, states: Collection[str]) -> RowCount:
    """Return the count of all drawings in some states."""
    return sum((each for (state, _), each in found.items() if state in states), RowCount())
