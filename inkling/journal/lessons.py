"""What the nets learned, and in which order, read in SQL."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray

from inkling.journal.database import Database
from inkling.journal.lineage import Lineage, MissingLesson, read_lineage
from inkling.journal.rows import PAGE, select
from inkling.journal.schema import drawings, versions
from inkling.records import IN_THE_NETS, TRAINED, Drawing, Example, LearnedDigit, State

# So that a database looks for versions, by their own index, in their order.
LEARNED = drawings.c.state.not_in([state for state in State if state not in IN_THE_NETS])


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
            learned = (drawings.c.version > version) & LEARNED
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

    def learned_versions(self, newest: int) -> NDArray[np.int32]:
        """Return the versions (n,) up to one that trained drawings made, in order."""
        learned = (drawings.c.version <= newest) & drawings.c.state.in_(IN_THE_NETS)
        query = sql.select(drawings.c.version).where(learned)
        with self.read() as connection:  # an index answers it
            return np.sort(np.fromiter(connection.execute(query).scalars(), np.int32))

    def learned_digits(self, wanted: Sequence[int]) -> dict[int, Example]:
        """Return label and digit of what made these versions, by version, of trained drawings."""
        columns = (drawings.c.version, drawings.c.label, drawings.c.digit)
        learned = drawings.c.version.in_(wanted) & LEARNED
        with self.read() as connection:
            rows = connection.execute(sql.select(*columns).where(learned))
            return {version: Example(label, digit) for version, label, digit in rows}

    def digits_of(self, lineage: Lineage, version: int) -> "StoredDigits":
        """Return label and digit of the drawings that a version is made of, in that order.

        As `lessons_of`, but they stay in the journal until they are asked for. Raises MissingLesson
        where one is not there.
        """
        shared = lineage.shared(version)
        found = self.learned_versions(shared)
        if len(found) < lineage.count(shared):
            raise _missing(min({*lineage.lessons(shared)}.difference(found.tolist())))
        elsewhere = self.lessons_of(lineage, version, shared)
        return StoredDigits(self, found, [Example(d.label, d.digit) for d in elsewhere])


class StoredDigits:
    """The drawings that a version is made of, each read from the journal when it is asked for.

    In memory are four bytes each, and those whose lessons are not in the newest version.
    """

    def __init__(
        self,
        journal: LessonReader,
        learned: NDArray[np.int32],
        elsewhere: Sequence[Example] = (),
    ) -> None:
        """Take the versions (n,) that trained drawings made, and what comes after those."""
        self._journal, self._elsewhere = journal, elsewhere
        self._versions, self._count = learned, len(learned)

    def __len__(self) -> int:
        return self._count + len(self._elsewhere)

    def add(self, learned: Sequence[int]) -> None:
        """Note that trained drawings have made these versions since."""
        end = self._count + len(learned)
        if end > len(self._versions):  # twice as much room, so that few of these are made
            self._versions = np.resize(self._versions, 2 * end)
        self._versions[self._count : end] = learned
        self._count = end

    def read(self, chosen: Sequence[int]) -> dict[int, Example]:
        """Return the drawings with these numbers, from 0, by number.

        Raises MissingLesson where one was undone or forgotten meanwhile.
        """
        versions = {n: int(self._versions[n]) for n in chosen if n < self._count}
        found = self._journal.learned_digits([*versions.values()]) if versions else {}
        if missing := {*versions.values()} - found.keys():
            raise _missing(min(missing))
        return {
            n: found[versions[n]] if n in versions else self._elsewhere[n - self._count]
            for n in chosen
        }


def _missing(version: int) -> MissingLesson:
    return MissingLesson(f"The journal has no drawing that made version {version}.")
