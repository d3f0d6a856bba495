"""`verify` after a rollback and a forgotten drawing: silent where all fits, else it tells what."""

import pytest
import sqlalchemy as sql

from inkling.history.forget import forget
from inkling.history.rollback import rollback
from inkling.journal.schema import drawings, versions
from testing.places import ORIGINALS, Place, fnn
from tests.history.conftest import problems, teach

OF = versions.c.number
BROKEN: dict[str, tuple[sql.Update | sql.Delete, str]] = {
    "a rolled back drawing vanished": (
        drawings.delete().where(drawings.c.state == "rejected"),
        "Versions whose drawing is neither there nor forgotten: 5.",
    ),
    "a rolled back drawing counts": (
        drawings.update().where(drawings.c.state == "rejected").values(state="trained", version=5),
        "Versions that were rolled back and count as trained: 5.",
    ),
    "a rollback to nothing": (
        versions.update().where(OF == 6).values(target=None),
        "Versions that are no lesson and do not say of what: 6.",
    ),
    "a rollback to the future": (
        versions.update().where(OF == 6).values(target=7),
        "Versions that are no lesson and do not say of what: 6.",
    ),
    "a rebuild without what is there": (
        versions.update().where(OF == 7).values(target=1),
        "Versions that are no lesson and do not say of what: 7.",
    ),
    "a rebuild that left nothing out": (
        versions.update().where(OF == 7).values(target=3),
        "Versions whose weights hold a forgotten drawing: 7.",
    ),
    "a lesson that names nothing": (
        versions.update().where(OF == 4).values(drawing=None),
        "Trained drawings that made no version: ",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_fit_is_found(place: Place, name: str) -> None:
    taught = teach(place, 5)
    rollback(place.outbox, ORIGINALS, fnn(), 4)
    forget(place.outbox, ORIGINALS, fnn, taught[1].id)
    place.deliver()
    assert problems(place) == []
    statement, expected = BROKEN[name]
    with place.journal.engine.begin() as connection:
        connection.execute(statement)
    assert any(expected in problem for problem in problems(place)), problems(place)


# `make test` has each of these on SQLite and a folder, and a few on PostgreSQL and a remote store.
LONG_AT = "PostgreSQL"
