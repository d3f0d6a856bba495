"""Counts that the database keeps with each change: always those of the rows, however they came."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from inkling.history.forget import forget
from inkling.history.review import accept, reject
from inkling.history.rollback import rollback
from inkling.history.verify import verify
from inkling.journal.database import Database
from inkling.journal.schema import drawings, tallies
from inkling.journal.tallies import count_drawings, read_tallies, total
from inkling.journal.writer import Journal
from inkling.records import (
    COLLECTED,
    DELETING,
    NOT_A_DIGIT,
    QUEUED,
    REJECTED,
    TRAINED,
    Drawing,
    State,
)
from inkling.settings import ROOT
from testing.places import KINDS, ORIGINALS, REJECTION, Place, fnn, labelled, open_place
from tests.journal.test_plans import row


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with open_place(request.param, tmp_path, request) as place:
        yield place


def counted(place: Place) -> dict[State, int]:
    """What the journal says, after a look that it is what the rows say."""
    with place.journal.read() as connection:
        assert read_tallies(connection) == count_drawings(connection)
    return {state: count for state, count in place.journal.counts().items() if count}


def no_digit() -> Drawing:
    return Drawing(str(uuid.uuid4()), NOT_A_DIGIT, b"png", bytes(784), state=COLLECTED)


def test_an_empty_journal_counts_nothing(place: Place) -> None:
    assert counted(place) == {}
    assert place.journal.no_digits() == 0


def test_counts_follow_what_becomes_of_each_drawing(place: Place) -> None:
    ids = [place.journal.add(labelled(number)).id for number in range(6)]
    place.journal.add(no_digit())
    assert counted(place) == {QUEUED: 6, COLLECTED: 1}
    assert place.journal.no_digits() == 1
    place.journal.reject(ids[5], REJECTION)
    place.learn()
    assert counted(place) == {TRAINED: 5, REJECTED: 1, COLLECTED: 1}
    rollback(place.outbox, ORIGINALS, fnn(), 3)
    assert counted(place) == {TRAINED: 3, REJECTED: 3, COLLECTED: 1}
    rollback(place.outbox, ORIGINALS, fnn(), 4)
    assert counted(place) == {TRAINED: 4, REJECTED: 2, COLLECTED: 1}
    accept(place.journal, [ids[5]])
    assert counted(place) == {QUEUED: 1, TRAINED: 4, REJECTED: 1, COLLECTED: 1}
    reject(place.outbox, ORIGINALS, fnn, [ids[0]])
    assert counted(place) == {QUEUED: 1, TRAINED: 3, REJECTED: 2, COLLECTED: 1}
    for id in ids:
        forget(place.outbox, ORIGINALS, fnn, id)
    assert counted(place) == {COLLECTED: 1}


def test_a_transaction_that_fails_leaves_the_counts_as_they_were(place: Place) -> None:
    place.journal.add(labelled(1))
    with pytest.raises(RuntimeError), place.journal.write() as connection:
        connection.execute(drawings.update().values(state=REJECTED))
        connection.execute(drawings.delete())
        raise RuntimeError
    assert counted(place) == {QUEUED: 1}


def test_rows_that_are_changed_by_hand_are_counted_too(place: Place) -> None:
    for number in range(4):
        place.journal.add(labelled(number))
    with place.journal.write() as connection:
        last = drawings.c.position == 4
        values = {"label": NOT_A_DIGIT, "state": COLLECTED, "position": 40}
        connection.execute(drawings.update().where(last).values(values))
        connection.execute(drawings.delete().where(drawings.c.position == 1))
    assert counted(place) == {QUEUED: 2, COLLECTED: 1}
    with place.journal.snapshot() as snapshot:
        assert total(snapshot.tallies(), [QUEUED, COLLECTED]).positions == 2 + 3 + 40


def test_many_may_label_while_a_trainer_learns_and_rejects(place: Place) -> None:
    start = threading.Barrier(5)

    def label(client: int) -> None:
        journal = Journal(place.settings.journal_url)
        start.wait()
        for n in range(20):
            id = journal.add(labelled(client + n)).id
            if n % 3 == 0:
                accept(journal, [id])
        journal.close()

    with ThreadPoolExecutor(5) as pool:
        clients = [pool.submit(label, client) for client in range(4)]
        start.wait()
        while not all(client.done() for client in clients):
            for drawing in place.journal.queued(3):
                place.journal.reject(drawing.id, REJECTION)
        for client in clients:
            client.result()
    assert sum(counted(place).values()) == 80


def test_verify_tells_counts_that_are_not_those_of_the_rows(place: Place) -> None:
    place.journal.add(labelled(1))
    place.journal.add(no_digit())
    with place.journal.write() as connection:
        connection.execute(tallies.update().values(count=7))
    (finding,) = verify(place.outbox, ORIGINALS, None).findings
    assert finding.problem == (
        "Counts that are not those of the rows: collected, no digit, queued."
    )


def test_a_journal_of_before_is_counted_when_it_is_brought_up_to_date(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/journal.sqlite"
    older = Config()
    older.set_main_option("script_location", str(ROOT / "inkling" / "journal" / "migrations"))
    database = Database(url)
    with database.write() as connection:
        older.attributes["connection"] = connection
        command.upgrade(older, "journal6")
        connection.execute(drawings.insert(), [row(number) for number in range(1, 31)])
    database.close()
    journal = Journal(url)
    assert journal.counts() == {QUEUED: 0, TRAINED: 27, REJECTED: 3, COLLECTED: 0, DELETING: 0}
    with journal.read() as connection:
        assert read_tallies(connection) == count_drawings(connection)
    journal.close()
