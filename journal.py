"""The journal: every labelled drawing and every version in SQL, the source of truth.

SQLite or PostgreSQL. One transaction each: a drawing's row is committed before its visitor hears
"saved"; what a step did to rows and version is committed whole or not at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

import faults
from database import migrate, open_engine
from records import (
    COLLECTED,
    QUEUED,
    REJECTED,
    TRAINED,
    Drawing,
    Lesson,
    Outcome,
    VersionConflict,
)
from settings import Settings
from tables import contents, drawings, evaluations, versions

__all__ = [
    "COLLECTED",
    "QUEUED",
    "REJECTED",
    "TRAINED",
    "Drawing",
    "Journal",
    "Lesson",
    "Outcome",
    "VersionConflict",
    "open_journal",
]

PAGE = 100  # drawings that are read at once where all are wanted


class Journal:
    """The rows behind one database URL."""

    def __init__(self, url: str) -> None:
        """Opens it and brings its tables up to date; UnusableDatabase where that cannot be."""
        self.engine = open_engine(url)
        self.reading = self.engine.execution_options(reading=True)
        migrate(self.engine)

    def add(self, drawing: Drawing) -> Drawing:
        """Commit a new row and give it back; where its id is known already, that older row."""
        try:
            with self.engine.begin() as connection:
                found = _select(connection, drawings.c.id == drawing.id)
                if found:
                    return found[0]
                self._insert(connection, drawing)
                faults.reach("label inserted")
        except IntegrityError:
            found_now = self.find(drawing.id)  # the same label, sent twice at once
            if found_now is None:
                raise
            return found_now
        faults.reach("label committed")
        return drawing

    @staticmethod
    def _insert(connection: Connection, drawing: Drawing) -> None:
        connection.execute(
            drawings.insert().values(
                id=drawing.id,
                label=drawing.label,
                png=drawing.png,
                strokes=drawing.strokes,
                predictions=drawing.predictions,
                predicted_version=drawing.predicted_version,
                state=drawing.state,
                created_at=datetime.now(UTC),
            )
        )

    def find(self, id: str) -> Drawing | None:
        """The drawing with this id, if there is one."""
        return next(iter(self.select(drawings.c.id == id)), None)

    def outcome(self, id: str) -> Outcome | None:
        """What became of the drawing with this id, if there is one."""
        columns = (drawings.c[name] for name in Outcome.__dataclass_fields__)
        query = sql.select(*columns).where(drawings.c.id == id)
        with self.reading.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return Outcome(**row) if row else None

    def queued(self, limit: int) -> list[Drawing]:
        """The drawings that wait to be learned, in the order of their labels, at most `limit`."""
        return self.select(drawings.c.state == QUEUED, limit)

    def lessons(self, newest: int | None = None) -> Iterator[Drawing]:
        """The drawings that were learned, in the order of their versions, a page at a time.

        Up to version `newest`, or all.
        """
        version = 0
        while newest is None or version < newest:
            learned = (drawings.c.version > version) & (drawings.c.state == TRAINED)
            if newest is not None:
                learned &= drawings.c.version <= newest
            page = self.select(learned, PAGE, drawings.c.version)
            yield from page
            if len(page) < PAGE:
                return
            version = page[-1].version or 0

    def labelled(self, states: Sequence[str]) -> Iterator[Drawing]:
        """Every drawing in one of these states, in the order of labels, read a page at a time."""
        position = 0
        while True:
            later = drawings.c.state.in_(states) & (drawings.c.position > position)
            page = self.select(later, PAGE)
            yield from page
            if len(page) < PAGE:
                return
            position = page[-1].position or 0

    def select(
        self,
        condition: sql.ColumnElement[bool],
        limit: int | None = None,
        order: sql.ColumnElement[Any] = drawings.c.position,
    ) -> list[Drawing]:
        """The drawings that meet a condition, by default in the order of their labels."""
        with self.reading.connect() as connection:
            return _select(connection, condition, limit, order)

    def counts(self) -> dict[str, int]:
        """How many drawings are in each state."""
        query = sql.select(drawings.c.state, sql.func.count()).group_by(drawings.c.state)
        with self.reading.connect() as connection:
            found = {state: count for state, count in connection.execute(query)}
        return {s: found.get(s, 0) for s in (QUEUED, TRAINED, REJECTED, COLLECTED)}

    def current_version(self) -> int:
        """The number of the newest version; 0 while nothing was learned."""
        with self.reading.connect() as connection:
            return _current_version(connection)

    def objects(self, version: int) -> dict[str, str] | None:
        """The names of the objects that hold a version's weights; None where they were thinned."""
        number = versions.c.number == version
        query = sql.select(versions.c.objects).where(number & versions.c.kept)
        with self.reading.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def kept_versions(self) -> dict[int, dict[str, str]]:
        """The names of the weights' objects of every version that has them, oldest first."""
        query = sql.select(versions.c.number, versions.c.objects).order_by(versions.c.number)
        with self.reading.connect() as connection:
            return {n: objects for n, objects in connection.execute(query.where(versions.c.kept))}

    def commit(
        self,
        lessons: Sequence[Lesson],
        objects: dict[str, str],
        held: Mapping[str, bytes] | None = None,
        thinned: Iterable[int] = (),
    ) -> None:
        """Commit consecutive lessons; the last one's version is the one that `objects` hold.

        `held` are objects, by name, that the journal holds because the object store does not have
        them yet. `thinned` versions lose their weights. Raises VersionConflict, and changes
        nothing, where the first lesson's version is not the next one or a drawing is no longer
        queued.
        """
        now = datetime.now(UTC)
        held = held or {}
        try:
            with self.engine.begin() as connection:
                _hold(connection, held)
                self._thin(connection, thinned)
                self._add_lessons(connection, lessons, objects, stored=not held, now=now)
                faults.reach("version inserted")
        except IntegrityError as error:
            raise VersionConflict("Another trainer made this version. Reload.") from error

    @staticmethod
    def _thin(connection: Connection, numbers: Iterable[int]) -> None:
        rows = versions.c.number.in_(list(numbers))
        connection.execute(versions.update().where(rows).values(kept=False))

    def _add_lessons(
        self,
        connection: Connection,
        lessons: Sequence[Lesson],
        objects: dict[str, str],
        stored: bool,
        now: datetime,
    ) -> None:
        if lessons[0].version != _current_version(connection) + 1:
            raise VersionConflict(f"Version {lessons[0].version} is not the next one. Reload.")
        for lesson in lessons:
            last = lesson is lessons[-1]
            connection.execute(
                versions.insert().values(
                    number=lesson.version,
                    drawing=lesson.drawing.id,
                    objects=objects if last else None,
                    stored=stored or not last,
                    kept=last,
                    created_at=now,
                )
            )
            learned = {"state": TRAINED, "version": lesson.version, "receipt": lesson.receipt}
            self._leave_queue(connection, lesson.drawing.id, learned)

    def reject(self, id: str, reason: str) -> None:
        """Note that a queued drawing is kept but not learned, and why."""
        with self.engine.begin() as connection:
            self._leave_queue(connection, id, {"state": REJECTED, "reason": reason})

    @staticmethod
    def _leave_queue(connection: Connection, id: str, values: dict[str, Any]) -> None:
        row = (drawings.c.id == id) & (drawings.c.state == QUEUED)
        if connection.execute(drawings.update().where(row).values(values)).rowcount != 1:
            raise VersionConflict(f"Drawing {id} is not queued any more. Reload.")

    def add_evaluation(self, version: int, scores: dict[str, Any]) -> None:
        """Keep how good a version's retrained nets are, as JSON values; older figures go."""
        with self.engine.begin() as connection:
            connection.execute(evaluations.delete())
            connection.execute(
                evaluations.insert().values(
                    version=version, scores=scores, created_at=datetime.now(UTC)
                )
            )

    def newest_evaluation(self) -> tuple[int, dict[str, Any]] | None:
        """The version that was evaluated last and its scores; None before the first time."""
        query = sql.select(evaluations.c.version, evaluations.c.scores)
        newest = query.order_by(evaluations.c.version.desc()).limit(1)
        with self.reading.connect() as connection:
            row = connection.execute(newest).one_or_none()
        return row and (row.version, row.scores)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_journal(settings: Settings) -> Journal:
    """The journal that the settings choose; its folder is made where it is missing."""
    if not settings.database_url:
        settings.instance_folder.mkdir(parents=True, exist_ok=True)
    return Journal(settings.journal_url)


def _hold(connection: Connection, held: Mapping[str, bytes]) -> None:
    """Put the newest weights in the place of older ones.

    Those of an older version that the object store does not have yet are thinned: the journal
    holds one set of weights, however long the store is away.
    """
    waiting = versions.c.stored.is_(False)
    connection.execute(versions.update().where(waiting).values(kept=False, stored=True))
    connection.execute(contents.delete())
    for name, content in held.items():
        connection.execute(contents.insert().values(name=name, content=content))


def _current_version(connection: Connection) -> int:
    return connection.execute(sql.select(sql.func.max(versions.c.number))).scalar() or 0


def _select(
    connection: Connection,
    condition: sql.ColumnElement[bool],
    limit: int | None = None,
    order: sql.ColumnElement[Any] = drawings.c.position,
) -> list[Drawing]:
    query = drawings.select().where(condition).order_by(order).limit(limit)
    return [_drawing(row) for row in connection.execute(query).mappings()]


def _drawing(row: RowMapping) -> Drawing:
    names = Drawing.__dataclass_fields__
    return Drawing(**{name: value for name, value in row.items() if name in names})
