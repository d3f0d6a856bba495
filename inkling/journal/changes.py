"""What visitors and the operator change of labelled drawings: asked for, done, and noted.

What the nets do not hold changes at once. A drawing that they learned keeps its label and its
place, with a note of what it is to become, until they are made anew (`history/changes.py`); one
that is to be deleted is shown and given to nobody from the moment that it is asked for.
"""

import hashlib
import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.errors import InvalidInput
from inkling.journal import change_log
from inkling.journal.change_log import Action, Wanted
from inkling.journal.exclusive import ExclusiveTransaction, erase
from inkling.journal.reader import JournalReader
from inkling.journal.schema import CHANGING, drawings, unwanted
from inkling.journal.writer import Journal, notice
from inkling.records import (
    COLLECTED,
    DELETING,
    NOT_A_DIGIT,
    QUEUED,
    REJECTED,
    RELABELLED,
    TRAINED,
    State,
)
from inkling.rejections import Code, Rejection
from inkling.storage import keys
from inkling.words import marked

REVIEWED = Rejection(Code.REVIEWED)


class WrongSecret(InvalidInput):
    """Who asks for a drawing to be deleted does not know its secret. Nothing was changed."""


@dataclass(frozen=True)
class Changing:
    """A drawing as its row is, and what it is to become.

    version: its lesson's; None where the nets do not hold it. wanted: where nothing else is asked
    for, what it is.
    """

    id: str
    label: int
    state: State
    version: int | None
    said: dict[str, int]
    wanted: Wanted


def hash_of(secret: str) -> bytes:
    """Return what the journal keeps of a secret: SHA-256, as it is random and long."""
    return hashlib.sha256(secret.encode()).digest()


def delete_own(journal: Journal, id: str, secret: str) -> bool:
    """Have a visitor's drawing deleted; return False where there is none of this id.

    Raises WrongSecret where the secret is not that drawing's.
    """
    with journal.alone() as change:
        query = sql.select(drawings.c.secret_hash).where(drawings.c.id == id)
        row = change.connection.execute(query).one_or_none()
        if row is not None and not hmac.compare_digest(row.secret_hash or b"", hash_of(secret)):
            raise WrongSecret(
                marked("This is not the secret that the drawing was given with."),
                marked("Nothing was changed."),
            )
        return _delete(change, id, by_visitor=True)


def delete(journal: Journal, id: str) -> bool:
    """Have a drawing deleted, as the operator; return False where there is none."""
    with journal.alone() as change:
        return _delete(change, id, by_visitor=False)


def _delete(change: ExclusiveTransaction, id: str, *, by_visitor: bool) -> bool:
    """Take a drawing from all that shows and gives drawings, and from the store."""
    found = _find(change, id)
    if found is None:
        return False
    if found.state == DELETING:
        return True
    erase(change.connection)
    gone: dict[str, Any] = {
        "strokes": None,
        "predictions": {},
        "said": {},
        "answer": None,
        "receipt": None,
    }
    _update(change, id, state=DELETING, wanted=None, rejection=None, **gone)
    _unwant(change, found)
    change_log.forget_drawing(change.connection, id)
    change_log.note(change.connection, Action.DELETE, by_visitor=by_visitor)
    return True


def accept(change: ExclusiveTransaction, id: str) -> None:
    """Have a drawing learned, past screen and gate; one that was only collected stays so.

    Raises InvalidInput where there is no such drawing, here and in all below.
    """
    _become(change, id, Action.ACCEPT, lambda now: now._replace(state=_learned(now.state)))


def reject(change: ExclusiveTransaction, id: str) -> None:
    """Have a drawing kept, and not learned."""
    _become(change, id, Action.REJECT, lambda now: now._replace(state=REJECTED))


def relabel(change: ExclusiveTransaction, id: str, label: int) -> None:
    """Have a drawing be another digit, or none, which nothing learns."""

    def become(now: Wanted) -> Wanted:
        return Wanted(label, COLLECTED if label == NOT_A_DIGIT else now.state)

    _become(change, id, Action.RELABEL, become)


def undo(change: ExclusiveTransaction, number: int) -> None:
    """Make a drawing again what it was before a change, the last one of it that is not undone."""
    done = change_log.find_change(change.connection, number)
    if done is None or done.drawing is None or done.before is None or done.undone:
        raise InvalidInput(f"Change {number} cannot be undone.", "Look at those that can.")
    if change_log.newest_standing(change.connection, done.drawing) != number:
        raise InvalidInput("The drawing was changed again since.", "Undo that first.")
    _set(change, _known(change, done.drawing), done.before)
    change_log.mark_undone(change.connection, number)


def _learned(state: State) -> State:
    return COLLECTED if state == COLLECTED else TRAINED


def _become(
    change: ExclusiveTransaction, id: str, action: Action, become: Callable[[Wanted], Wanted]
) -> None:
    found = _known(change, id)
    wanted = become(found.wanted)
    _set(change, found, wanted)
    if wanted != found.wanted:
        change_log.note(change.connection, action, id, found.wanted, wanted)


def _known(change: ExclusiveTransaction, id: str) -> Changing:
    found = _find(change, id)
    if found is None or found.state == DELETING:
        raise InvalidInput(
            f"There is no drawing {id}. Nothing was changed.", "Look: inkling review."
        )
    return found


def _set(change: ExclusiveTransaction, found: Changing, wanted: Wanted) -> None:
    """Change a drawing that the nets do not hold; note what one is to become that they do."""
    if found.version is None:
        _settle(change, found, wanted)
        return
    as_it_is = wanted == Wanted(found.label, TRAINED)
    note = None if as_it_is else wanted.to_json()
    _update(change, found.id, wanted=note, accepted=wanted.state != REJECTED)


def settle(change: ExclusiveTransaction, found: Changing) -> None:
    """Make a drawing what is wanted of it, where the nets are as if it had always been that."""
    if found.wanted.state == DELETING:
        change.delete([found.id])
    else:
        _settle(change, found, found.wanted)


def _settle(change: ExclusiveTransaction, found: Changing, wanted: Wanted) -> None:
    stays = found.version is not None and wanted.state == TRAINED
    other = wanted.label != found.label
    values: dict[str, Any] = {"label": wanted.label, "wanted": None}
    if other:
        believers = sum(digit == wanted.label for digit in found.said.values())
        values |= {"stored": False, "believers": believers, "receipt": None}
        _unwant(change, found)
        notice(change.connection, RELABELLED, str(uuid.uuid4()))
    if not stays:
        state = QUEUED if wanted.state == TRAINED else wanted.state
        rejection = REVIEWED.to_json() if state == REJECTED else None
        values |= {"state": state, "version": None, "rejection": rejection, "receipt": None}
        values |= {"accepted": wanted.state != REJECTED}
        if other or state != REJECTED or found.version is not None:
            _take_from_history(change, found.id)
    _update(change, found.id, **values)


def _take_from_history(change: ExclusiveTransaction, id: str) -> None:
    """Have the version that a drawing had made forget whose it was.

    It may make another one, or is not what that learned. Weights that hold it go where nothing
    goes back to them: the newest ones are made anew without it.
    """
    made = {*change.lessons_of([id]).values()}
    change.thin_holding(made - {*filter(change.lineage().current.__contains__, made)})
    change.forget_lessons([id])


def waiting(connection: Connection) -> list[Changing]:
    """Return the drawings that wait to be changed, the oldest label first."""
    query = _columns().where(CHANGING).order_by(drawings.c.position)
    return [_changing(row) for row in connection.execute(query)]


def count_waiting(journal: JournalReader) -> int:
    """Return how many drawings wait for the nets to be made anew, or to be deleted."""
    query = sql.select(sql.func.count()).select_from(drawings).where(CHANGING)
    with journal.read() as connection:
        return int(connection.execute(query).scalar_one())


def _columns() -> sql.Select[Any]:
    names = ("id", "label", "state", "version", "said", "wanted")
    return sql.select(*(drawings.c[name] for name in names))


def _find(change: ExclusiveTransaction, id: str) -> Changing | None:
    row = change.connection.execute(_columns().where(drawings.c.id == id)).one_or_none()
    return None if row is None else _changing(row)


def _changing(row: sql.Row[Any]) -> Changing:
    state = State(row.state)
    is_now = Wanted(row.label, TRAINED if state == QUEUED else state)
    wanted = Wanted.from_json(row.wanted) if row.wanted else is_now
    return Changing(row.id, row.label, state, row.version, row.said, wanted)


def _update(change: ExclusiveTransaction, id: str, **values: Any) -> None:
    change.connection.execute(drawings.update().where(drawings.c.id == id).values(values))


def _unwant(change: ExclusiveTransaction, found: Changing) -> None:
    """Have the uploader delete what the store has of a drawing under its label."""
    names = [keys.drawing_key(found.label, found.id, end) for end in keys.ENDS]
    connection = change.connection
    connection.execute(unwanted.delete().where(unwanted.c.name.in_(names)))
    connection.execute(unwanted.insert(), [{"name": name} for name in names])
