"""What is changed while nobody else makes a version: rows undone or deleted, versions added."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.failpoints import failpoint
from inkling.journal.lineage import LESSON, Lineage, read_lineage
from inkling.journal.schema import contents, drawings, versions
from inkling.records import QUEUED, REJECTED, TRAINED
from inkling.rejections import Rejection

Step = tuple[str, int]  # a version's kind and target


class ExclusiveTransaction:
    """A transaction of `Journal.alone`: committed whole when its block ends, or not at all."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lineage(self) -> Lineage:
        """Return all versions, as this transaction sees them."""
        return read_lineage(self._connection)

    def undo_since(self, version: int, rejection: Rejection) -> int:
        """Reject the drawings that were learned after a version; return how many they are."""
        learned_since = (drawings.c.state == TRAINED) & (drawings.c.version > version)
        rejected = {"state": REJECTED, "version": None, "rejection": rejection.to_json()}
        return self._change(drawings.update().where(learned_since).values(rejected))

    def redo(self, lessons: Iterable[int]) -> None:
        """Note that the drawings of these lessons, which had been undone, are learned again."""
        for number in lessons:
            drawing = sql.select(versions.c.drawing).where(versions.c.number == number)
            row = drawings.c.id == drawing.scalar_subquery()
            trained = {"state": TRAINED, "version": number, "rejection": None}
            self._change(drawings.update().where(row).values(trained))

    def lessons_of(self, ids: Collection[str]) -> dict[str, int]:
        """Return the versions that drawings made, by id, of those that made one."""
        query = sql.select(versions.c.drawing, versions.c.number)
        rows = self._connection.execute(query.where(versions.c.drawing.in_(ids)))
        return {id: number for id, number in rows}

    def leave_out(self, ids: Collection[str], rejection: Rejection) -> None:
        """Reject drawings that were learned; their lessons' versions forget whose they were."""
        told = {"version": None, "rejection": rejection.to_json()}
        rows = drawings.update().where(drawings.c.id.in_(ids))
        self._change(rows.values(state=REJECTED, accepted=False, **told))
        self._change(versions.update().where(versions.c.drawing.in_(ids)).values(drawing=None))

    def accept(self, id: str) -> bool:
        """Note that a person trusts a drawing's label; return False where there is no such drawing.

        A rejected drawing is queued again. The version that it had made, before it was rolled back,
        forgets whose it was: it is to make another one.
        """
        row = drawings.c.id == id
        queued = {"state": QUEUED, "rejection": None, "receipt": None}
        rejected = drawings.update().where(row & (drawings.c.state == REJECTED))
        if self._change(rejected.values(queued)):
            self._change(versions.update().where(versions.c.drawing == id).values(drawing=None))
        return bool(self._change(drawings.update().where(row).values(accepted=True)))

    def reject(self, id: str, rejection: Rejection) -> bool:
        """Reject a drawing that the nets do not hold; return False where they do, or it is gone."""
        row = (drawings.c.id == id) & (drawings.c.state != TRAINED)
        rejected = {"state": REJECTED, "accepted": False, "rejection": rejection.to_json()}
        return bool(self._change(drawings.update().where(row).values(rejected)))

    def delete(self, id: str, *, trained: bool) -> bool:
        """Delete a drawing that is in state `trained`, or is not; return False if there is none."""
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA secure_delete=ON")  # zeros in the row's place
        state = drawings.c.state == TRAINED if trained else drawings.c.state != TRAINED
        if not self._change(drawings.delete().where((drawings.c.id == id) & state)):
            return False
        self._change(versions.update().where(versions.c.drawing == id).values(drawing=None))
        return True

    def thin(self, numbers: Iterable[int]) -> None:
        """Take the weights from these versions: the object store shall delete them."""
        thin(self._connection, numbers)

    def objects(self, version: int) -> dict[str, str] | None:
        """Return the names of the objects that a version's weights had, thinned or not."""
        query = sql.select(versions.c.objects).where(versions.c.number == version)
        return self._connection.execute(query).scalar_one_or_none()

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
        if not stands(self._connection, version):
            return False
        self.thin(thinned)
        self.put_back(version, objects, held)
        return True

    def put_back(self, version: int, objects: dict[str, str], held: Mapping[str, bytes]) -> None:
        """Give a version its weights again. `held` as in `add_versions`."""
        hold(self._connection, held)
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
        hold(self._connection, held)
        self.thin(thinned)
        number = newest_version(self._connection)
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
        return self._connection.execute(change).rowcount


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
