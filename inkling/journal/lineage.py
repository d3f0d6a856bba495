"""Which lessons the weights of a version hold, past rollbacks and forgotten drawings; the history.

A version comes of the one before it, a rollback's of the one that it went back to. The lessons on
the newest version's line are the drawings in state TRAINED, in the order of their versions.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.errors import InklingError
from inkling.journal.schema import RULE, versions

LESSON, ROLLBACK, REBUILD = "lesson", "rollback", "rebuild"


class MissingLesson(InklingError):
    """The journal has not what a version was made of. The message says what."""


@dataclass(frozen=True)
class Version:
    """What a version came of."""

    number: int
    kind: str
    target: int | None  # gone back to by a rollback, left out by a rebuild (0: none)
    drawing: str | None  # that a lesson learned; None: forgotten, or left out
    rule: str = RULE  # by which its weights learned, all of them


class Lineage:
    """All versions and who came of whom, as they were at one moment.

    >>> back = Version(3, ROLLBACK, 1, None)  # after two lessons, back to the first
    >>> lineage = Lineage([Version(1, LESSON, None, "a"), Version(2, LESSON, None, "b"), back])
    >>> lineage.line(3), lineage.lessons(3), lineage.lessons(2)
    ([3, 1], [1], [1, 2])
    """

    def __init__(self, found: Iterable[Version]) -> None:
        self.versions = {version.number: version for version in found}
        self.newest = max(self.versions, default=0)

    def _parent(self, number: int) -> int:
        found = self.versions.get(number)
        if found and found.kind == ROLLBACK and found.target is not None:
            return min(found.target, number - 1)
        return number - 1

    def line(self, number: int) -> list[int]:
        """Return the version and all that it came of, newest first, down to 1."""
        line = []
        while number > 0:
            line.append(number)
            number = self._parent(number)
        return line

    def since_all_was_learned_again(self, number: int) -> list[int]:
        """Return the version's line, newest first, down to the one that learned all again, if any.

        What is stored of before that came of other originals or of another rule.
        """
        line = self.line(number)
        found = (n for n, v in enumerate(line) if self._learned_all_again(v))
        return line[: next(found, len(line)) + 1]

    def _learned_all_again(self, number: int) -> bool:
        found = self.versions.get(number)
        return found is not None and found.kind == REBUILD and found.target == 0

    @cached_property
    def current(self) -> set[int]:
        """The newest version and all that it came of."""
        return {*self.line(self.newest)}

    def rule(self, number: int) -> str | None:
        """Return by which rule a version's weights learned; None for the originals."""
        return self.versions[number].rule if number in self.versions else None

    def _learned(self, number: int) -> bool:
        found = self.versions.get(number)
        return found is not None and found.kind == LESSON

    def lessons(self, number: int, after: int = 0) -> list[int]:
        """Return the lessons on a version's line that come after another, oldest first.

        Those whose drawing was forgotten or left out are not among them.
        """
        line = (n for n in self.line(number) if n > after and self._learned(n))
        return [n for n in line if self.versions[n].drawing is not None][::-1]

    def shared(self, number: int) -> int:
        """Return the last version that both this and the newest one came of, or are."""
        return next((n for n in self.line(number) if n in self.current), 0)

    def holding(self, lessons: Collection[int]) -> set[int]:
        """Return the versions whose weights were made with any of these lessons."""
        held: dict[int, set[int]] = {}  # by version
        for number, version in sorted(self.versions.items()):
            found = held.get(self._parent(number), set())
            if version.kind == REBUILD:
                found = found - {version.target}
            if number in lessons:
                found = found | {number}
            if found:
                held[number] = found
        return {*held}

    def lost(self, number: int) -> list[int]:
        """Return the lessons in the version's weights whose drawings were forgotten or left out."""
        line = self.line(number)
        found = [self.versions[n] for n in line if n in self.versions]
        left_out = {version.target for version in found if version.kind == REBUILD}
        forgotten = {v.number for v in found if v.kind == LESSON and v.drawing is None}
        return sorted(forgotten - left_out)

    def continues(self, older: "Lineage") -> bool:
        """Whether nothing but lessons has come since an older state, and nothing changed in it."""
        same = all(self.versions.get(n) == version for n, version in older.versions.items())
        return same and all(self._learned(n) for n in self.versions.keys() - older.versions.keys())


def read_lineage(connection: Connection) -> Lineage:
    """Return the lineage as a transaction sees it."""
    names = (versions.c[name] for name in Version.__dataclass_fields__)
    rows = connection.execute(sql.select(*names))
    return Lineage(Version(**row) for row in rows.mappings())
