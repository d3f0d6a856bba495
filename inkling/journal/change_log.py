"""The log of what was changed of drawings by hand, by whom, and what each was before."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from inkling.journal.database import in_utc
from inkling.journal.reader import JournalReader
from inkling.journal.schema import changes
from inkling.records import State


class Action(StrEnum):
    """What was done to a drawing by hand."""

    DELETE = "delete"
    ACCEPT = "accept"  # it is learned, whatever screen and gate say
    REJECT = "reject"  # it is kept, and leaves the nets
    RELABEL = "relabel"  # it is another digit, or none


class Wanted(NamedTuple):
    """What a drawing is or is to become: its label, and trained, rejected, collected or deleting.

    Queued is trained here: it will be.
    """

    label: int
    state: State

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"label": self.label, "state": self.state.value}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(values["label"], State(values["state"]))


@dataclass(frozen=True)
class Change:
    """What was done by hand.

    drawing: None where it was deleted since, and with it what it was.
    """

    id: int
    drawing: str | None
    action: Action
    by_visitor: bool
    before: Wanted | None
    after: Wanted | None
    undone: bool
    made: datetime

    @property
    def undoable(self) -> bool:
        """Whether it can be taken back."""
        return self.drawing is not None and not self.undone


def latest_changes(journal: JournalReader, limit: int) -> list[Change]:
    """Return what was changed by hand last, newest first, at most `limit`."""
    query = sql.select(changes).order_by(changes.c.id.desc()).limit(limit)
    with journal.read() as connection:
        return [_change(row) for row in connection.execute(query).mappings()]


def find_change(connection: Connection, number: int) -> Change | None:
    """Return the change of this number, where there is one."""
    query = sql.select(changes).where(changes.c.id == number)
    return next(map(_change, connection.execute(query).mappings()), None)


def newest_standing(connection: Connection, drawing: str) -> int | None:
    """Return the number of the last change of a drawing that is not undone."""
    standing = (changes.c.drawing == drawing) & changes.c.undone.is_(False)
    query = sql.select(sql.func.max(changes.c.id)).where(standing)
    found: int | None = connection.execute(query).scalar_one()
    return found


def mark_undone(connection: Connection, number: int) -> None:
    """Note that a change was undone."""
    connection.execute(changes.update().where(changes.c.id == number).values(undone=True))


def forget_drawing(connection: Connection, drawing: str) -> None:
    """Take all that a drawing was from what is noted of it, and its id."""
    nameless = {"drawing": None, "before": None, "after": None}
    connection.execute(changes.update().where(changes.c.drawing == drawing).values(nameless))


def _change(row: RowMapping) -> Change:
    before, after = (row[name] and Wanted.from_json(row[name]) for name in ("before", "after"))
    return Change(
        row["id"],
        row["drawing"],
        Action(row["action"]),
        row["by_visitor"],
        before,
        after,
        row["undone"],
        in_utc(row["created_at"]),
    )


def note(
    connection: Connection,
    action: Action,
    id: str | None = None,
    before: Wanted | None = None,
    after: Wanted | None = None,
    *,
    by_visitor: bool = False,
) -> None:
    """Add a change to the log, within its own transaction."""
    row = {
        "drawing": id,
        "action": action.value,
        "by_visitor": by_visitor,
        "before": before and before.to_json(),
        "after": after and after.to_json(),
        "undone": False,
        "created_at": datetime.now(UTC),
    }
    connection.execute(changes.insert().values(row))
