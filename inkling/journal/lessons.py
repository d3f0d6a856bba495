"""What the nets learned, and in which order, read in SQL."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import sqlalchemy as sql

from inkling.journal.database import Database
from inkling.journal.lineage import Lineage, MissingLesson, read_lineage
from inkling.journal.rows import PAGE, select
from inkling.journal.schema import drawings, versions
from inkling.records import TRAINED, Drawing, LearnedDigit


class LessonReader(Database):
    """What can be read of the lessons behind one database URL."""

    def lineage(self) -> Lineage:
        """Return all versions and who came of whom, as they are now."""
        with self.read() as connection:
            return read_lineage(connection)

    def lessons(self, newest: int | None = None, after: int = 0) -> Iterator[Drawing]:
        """Yield the drawings that were learned, in the order of their versions, a page at a time.

        Yield only those after version `after`, up to version `newest` or all.
        """
        version = after
        while newest is None or version < newest:
            learned = (drawings.c.version > version) & (drawings.c.state == TRAINED)
            if newest is not None:
                learned &= drawings.c.version <= newest
            with self.read() as connection:
                page = select(connection, learned, PAGE, drawings.c.version)
            yield from page
            if len(page) < PAGE:
                return
            version = page[-1].version or 0

    def latest_lessons(self, limit: int) -> list[LearnedDigit]:
        """Return what was learned last, at most `limit` drawings, oldest first."""
        columns = (drawings.c[name] for name in LearnedDigit.__dataclass_fields__)
        query = sql.select(*columns).where(drawings.c.state == TRAINED)
        query = query.order_by(drawings.c.version.desc()).limit(limit)
        with self.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [LearnedDigit(**row) for row in rows[::-1]]

    def lessons_of(self, lineage: Lineage, version: int, after: int = 0) -> Iterator[Drawing]:
        """Yield the drawings that a version is made of, in the order in which they were learned.

        Yield only those after version `after` of its line. Raises MissingLesson where one is not
        there or is no longer in the state that the lineage implies.
        """
        shared = lineage.shared(version)
        wanted = iter(lineage.lessons(version, after))
        elsewhere = self._drawings_of(lineage.line(version).after(max(shared, after)))
        expected = next(wanted, None)
        for drawing in self.lessons(shared, after):
            number = drawing.version or 0
            if expected is not None and expected < number:
                break
            if expected == number:
                expected = next(wanted, None)
            yield drawing
        while expected is not None:
            found = self._drawing(elsewhere[expected]) if expected in elsewhere else None
            if found is None:
                raise _missing(expected)
            yield replace(found, version=expected)  # rolled back, it has lost its number
            expected = next(wanted, None)

    def _drawings_of(self, ranges: Iterable[range]) -> dict[int, str]:
        """Return the ids of the drawings that made the versions in these ranges, by version."""
        number, drawing = versions.c.number, versions.c.drawing
        found: dict[int, str] = {}
        with self.read() as connection:
            for part in ranges:
                wanted = number.between(part[0], part[-1]) & drawing.is_not(None)
                rows = connection.execute(sql.select(number, drawing).where(wanted))
                found |= {version: id for version, id in rows}
        return found

    def _drawing(self, id: str) -> Drawing | None:
        with self.read() as connection:
            return next(iter(select(connection, drawings.c.id == id)), None)

    def learned(self, newest: int) -> dict[int, tuple[int, bytes]]:
        """Return label and digit of what was learned up to a version, by version, in order."""
        columns = (drawings.c.version, drawings.c.label, drawings.c.digit)
        learned = (drawings.c.version <= newest) & (drawings.c.state == TRAINED)
        query = sql.select(*columns).where(learned).order_by(drawings.c.version)
        with self.read() as connection:
            rows = connection.execute(query)
            return {version: (label, digit) for version, label, digit in rows}

    def digits_of(self, lineage: Lineage, version: int) -> list[tuple[int, bytes]]:
        """Return label and digit of the drawings that a version is made of, in that order.

        As `lessons_of`, in a fraction of the time: pictures and strokes are not read.
        """
        shared = lineage.shared(version)
        found = self.learned(shared)
        if missing := {*lineage.lessons(shared)} - found.keys():
            raise _missing(min(missing))
        elsewhere = self.lessons_of(lineage, version, shared)
        return [*found.values(), *((drawing.label, drawing.digit) for drawing in elsewhere)]


def _missing(version: int) -> MissingLesson:
    return MissingLesson(f"The journal has no drawing that made version {version}.")
