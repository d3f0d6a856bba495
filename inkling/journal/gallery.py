"""Labelled drawings to be looked at, newest first, a page at a time, by what is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sql

from inkling.journal.change_log import Wanted
from inkling.journal.database import in_utc
from inkling.journal.reader import JournalReader
from inkling.journal.rows import fields_of
from inkling.journal.schema import drawings
from inkling.records import NOT_A_DIGIT, State
from inkling.rejections import Rejection


class Said(StrEnum):
    """What the app, or its models, had said before a label."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"
    NOBODY = "nobody"  # no model said the label


CONDITIONS: Mapping[Said, sql.ColumnElement[bool]] = {
    Said.RIGHT: drawings.c.answer == drawings.c.label,
    Said.WRONG: drawings.c.answer != drawings.c.label,
    Said.UNSURE: drawings.c.answer.is_(None),
    Said.NOBODY: (drawings.c.believers == 0) & (drawings.c.label != NOT_A_DIGIT),
}


@dataclass(frozen=True)
class Asked:
    """Which drawings are asked for.

    label: a digit, or NOT_A_DIGIT; None: any digit, and none where no_digits is true. before: a
    position; older labels are wanted.
    """

    states: tuple[State, ...]
    label: int | None = None
    said: Said | None = None
    no_digits: bool = False
    before: int | None = None


@dataclass(frozen=True)
class Exhibit:
    """A drawing as it is shown. digit: 28×28 bytes, 255 the darkest ink."""

    id: str
    position: int
    digit: bytes
    label: int
    answer: int | None
    state: State
    rejection: Rejection | None
    wanted: Wanted | None  # what it is to become, where that waits for the nets
    made: datetime


COLUMNS = ("id", "position", "digit", "label", "answer", "state", "rejection", "wanted")


def exhibits(journal: JournalReader, asked: Asked, limit: int) -> list[Exhibit]:
    """Return the drawings that are asked for, newest first, at most `limit`."""
    columns = [drawings.c[name] for name in COLUMNS]
    query = sql.select(*columns, drawings.c.created_at).where(drawings.c.state.in_(asked.states))
    if asked.label is not None:
        query = query.where(drawings.c.label == asked.label)
    elif not asked.no_digits:
        query = query.where(drawings.c.label != NOT_A_DIGIT)
    if asked.said is not None:
        query = query.where(CONDITIONS[asked.said])
    if asked.before is not None:
        query = query.where(drawings.c.position < asked.before)
    query = query.order_by(drawings.c.position.desc()).limit(limit)
    with journal.read() as connection:
        return [_exhibit(row) for row in connection.execute(query).mappings()]


def _exhibit(row: Any) -> Exhibit:
    found = fields_of(row, COLUMNS)
    wanted = found.pop("wanted")
    made = in_utc(row["created_at"])
    return Exhibit(**found, wanted=Wanted.from_json(wanted) if wanted else None, made=made)


def picture_of(journal: JournalReader, id: str) -> bytes | None:
    """Return a drawing's PNG; None where there is no such drawing."""
    with journal.read() as connection:
        query = sql.select(drawings.c.png).where(drawings.c.id == id)
        return connection.execute(query).scalar_one_or_none()
