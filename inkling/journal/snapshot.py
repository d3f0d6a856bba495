"""The journal as it was at one moment, however much is committed while it is read."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.journal.exclusive import held, newest_version
from inkling.journal.lineage import ROLLBACK, Lineage, read_lineage
from inkling.journal.rows import LONG_PAGE
from inkling.journal.schema import drawings, notices, versions
from inkling.journal.tallies import Tallies, read_tallies
from inkling.records import RELABELLED


class LabelledAnswer(NamedTuple):
    """A label, and what was said of its drawing before it came."""

    position: int
    label: int
    said: str  # JSON, as the row has it: the likeliest digit by model
    answer: int | None  # the app's; None where it was unsure
    predictions: str  # JSON: probabilities of ten digits by model; `{}` where none are known


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

    def relabelled(self) -> str | None:
        """Return what changes whenever a drawing gets another label; None: none ever did."""
        query = sql.select(notices.c.text).where(notices.c.name == RELABELLED)
        return self.connection.execute(query).scalar_one_or_none()

    def weights(self) -> list[tuple[int, dict[str, str]]]:
        """Return the versions that have weights, newest first, and their objects' names by part."""
        query = sql.select(versions.c.number, versions.c.objects).where(versions.c.kept)
        rows = self.connection.execute(query.order_by(versions.c.number.desc()))
        return [(number, objects) for number, objects in rows]

    def held(self, name: str) -> bytes | None:
        """Return the weights under a name, where the journal itself holds them."""
        return held(self.connection, name)

    def tallies(self) -> Tallies:
        """Return how many drawings there are of each kind, and the sums of their positions."""
        return read_tallies(self.connection)

    def label_positions(self, states: Collection[str]) -> Iterator[int]:
        """Yield the positions of the labels in these states, in no order."""
        query = sql.select(drawings.c.position).where(drawings.c.state.in_(states))
        yield from self.connection.execute(query).scalars()

    def labels(self, states: Collection[str], first: int) -> Iterator[LabelledAnswer]:
        """Yield the labels in these states from a position on, in the order of positions."""
        said, predictions = (
            sql.cast(column, sql.Text) for column in (drawings.c.said, drawings.c.predictions)
        )
        columns = (drawings.c.position, drawings.c.label, said, drawings.c.answer, predictions)
        wanted = drawings.c.state.in_(states) & (drawings.c.position >= first)
        query = sql.select(*columns).where(wanted).order_by(drawings.c.position)
        for page in self.connection.execute(query).partitions(LONG_PAGE):  # faster than one by one
            yield from map(LabelledAnswer._make, page)
