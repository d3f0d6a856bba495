"""What is changed while nobody else makes a version: rows undone or deleted, versions added."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.failpoints import failpoint
from inkling.journal.lineage import LESSON, Lineage, read_lineage
from inkling.journal.schema import contents, drawings, versions
from inkling.records import DELETING, REJECTED, TRAINED, State
from inkling.rejections import Rejection

Step = tuple[str, int]  # a version's kind and target


class ExclusiveTransaction:
    """A transaction of `Journal.alone`: committed whole when its block ends, or not at all."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection  # for the journal's own modules

    def lineage(self) -> Lineage:
        """Return all versions, as this transaction sees them."""
        return read_lineage(self.connection)

    def undo_since(self, version: int, rejection: Rejection) -> int:
        """Reject the drawings that were learned after a version; return how many they are."""
        learned_since = drawings.c.version > version
        return self._change(drawings.update().where(learned_since).values(_rejected(rejection)))

    def redo(self, lessons: Iterable[int]) -> None:
        """Note that the drawings of these lessons, which had been undone, are learned again."""
        for number in lessons:
            drawing = sql.select(versions.c.drawing).where(versions.c.number == number)
            row = drawings.c.id == drawing.scalar_subquery()
            trained = {"state": _unless_deleting(TRAINED), "version": number, "rejection": None}
            self._change(drawings.update().where(row).values(trained))

    def lessons_of(self, ids: Collection[str]) -> dict[str, int]:
        """Return the versions that drawings made, by id, of those that made one."""
        query = sql.select(versions.c.drawing, versions.c.number)
        rows = self.connection.execute(query.where(versions.c.drawing.in_(ids)))
        return {id: number for id, number in rows}

    def leave_out(self, ids: Collection[str], rejection: Rejection) -> None:
        """Reject drawings that were learned; their lessons' versions forget whose they were."""
        rows = drawings.update().where(drawings.c.id.in_(ids))
        self._change(rows.values(accepted=False, **_rejected(rejection)))
        self.forget_lessons(ids)

    def forget_lessons(self, ids: Collection[str]) -> None:
        """Have versions forget that drawings made them: those are gone, or are others now."""
        self._change(versions.update().where(versions.c.drawing.in_(ids)).values(drawing=None))

    def delete(self, ids: Collection[str]) -> None:
        """Delete drawings; their lessons' versions forget whose they were."""
        erase(self.connection)
        self._change(drawings.delete().where(drawings.c.id.in_(ids)))
        self.forget_lessons(ids)

    def thin(self, numbers: Iterable[int]) -> None:
        """Take the weights from these versions: the object store shall delete them."""
        thin(self.connection, numbers)

    def thin_holding(self, lessons: Collection[int]) -> None:
        """Take the weights from the versions that hold any of these lessons."""
        if lessons:
            kept = self.connection.execute(sql.select(versions.c.number).where(versions.c.kept))
            self.thin(self.lineage().holding(lessons, [*kept.scalars()]))

    def objects(self, version: int) -> dict[str, str] | None:
        """Return the names of the objects that a version's weights had, thinned or not."""
        query = sql.select(versions.c.objects).where(versions.c.number == version)
        return self.connection.execute(query).scalar_one_or_none()

    def name_weights(
        self,
        version: int,
        objects: dict[str, str],
        held: Mapping[str, bytes],
        thinned: Iterable[int],
    ) -> bool:
        """Give a version its weights; return False where something was undone since it was made.

        `held` and `thinned` as in `add_versions`.
        """
        if not stands(self.connection, version):
            return False
        self.thin(thinned)
        self.put_back(version, objects, held)
        return True

    def put_back(self, version: int, objects: dict[str, str], held: Mapping[str, bytes]) -> None:
        """Give a version its weights again. `held` as in `add_versions`."""
        hold(self.connection, held)
        again = {"objects": objects, "kept": True, "stored": not held}
        self._change(versions.update().where(versions.c.number == version).values(again))

    def add_versions(
        self,
        steps: Sequence[Step],
        objects: dict[str, str],
        held: Mapping[str, bytes],
        thinned: Iterable[int],
        rule: str,
    ) -> int:
        """Make versions that are no lessons; return the last one's number.

        `objects` name the last one's weights. `held` are objects, by name, that the journal holds
        because the object store does not have them yet. `thinned` versions lose their weights.
        `rule` is the name of the rule by which all of them learned.
        """
        hold(self.connection, held)
        self.thin(thinned)
        number = newest_version(self.connection)
        for position, (kind, target) in enumerate(steps, 1):
            last, number = position == len(steps), number + 1
            self._change(
                versions.insert().values(
                    number=number,
                    kind=kind,
                    target=target,
                    rule=rule,
                    objects=objects if last else None,
                    stored=not last or not held,
                    kept=last,
                    created_at=datetime.now(UTC),
                )
            )
        failpoint("version inserted")
        return number

    def _change(self, change: sql.Insert | sql.Update | sql.Delete) -> int:
        return self.connection.execute(change).rowcount


def _rejected(rejection: Rejection) -> dict[str, Any]:
    """Return what a row becomes that the nets do not hold any more."""
    return {
        "state": _unless_deleting(REJECTED),
        "version": None,
        "wanted": None,
        "rejection": rejection.to_json(),
    }


def _unless_deleting(state: State) -> sql.Case[str]:
    """Return a row's new state: what is being deleted stays so."""
    return sql.case((drawings.c.state == DELETING, DELETING.value), else_=state.value)


def erase(connection: Connection) -> None:
    """Have the database put zeros in the place of what a transaction takes away."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def newest_version(connection: Connection) -> int:
    """Return the newest version's number, as a transaction sees it; 0 while there is none."""
    return connection.execute(sql.select(sql.func.max(versions.c.number))).scalar() or 0


def stands(connection: Connection, version: int, *conditions: sql.ColumnElement[bool]) -> bool:
    """Return whether there is a version that meets the conditions, and nothing was undone since."""
    there = sql.exists().where(versions.c.number == version, *conditions)
    undone = sql.exists().where(versions.c.number > version, versions.c.kind != LESSON)
    return bool(connection.execute(sql.select(there & ~undone)).scalar_one())


def thin(connection: Connection, numbers: Iterable[int]) -> None:
    """Take the weights from these versions."""
    rows = versions.c.number.in_(list(numbers))
    connection.execute(versions.update().where(rows).values(kept=False))


def hold(connection: Connection, held: Mapping[str, bytes]) -> None:
    """Put the newest weights in the place of older ones.

    Those of an older version that the object store does not have yet are thinned: the journal
    holds one set of weights, however long the store is away.
    """
    waiting = versions.c.stored.is_(False)
    connection.execute(versions.update().where(waiting).values(kept=False, stored=True))
    connection.execute(contents.delete())
    for name, content in held.items():
        connection.execute(contents.insert().values(name=name, content=content))


def held(connection: Connection, name: str) -> bytes | None:
    """Return the weights under this name, where the journal itself holds them."""
    query = sql.select(contents.c.content).where(contents.c.name == name)
    return connection.execute(query).scalar_one_or_none()
