"""What the examples of the REST documentation ask about: a drawing, and a change of it."""

from datetime import UTC, datetime

from inkling.journal.changes import hash_of
from inkling.journal.schema import changes, drawings, jobs
from inkling.journal.writer import Journal
from inkling.records import COLLECTED
from inkling.web.openapi.drawing import DRAWING
from inkling.web.openapi.own_drawings import SECRET


def put_back(journal: Journal) -> None:
    """Make all that the examples ask about as it was, whatever was asked before.

    The drawing is a collected 7, which was relabelled by the change of number 1; no job is there.
    """
    change = {
        "id": 1,
        "drawing": DRAWING,
        "action": "relabel",
        "by_visitor": False,
        "before": {"label": 1, "state": "collected"},
        "after": {"label": 7, "state": "collected"},
        "created_at": datetime.now(UTC),
    }
    row = {"state": COLLECTED, "label": 7, "secret_hash": hash_of(SECRET), "rejection": None}
    with journal.write() as connection:
        connection.execute(jobs.delete())  # else a network is trained already
        connection.execute(drawings.update().where(drawings.c.id == DRAWING).values(row))
        connection.execute(changes.delete())
        connection.execute(changes.insert().values(change))
