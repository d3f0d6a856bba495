"""The journal: every labelled drawing and every version in SQL, the source of truth.

SQLite or PostgreSQL. One transaction each: a drawing's row is committed before its visitor hears
"saved"; what a step did to rows and version is committed whole or not at all.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from inkling.failpoints import failpoint
from inkling.files import own_folder
from inkling.journal.database import RowConflict
from inkling.journal.exclusive import ExclusiveTransaction, newest_version
from inkling.journal.reader import JournalReader
from inkling.journal.rows import select
from inkling.journal.schema import RULE, drawings, evaluations, notices, versions
from inkling.records import QUEUED, REJECTED, TRAINED, Drawing, Lesson, VersionConflict
from inkling.rejections import Rejection
from inkling.settings import Settings

GIVEN = (  # what a new row has of its drawing; the rest comes with learning
    "id",
    "label",
    "png",
    "digit",
    "strokes",
    "predictions",
    "predicted_version",
    "said",
    "answer",
    "state",
    "secret_hash",
)


class Journal(JournalReader):
    """What is written to the rows behind one database URL; and all that can be read of them."""

    def add(self, drawing: Drawing, made: datetime | None = None) -> Drawing:
        """Commit a new row and return it; where its id is known already, return that older row.

        made: when it was drawn, if not now.
        """
        try:
            with self.write() as connection:
                found = select(connection, drawings.c.id == drawing.id)
                if found:
                    return found[0]
                self._insert(connection, drawing, made)
                failpoint("label inserted")
        except RowConflict:
            found_now = self.find(drawing.id)  # the same label, sent twice at once
            if found_now is None:
                raise
            return found_now
        failpoint("label committed")
        return drawing

    @staticmethod
    def _insert(connection: Connection, drawing: Drawing, made: datetime | None = None) -> None:
        given = {name: getattr(drawing, name) for name in GIVEN}
        believers = sum(digit == drawing.label for digit in drawing.said.values())
        when = made or datetime.now(UTC)
        connection.execute(drawings.insert().values(**given, believers=believers, created_at=when))

    def commit(
        self,
        lessons: Sequence[Lesson],
        rule: str = RULE,
    ) -> None:
        """Commit consecutive lessons, whose versions have no weights yet.

        `rule` is the name of the learning rule. Raises VersionConflict, and changes nothing, where
        the first lesson's version is not the next one or a drawing is no longer queued.
        """
        try:
            with self.write() as connection:
                self._add_lessons(connection, lessons, rule)
                failpoint("version inserted")
        except RowConflict as error:
            raise VersionConflict("Another trainer made this version.", "Reload.") from error

    @contextmanager
    def alone(self) -> Iterator[ExclusiveTransaction]:
        """Give a transaction during which nobody else makes a version: others wait, readers do not.

        SQLite's writing transactions are like that; PostgreSQL has to be asked, for the tables in
        the order in which `commit` writes to them.
        """
        with self.write() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("LOCK TABLE contents, versions IN EXCLUSIVE MODE")
            yield ExclusiveTransaction(connection)

    def _add_lessons(
        self,
        connection: Connection,
        lessons: Sequence[Lesson],
        rule: str,
    ) -> None:
        if lessons[0].version != newest_version(connection) + 1:
            raise VersionConflict(f"Version {lessons[0].version} is not the next one.", "Reload.")
        without_weights = {"objects": None, "stored": True, "kept": False}
        now = datetime.now(UTC)
        for lesson in lessons:
            connection.execute(
                versions.insert().values(
                    number=lesson.version,
                    drawing=lesson.drawing.id,
                    rule=rule,
                    created_at=now,
                    **without_weights,
                )
            )
            learned = {"state": TRAINED, "version": lesson.version, "receipt": lesson.receipt}
            self._leave_queue(connection, lesson.drawing.id, learned, lesson.drawing.label)

    def reject(self, id: str, rejection: Rejection) -> None:
        """Note that a queued drawing is kept but not learned, and why."""
        values = {"state": REJECTED, "rejection": rejection.to_json()}
        with self.write() as connection:
            self._leave_queue(connection, id, values)

    def notice(self, name: str, text: str | None) -> None:
        """Tell every process this text under a name, until it is taken back with None."""
        with self.write() as connection:
            notice(connection, name, text)

    @staticmethod
    def _leave_queue(
        connection: Connection, id: str, values: dict[str, Any], label: int | None = None
    ) -> None:
        row = (drawings.c.id == id) & (drawings.c.state == QUEUED)
        if label is not None:  # which a person may have corrected meanwhile
            row &= drawings.c.label == label
        if connection.execute(drawings.update().where(row).values(values)).rowcount != 1:
            raise VersionConflict(f"Drawing {id} is not queued any more.", "Reload.")

    def scrub(self) -> None:
        """Make the database give up what it keeps of deleted rows, as far as it can now."""
        if self.is_sqlite:
            self.run_alone("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            self._vacuum("drawings", "contents")

    def _vacuum(self, *tables: str) -> None:
        """Give the room of deleted rows back, which SQLite does by itself."""
        if not self.is_sqlite:
            for table in tables:
                self.run_alone(f"VACUUM {table}")

    def compact(self) -> None:
        """Give the room of older weights back; without it, PostgreSQL's table grows by 8 MB a
        version until its own vacuum comes, once a minute at best."""
        self._vacuum("contents")

    def add_evaluation(self, version: int, scores: dict[str, Any]) -> None:
        """Store how good a version's retrained nets are, as JSON values; delete older figures."""
        with self.write() as connection:
            connection.execute(evaluations.delete())
            connection.execute(
                evaluations.insert().values(
                    version=version, scores=scores, created_at=datetime.now(UTC)
                )
            )


def notice(connection: Connection, name: str, text: str | None) -> None:
    """Put a text under a name in place of another one, in a transaction; None: none."""
    connection.execute(notices.delete().where(notices.c.name == name))
    if text is not None:
        row = {"name": name, "text": text, "created_at": datetime.now(UTC)}
        connection.execute(notices.insert().values(row))


def open_journal(settings: Settings) -> Journal:
    """Return the journal that the settings choose; make its folder, for this user alone."""
    if not settings.database_url:
        own_folder(settings.instance_folder)
    return Journal(settings.journal_url)
