"""What the journal says: drawings, versions and evaluations, read in SQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sql

from inkling.journal.database import in_utc, migrate
from inkling.journal.exclusive import newest_version, stands
from inkling.journal.lessons import LessonReader
from inkling.journal.rows import PAGE, each_row, fields_of, select
from inkling.journal.schema import drawings, evaluations, notices, versions
from inkling.journal.snapshot import Snapshot
from inkling.journal.tallies import RowCount, read_tallies, total
from inkling.records import (
    COLLECTED,
    DELETING,
    NOT_A_DIGIT,
    QUEUED,
    REJECTED,
    AnsweredDigit,
    Drawing,
    DrawnStrokes,
    Outcome,
    State,
    VersionRow,
)

UNSTORED = drawings.c.stored.is_(False) & (drawings.c.state != DELETING)


class JournalReader(LessonReader):
    """What can be read of the rows behind one database URL."""

    def __init__(self, url: str) -> None:
        """Open the database and bring its tables up to date.

        Raises UnusableDatabase where that cannot be, JournalUnavailable where it does not answer.
        """
        super().__init__(url)
        migrate(self)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give a snapshot that sees no later commit. Nobody waits for it, learning goes on.

        SQLite's reading transactions are like that; PostgreSQL's have to be asked.
        """
        options: dict[str, Any] = {}
        if not self.is_sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.read() as connection:
            yield Snapshot(connection.execution_options(**options))

    def find(self, id: str) -> Drawing | None:
        """Return the drawing with this id, if there is one."""
        return next(iter(self._select(drawings.c.id == id)), None)

    def outcome(self, id: str) -> Outcome | None:
        """Return what became of the drawing with this id, if there is one."""
        columns = (drawings.c[name] for name in Outcome.__dataclass_fields__)
        query = sql.select(*columns).where(drawings.c.id == id)
        with self.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return Outcome(**fields_of(row, Outcome.__dataclass_fields__)) if row else None

    def digits_by_id(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Return what the nets see of these drawings, 28×28 bytes, of those that are there."""
        there = drawings.c.id.in_(ids) & (drawings.c.state != DELETING)
        with self.read() as connection:
            rows = connection.execute(sql.select(drawings.c.id, drawings.c.digit).where(there))
            return {id: digit for id, digit in rows}

    def queued(self, limit: int) -> list[Drawing]:
        """Return the drawings that wait to be learned, in the order of labels, at most `limit`."""
        return self._select(drawings.c.state == QUEUED, limit)

    def oldest_queued_seconds(self) -> float:
        """Return the age of the label that waits longest to be learned; 0 where none does."""
        waiting = sql.select(drawings.c.created_at).where(drawings.c.state == QUEUED)
        with self.read() as connection:
            oldest = waiting.order_by(drawings.c.position).limit(1)
            given = connection.execute(oldest).scalar_one_or_none()
        age = datetime.now(UTC) - in_utc(given) if given else timedelta()
        return max(0.0, age.total_seconds())  # clocks of two machines differ

    def doubted(self) -> Iterator[Drawing]:
        """Yield the rejected drawings, and those whose label no model said, a page at a time."""
        unsaid = (drawings.c.label != NOT_A_DIGIT) & (drawings.c.believers == 0)
        unsaid &= drawings.c.state != DELETING
        return self._each((drawings.c.state == REJECTED) | unsaid)

    def labelled(self, states: Sequence[str]) -> Iterator[Drawing]:
        """Yield every drawing in one of these states, in the order of labels, a page at a time."""
        return self._each(drawings.c.state.in_(states))

    def strokes(self, states: Sequence[str]) -> Iterator[DrawnStrokes]:
        """Yield id, label and strokes of digits in one of these states, in the order of labels."""
        columns = (drawings.c.position, drawings.c.id, drawings.c.label, drawings.c.strokes)
        wanted = drawings.c.state.in_(states) & (drawings.c.label != NOT_A_DIGIT)
        rows = each_row(self._all, sql.select(*columns).where(wanted), drawings.c.position)
        yield from (DrawnStrokes(row.id, row.label, row.strokes) for row in rows)

    def columns_of(self, states: Sequence[str], names: Sequence[str]) -> Iterator[Any]:
        """Yield these columns of the drawings in one of these states, in the order of labels.

        JSON comes as its text: nothing is parsed only to be written again.
        """
        found = [drawings.c[name] for name in names]
        told = [
            sql.cast(column, sql.Text).label(column.name)
            if isinstance(column.type, sql.JSON)
            else column
            for column in found
        ]
        query = sql.select(drawings.c.position, *told).where(drawings.c.state.in_(states))
        return each_row(self._all, query, drawings.c.position)

    def _all(self, query: sql.Select[Any]) -> Sequence[sql.Row[Any]]:
        with self.read() as connection:
            return connection.execute(query).all()

    def stored(self) -> Iterator[Drawing]:
        """Yield the drawings that the object store has, in the order of labels."""
        return self._each(drawings.c.stored & (drawings.c.state != DELETING))

    def unstored(self, limit: int) -> list[Drawing]:
        """Return the drawings that the store does not have yet, oldest first, at most `limit`."""
        return self._select(UNSTORED, limit)

    def _each(self, condition: sql.ColumnElement[bool]) -> Iterator[Drawing]:
        """Yield the drawings that meet a condition, in the order of labels, a page at a time."""
        position = 0
        while page := self._select(condition & (drawings.c.position > position), PAGE):
            yield from page
            position = page[-1].position or 0

    def _select(
        self,
        condition: sql.ColumnElement[bool],
        limit: int | None = None,
        order: sql.ColumnElement[Any] = drawings.c.position,
    ) -> list[Drawing]:
        """Return the drawings that meet a condition, by default in the order of their labels."""
        with self.read() as connection:
            return select(connection, condition, limit, order)

    def noticed(self, name: str) -> str | None:
        """Return what a process wants others to know under a name, if anything."""
        query = sql.select(notices.c.text).where(notices.c.name == name)
        with self.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def counts(self) -> dict[State, int]:
        """Return how many drawings are in each state."""
        with self.read() as connection:
            found = read_tallies(connection)
        return {state: total(found, [state]).count for state in State}

    def no_digits(self) -> int:
        """Return how many drawings were called no digit."""
        with self.read() as connection:
            return read_tallies(connection).get((COLLECTED, True), RowCount()).count

    def latest_digits(self, states: Sequence[str], limit: int) -> list[AnsweredDigit]:
        """Return the drawings of digits in one of these states, newest first, at most `limit`."""
        shown = drawings.c.state.in_(states) & (drawings.c.label != NOT_A_DIGIT)
        columns = (drawings.c.digit, drawings.c.label, drawings.c.answer)
        query = sql.select(*columns, drawings.c.created_at)
        query = query.where(shown).order_by(drawings.c.position.desc()).limit(limit)
        with self.read() as connection:
            rows = connection.execute(query)
            return [
                AnsweredDigit(digit, label, said, in_utc(made)) for digit, label, said, made in rows
            ]

    def newest_versions(self, limit: int) -> list[VersionRow]:
        """Return the newest versions, newest first, at most `limit`."""
        columns = (versions.c.number, versions.c.kind, versions.c.created_at)
        query = sql.select(*columns, drawings.c.label, versions.c.target).select_from(
            versions.outerjoin(drawings, drawings.c.id == versions.c.drawing)
        )
        query = query.order_by(versions.c.number.desc()).limit(limit)
        with self.read() as connection:
            return [
                VersionRow(number, kind, in_utc(made), label, target)
                for number, kind, made, label, target in connection.execute(query)
            ]

    def current_version(self) -> int:
        """Return the number of the newest version; 0 while nothing was learned."""
        with self.read() as connection:
            return newest_version(connection)

    def rule(self, version: int) -> str | None:
        """Return by which rule a version's weights learned; None where there is no such version."""
        query = sql.select(versions.c.rule).where(versions.c.number == version)
        with self.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def objects(self, version: int) -> dict[str, str] | None:
        """Return the names of the objects that hold a version's weights; None if it was thinned."""
        number = versions.c.number == version
        query = sql.select(versions.c.objects).where(number & versions.c.kept)
        with self.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def newest_stored(self) -> int:
        """Return the newest version that has weights; 0, the originals, where none has."""
        newest = sql.select(versions.c.number).where(versions.c.kept)
        newest = newest.order_by(versions.c.number.desc()).limit(1)
        with self.read() as connection:
            return int(connection.execute(newest).scalar_one_or_none() or 0)

    def made_by(self, version: int, drawing: str) -> bool:
        """Return whether a drawing made this version, and nothing was undone since."""
        with self.read() as connection:
            return stands(connection, version, versions.c.drawing == drawing)

    def kept_versions(self) -> dict[int, dict[str, str]]:
        """Return the names of the weights' objects of every version that has them, oldest first."""
        query = sql.select(versions.c.number, versions.c.objects).order_by(versions.c.number)
        with self.read() as connection:
            return {n: objects for n, objects in connection.execute(query.where(versions.c.kept))}

    def kept_objects(self) -> set[str]:
        """Return the names of all objects that hold weights of some version."""
        return {name for objects in self.kept_versions().values() for name in objects.values()}

    def kept(self) -> list[tuple[int, str, datetime]]:
        """Return number, kind and time of every version that has weights, oldest first."""
        query = sql.select(versions.c.number, versions.c.kind, versions.c.created_at)
        query = query.where(versions.c.kept).order_by(versions.c.number)
        with self.read() as connection:
            rows = connection.execute(query)
            return [(number, kind, in_utc(made)) for number, kind, made in rows]

    def evaluated_at(self) -> datetime | None:
        """Return when a version was evaluated last."""
        made = evaluations.c.created_at
        newest = sql.select(made).order_by(evaluations.c.version.desc()).limit(1)
        with self.read() as connection:
            found = connection.execute(newest).scalar_one_or_none()
        return found and in_utc(found)

    def newest_evaluation(self) -> tuple[int, dict[str, Any]] | None:
        """Return the version evaluated last and its scores; None before the first evaluation."""
        query = sql.select(evaluations.c.version, evaluations.c.scores)
        newest = query.order_by(evaluations.c.version.desc()).limit(1)
        with self.read() as connection:
            row = connection.execute(newest).one_or_none()
        return row and (row.version, row.scores)
