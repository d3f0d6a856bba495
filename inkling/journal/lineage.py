"""Which lessons the weights of a version hold, past rollbacks and forgotten drawings; the history.

A version comes of the one before it, a rollback's of the one that it went back to. The lessons on
the newest version's line are the drawings that have a version, in the order of these.

Nearly all versions are lessons whose drawing is there. Only the others are kept in memory, and a
line is a few ranges of numbers: a million lessons cost as much as ten.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.errors import InklingError
from inkling.journal.schema import UNDONE, versions

LESSON, ROLLBACK, REBUILD, RELABEL = "lesson", "rollback", "rebuild", "relabel"


class MissingLesson(InklingError):
    """The journal has not what a version was made of. The message says what."""


@dataclass(frozen=True)
class Undoing:
    """A version that is no lesson.

    target: what it went back to, left out (0: nothing) or learned under another label.
    """

    number: int
    kind: str
    target: int | None


class Line:
    """A version and all that it came of, down to 1.

    >>> line = Line([range(5, 3, -1), range(2, 0, -1)])
    >>> [*line], 4 in line, 3 in line, line.newest_up_to(3)
    ([5, 4, 2, 1], True, False, 2)
    """

    def __init__(self, ranges: Iterable[range]) -> None:
        """Take the numbers, newest first, as ranges that fall by one."""
        self.ranges = tuple(ranges)

    def __iter__(self) -> Iterator[int]:
        for numbers in self.ranges:
            yield from numbers

    def __contains__(self, number: object) -> bool:
        return any(number in numbers for numbers in self.ranges)

    def newest_up_to(self, number: int) -> int:
        """Return the greatest version on the line that is not greater than a number; else 0."""
        for numbers in self.ranges:
            if numbers[-1] <= number:
                return min(numbers[0], number)
        return 0

    def after(self, number: int) -> list[range]:
        """Return the parts of the line that are greater than a number, as ranges, oldest first."""
        later = (range(max(r[-1], number + 1), r[0] + 1) for r in reversed(self.ranges))
        return [numbers for numbers in later if numbers]


class Lineage:
    """All versions and who came of whom, as they were at one moment.

    >>> lineage = Lineage(3, [Undoing(3, ROLLBACK, 1)], ())  # after two lessons, back to the first
    >>> [*lineage.line(3)], lineage.lessons(3), lineage.lessons(2)
    ([3, 1], [1], [1, 2])
    """

    def __init__(self, newest: int, undoings: Iterable[Undoing], gone: Iterable[int]) -> None:
        """Take the newest version's number, and those that are no lesson.

        gone: lessons whose drawing was forgotten or left out.
        """
        self.newest = newest
        self.undoings = {undoing.number: undoing for undoing in undoings}
        self.gone = frozenset(gone)

    def line(self, number: int) -> Line:
        """Return the version and all that it came of."""
        ranges = []
        for back in self._rollbacks:
            if back.number <= number:
                ranges.append(range(number, back.number - 1, -1))
                number = min(back.target or 0, back.number - 1)
        if number > 0:
            ranges.append(range(number, 0, -1))
        return Line(ranges)

    @cached_property
    def _rollbacks(self) -> list[Undoing]:
        """The rollbacks, newest first."""
        found = [u for u in self.undoings.values() if u.kind == ROLLBACK and u.target is not None]
        return sorted(found, key=lambda undoing: -undoing.number)

    @cached_property
    def current(self) -> Line:
        """The newest version and all that it came of."""
        return self.line(self.newest)

    def since_all_was_learned_again(self, number: int) -> Iterator[int]:
        """Yield the version and what it came of, newest first, down to where all was learned again.

        What is stored of before that came of other originals or of another rule.
        """
        for version in self.line(number):
            yield version
            undoing = self.undoings.get(version)
            if undoing and undoing.kind == REBUILD and undoing.target == 0:
                return

    def lessons(self, number: int, after: int = 0) -> list[int]:
        """Return the lessons on a version's line that come after another, oldest first.

        Those whose drawing was forgotten or left out are not among them.
        """
        without = self.gone | self.undoings.keys()
        return [n for part in self.line(number).after(after) for n in part if n not in without]

    def count(self, number: int) -> int:
        """Return how many `lessons` a version has."""
        line = self.line(number)
        without = sum(n in line for n in self.gone | self.undoings.keys())
        return sum(map(len, line.ranges)) - without

    def shared(self, number: int) -> int:
        """Return the last version that both this and the newest one came of, or are."""
        for numbers in self.line(number).ranges:
            found = self.current.newest_up_to(numbers[0])
            if found in numbers:
                return found
        return 0

    def holding(self, lessons: Collection[int], among: Iterable[int]) -> set[int]:
        """Return which of some versions have weights that were made with any of these lessons."""
        return {number for number in among if self._holds(number, lessons)}

    def _holds(self, number: int, lessons: Collection[int]) -> bool:
        line = self.line(number)
        left_out = self._left_out(line)
        return any(lesson in line and lesson not in left_out for lesson in lessons)

    def _left_out(self, line: Line) -> set[int | None]:
        rebuilds = (u for u in self.undoings.values() if u.kind == REBUILD)
        return {rebuild.target for rebuild in rebuilds if rebuild.number in line}

    def lost(self, number: int) -> list[int]:
        """Return the lessons in the version's weights whose drawings were forgotten or left out."""
        line = self.line(number)
        return sorted({n for n in self.gone if n in line} - self._left_out(line))

    def continues(self, older: "Lineage") -> bool:
        """Whether nothing but lessons has come since an older state, and nothing changed in it."""
        gone_before = {number for number in self.gone if number <= older.newest}
        same = self.undoings == older.undoings and gone_before == older.gone
        return same and self.newest >= older.newest


def read_lineage(connection: Connection) -> Lineage:
    """Return the lineage as a transaction sees it."""
    number, kind = versions.c.number, versions.c.kind
    query = sql.select(number, kind, versions.c.target, versions.c.drawing.is_(None))
    newest = query.where(number == sql.select(sql.func.max(number)).scalar_subquery())
    both = sql.union(query.where(UNDONE), newest)  # one statement sees one moment
    rows = connection.execute(both).all()
    return Lineage(
        max((row[0] for row in rows), default=0),
        [Undoing(*row[:3]) for row in rows if row[1] != LESSON],
        [row[0] for row in rows if row[1] == LESSON and row[3]],
    )
