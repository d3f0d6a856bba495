"""The journal: every labelled drawing and every version in SQL, the source of truth.

SQLite by default. One transaction each: a drawing's row is committed before its visitor hears
"saved"; what a step did to rows and version is committed whole or not at all.
"""

import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine, RowMapping

from settings import Settings
from tables import drawings, evaluations, metadata, versions

QUEUED, TRAINED, REJECTED, COLLECTED = "queued", "trained", "rejected", "collected"
PAGE = 500  # drawings that are read at once where all are wanted
SQLITE_TIMEOUT = 5  # seconds that a writer waits for its turn


class VersionConflict(RuntimeError):
    """Another trainer moved the weights meanwhile: this one's work must be thrown away."""


@dataclass(frozen=True)
class Drawing:
    """A row: a labelled drawing and what became of it."""

    id: str
    label: int
    png: bytes
    predictions: dict[str, list[float]]  # probabilities of ten digits, by model, before learning
    predicted_version: int
    state: str = QUEUED
    strokes: list[list[list[float]]] | None = None
    reason: str | None = None
    version: int | None = None
    receipt: dict[str, dict[str, float]] | None = None
    position: int | None = None

    @property
    def seed(self) -> int:
        """The seed of everything random that is done with this drawing."""
        return uuid.UUID(self.id).int


@dataclass(frozen=True)
class Lesson:
    """What one step did: the drawing that it learned, the version that it made, the receipt."""

    drawing: Drawing
    version: int
    receipt: dict[str, dict[str, float]]


class Journal:
    """The rows behind one database URL."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._reading = self.engine.execution_options(reading=True)
        with self.engine.begin() as connection:
            metadata.create_all(connection)

    def add(self, drawing: Drawing) -> Drawing:
        """Commit a new row and give it back; where its id is known already, that older row."""
        with self.engine.begin() as connection:
            found = self._select(connection, drawings.c.id == drawing.id)
            if found:
                return found[0]
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
        return drawing

    def find(self, id: str) -> Drawing | None:
        """The drawing with this id, if there is one."""
        with self._reading.connect() as connection:
            return next(iter(self._select(connection, drawings.c.id == id)), None)

    def queued(self, limit: int) -> list[Drawing]:
        """The drawings that wait to be learned, in the order of their labels, at most `limit`."""
        with self._reading.connect() as connection:
            return self._select(connection, drawings.c.state == QUEUED, limit)

    def trained(self) -> list[Drawing]:
        """The drawings that were learned, in the order of their lessons."""
        with self._reading.connect() as connection:
            found = self._select(connection, drawings.c.state == TRAINED)
        return sorted(found, key=lambda drawing: drawing.version or 0)

    def labelled(self, states: Sequence[str]) -> Iterator[Drawing]:
        """Every drawing in one of these states, in the order of labels, read a page at a time."""
        position = 0
        while True:
            later = drawings.c.state.in_(states) & (drawings.c.position > position)
            with self._reading.connect() as connection:
                page = self._select(connection, later, PAGE)
            yield from page
            if len(page) < PAGE:
                return
            position = page[-1].position or 0

    def unstored(self, limit: int) -> list[Drawing]:
        """The drawings that the object store does not have yet, oldest first, at most `limit`."""
        with self._reading.connect() as connection:
            return self._select(connection, drawings.c.stored.is_(False), limit)

    def mark_stored(self, ids: Iterable[str]) -> None:
        """Note that the object store has these drawings."""
        with self.engine.begin() as connection:
            rows = drawings.c.id.in_(list(ids))
            connection.execute(drawings.update().where(rows).values(stored=True))

    @staticmethod
    def _select(
        connection: Connection, condition: sql.ColumnElement[bool], limit: int | None = None
    ) -> list[Drawing]:
        query = drawings.select().where(condition).order_by(drawings.c.position).limit(limit)
        return [_drawing(row) for row in connection.execute(query).mappings()]

    def counts(self) -> dict[str, int]:
        """How many drawings are in each state."""
        query = sql.select(drawings.c.state, sql.func.count()).group_by(drawings.c.state)
        with self._reading.connect() as connection:
            found = {state: count for state, count in connection.execute(query)}
        return {s: found.get(s, 0) for s in (QUEUED, TRAINED, REJECTED, COLLECTED)}

    def current_version(self) -> int:
        """The number of the newest version; 0 while nothing was learned."""
        with self._reading.connect() as connection:
            return _current_version(connection)

    def objects(self, version: int) -> dict[str, str] | None:
        """The names of the objects that hold a version's weights; None where they were thinned."""
        query = sql.select(versions.c.objects).where(versions.c.number == version)
        with self._reading.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def stored_versions(self) -> dict[int, dict[str, str]]:
        """The names of the weights' objects of every version that still has them."""
        query = sql.select(versions.c.number, versions.c.objects).where(
            versions.c.objects.is_not(None)
        )
        with self._reading.connect() as connection:
            return {number: objects for number, objects in connection.execute(query)}

    def commit(self, lessons: Sequence[Lesson], objects: dict[str, str]) -> None:
        """Commit consecutive lessons; the last one's version is the one that `objects` hold.

        Raises VersionConflict, and changes nothing, where the first lesson's version is not the
        next one or a drawing is no longer queued.
        """
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            if lessons[0].version != _current_version(connection) + 1:
                raise VersionConflict(f"Version {lessons[0].version} is not the next one. Reload.")
            for lesson in lessons:
                last = lesson is lessons[-1]
                connection.execute(
                    versions.insert().values(
                        number=lesson.version,
                        drawing=lesson.drawing.id,
                        objects=objects if last else None,
                        created_at=now,
                    )
                )
                self._leave_queue(
                    connection,
                    lesson.drawing.id,
                    {"state": TRAINED, "version": lesson.version, "receipt": lesson.receipt},
                )

    def reject(self, id: str, reason: str) -> None:
        """Note that a queued drawing is kept but not learned, and why."""
        with self.engine.begin() as connection:
            self._leave_queue(connection, id, {"state": REJECTED, "reason": reason})

    @staticmethod
    def _leave_queue(connection: Connection, id: str, values: dict[str, Any]) -> None:
        row = (drawings.c.id == id) & (drawings.c.state == QUEUED)
        if connection.execute(drawings.update().where(row).values(values)).rowcount != 1:
            raise VersionConflict(f"Drawing {id} is not queued any more. Reload.")

    def forget_objects(self, numbers: Iterable[int]) -> None:
        """Note that the weights of these versions are stored no more."""
        rows = versions.c.number.in_(list(numbers))
        with self.engine.begin() as connection:
            connection.execute(versions.update().where(rows).values(objects=None))

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
        with self._reading.connect() as connection:
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


def _current_version(connection: Connection) -> int:
    return connection.execute(sql.select(sql.func.max(versions.c.number))).scalar() or 0


def _drawing(row: RowMapping) -> Drawing:
    names = Drawing.__dataclass_fields__
    return Drawing(**{name: value for name, value in row.items() if name in names})


def _engine(url: str) -> Engine:
    if sql.make_url(url).get_backend_name() != "sqlite":
        return sql.create_engine(url, pool_pre_ping=True)
    engine = sql.create_engine(url, connect_args={"timeout": SQLITE_TIMEOUT})
    sql.event.listen(engine, "connect", _prepare_sqlite)
    sql.event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # BEGIN is said by `_begin`, not by the driver
    _use_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _use_wal(connection: Any) -> None:
    """Switch to a write-ahead log, which the first who opens a file does.

    Of all statements this one does not wait for its turn where others open the file as well.
    """
    deadline = time.monotonic() + SQLITE_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails as soon as two of them meet.
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
