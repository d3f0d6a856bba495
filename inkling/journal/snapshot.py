"""The journal as it was at one moment, however much is committed while it is read."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.journal.exclusive import held, newest_version
from inkling.journal.lineage import ROLLBACK, Lineage, read_lineage
from inkling.journal.schema import drawings, versions
from inkling.records import REJECTED


@dataclass(frozen=True)
class LabelledAnswer:
    """A label, and what was said of its drawing before it came."""

    position: int
    label: int
    said: dict[str, int]  # the likeliest digit by model; empty where nothing was noted
    answer: int | None  # the app's; None where it was unsure


class Snapshot:
    """A reading transaction of `Journal.snapshot`, for as long as its block lasts."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection  # for the journal's own modules

    def lineage(self) -> Lineage:
        """Return all versions and who came of whom."""
        return read_lineage(self.connection)

    def newest_version(self) -> int:
        """Return the newest version's number; 0 while nothing was learned."""
        return newest_version(self.connection)

    def versions_since(self, version: int) -> tuple[int, bool]:
        """Return the newest version, and whether one that came after another is a rollback."""
        rollbacks = sql.func.count().filter(versions.c.kind == ROLLBACK)
        query = sql.select(sql.func.max(versions.c.number), rollbacks)
        newest, count = self.connection.execute(query.where(versions.c.number > version)).one()
        return newest or version, count > 0

    def weights(self) -> list[tuple[int, dict[str, str]]]:
        """Return the versions that have weights, newest first, and their objects' names by part."""
        query = sql.select(versions.c.number, versions.c.objects).where(versions.c.kept)
        rows = self.connection.execute(query.order_by(versions.c.number.desc()))
        return [(number, objects) for number, objects in rows]

    def held(self, name: str) -> bytes | None:
        """Return the weights under a name, where the journal itself holds them."""
        return held(self.connection, name)

    def rejected(self) -> int:
        """Return how many labels are rejected."""
        query = sql.select(sql.func.count()).where(drawings.c.state == REJECTED)
        return int(self.connection.execute(query).scalar_one())

    def label_sum(self, states: Collection[str]) -> tuple[int, int]:
        """Return how many labels are in these states, and the sum of their positions.

        An index answers it.
        """
        position = drawings.c.position
        query = sql.select(sql.func.count(), sql.func.coalesce(sql.func.sum(position), 0))
        count, total = self.connection.execute(query.where(drawings.c.state.in_(states))).one()
        return int(count), int(total)

    def label_positions(self, states: Collection[str]) -> Iterator[int]:
        """Yield the positions of the labels in these states, in no order."""
        query = sql.select(drawings.c.position).where(drawings.c.state.in_(states))
        yield from self.connection.execute(query).scalars()

    def labels(self, states: Collection[str], first: int) -> Iterator[LabelledAnswer]:
        """Yield the labels in these states from a position on, in the order of positions."""
        columns = (drawings.c.position, drawings.c.label, drawings.c.said, drawings.c.answer)
        wanted = drawings.c.state.in_(states) & (drawings.c.position >= first)
        query = sql.select(*columns).where(wanted).order_by(drawings.c.position)
        for row in self.connection.execute(query):
            yield LabelledAnswer(*row)
