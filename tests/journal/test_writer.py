"""The journal: rows, order, states; one transaction for a lesson; many writers at once."""

import multiprocessing
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from inkling.journal.database import RowConflict
from inkling.journal.schema import drawings
from inkling.journal.writer import Journal, open_journal
from inkling.records import (
    COLLECTED,
    QUEUED,
    REJECTED,
    TRAINED,
    Drawing,
    Lesson,
    Outcome,
    State,
    VersionConflict,
)
from inkling.settings import Settings
from testing.commits import commit
from testing.places import REJECTION
from testing.postgres import needs_postgres, new_database

RECEIPT = {"fnn_retrained": {"before": 0.25, "after": 0.5}}


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=needs_postgres)])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Every test runs on both databases."""
    if request.param == "SQLite":
        return settings
    return replace(settings, database_url=new_database(request.getfixturevalue("postgres_server")))


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    journal = open_journal(settings)
    yield journal
    journal.close()


def new(label: int = 7, state: State = QUEUED) -> Drawing:
    said = {"fnn": [0.1] * 10}
    return Drawing(str(uuid.uuid4()), label, b"png", bytes(784), said, state=state)


def test_a_row_comes_back_as_it_was_given(journal: Journal) -> None:
    drawing = replace(new(3), strokes=[[[1, 2], [3.5, 4], [0, 9]]])
    journal.add(drawing)
    assert journal.find(drawing.id) == replace(drawing, position=1)
    assert journal.find(str(uuid.uuid4())) is None


def test_an_id_that_is_known_gives_the_older_row(journal: Journal) -> None:
    first = new(3)
    journal.add(first)
    assert journal.add(replace(first, label=4)).label == 3
    assert journal.counts()[QUEUED] == 1


def test_queued_rows_come_in_the_order_of_their_labels(journal: Journal) -> None:
    drawings = [new(n) for n in range(5)]
    for drawing in drawings:
        journal.add(drawing)
    journal.add(new(9, COLLECTED))
    assert [d.id for d in journal.queued(3)] == [d.id for d in drawings[:3]]
    assert len(journal.queued(100)) == 5


def test_a_lesson_changes_row_and_version_together(journal: Journal) -> None:
    drawing = journal.add(new())
    commit(journal, [Lesson(drawing, 1, RECEIPT)], {"fnn": "weights/1/fnn.npz"})
    learned = journal.find(drawing.id)
    assert learned is not None
    assert (learned.state, learned.version, learned.receipt) == (TRAINED, 1, RECEIPT)
    assert journal.current_version() == 1
    assert journal.objects(1) == {"fnn": "weights/1/fnn.npz"}


def test_of_lessons_that_share_a_commit_the_last_has_the_weights(journal: Journal) -> None:
    lessons = [Lesson(journal.add(new()), number, RECEIPT) for number in (1, 2, 3)]
    commit(journal, lessons, {"fnn": "name"})
    assert journal.current_version() == 3
    assert journal.kept_versions() == {3: {"fnn": "name"}}
    assert journal.objects(1) is None


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_version_that_is_not_the_next_one_changes_nothing(journal: Journal, version: int) -> None:
    journal.commit([Lesson(journal.add(new()), 1, RECEIPT)])
    drawing = journal.add(new())
    with pytest.raises(VersionConflict):
        journal.commit([Lesson(drawing, version, RECEIPT)])
    assert journal.current_version() == 1
    assert journal.queued(1)[0].id == drawing.id


def test_a_drawing_is_learned_once(journal: Journal) -> None:
    drawing, other = journal.add(new()), journal.add(new())
    journal.commit([Lesson(drawing, 1, RECEIPT)])
    with pytest.raises((VersionConflict, RowConflict)):
        journal.commit([Lesson(other, 2, RECEIPT), Lesson(drawing, 3, RECEIPT)])
    assert journal.current_version() == 1
    assert journal.queued(10)[0].id == other.id


def test_a_rejected_drawing_stays_with_its_reason(journal: Journal) -> None:
    drawing = journal.add(new())
    journal.reject(drawing.id, REJECTION)
    kept = journal.find(drawing.id)
    assert kept is not None
    assert (kept.state, kept.rejection, kept.version) == (REJECTED, REJECTION, None)
    with pytest.raises(VersionConflict):
        journal.reject(drawing.id, REJECTION)


@pytest.mark.parametrize("label", [-2, 10])
def test_the_database_itself_refuses_a_label_that_is_no_digit(journal: Journal, label: int) -> None:
    with pytest.raises(RowConflict):
        journal.add(new(label))
    assert sum(journal.counts().values()) == 0


def add_many(url: str, count: int) -> None:
    journal = Journal(url)
    for _ in range(count):
        journal.add(new())


def test_four_processes_write_at_once(settings: Settings) -> None:
    journal = open_journal(settings)
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=add_many, args=(settings.journal_url, 50)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert journal.counts()[QUEUED] == 200
    positions = [d.position for d in journal.queued(300)]
    assert positions == list(range(1, 201))


def test_a_reader_neither_waits_for_a_writer_nor_sees_what_is_not_committed(
    journal: Journal, settings: Settings
) -> None:
    journal.add(new())
    writer = open_journal(settings)
    with writer.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(drawings.delete())
        assert journal.counts()[QUEUED] == 1
        transaction.rollback()
    assert journal.counts()[QUEUED] == 1
    writer.close()


def test_a_journal_opens_again_with_what_it_had(journal: Journal, settings: Settings) -> None:
    drawing = journal.add(new())
    again = open_journal(settings)
    assert again.find(drawing.id) == replace(drawing, position=1)
    again.close()


def test_the_same_label_sent_twice_at_once_is_one_row(journal: Journal) -> None:
    labels = [new(n % 10) for n in range(40)]

    def add(drawing: Drawing) -> str:
        return journal.add(drawing).id

    with ThreadPoolExecutor(4) as pool:
        added = [*pool.map(add, [drawing for drawing in labels for _ in range(4)])]
    assert added == [drawing.id for drawing in labels for _ in range(4)]
    assert journal.counts()[QUEUED] == 40


def test_of_many_trainers_one_makes_a_version(journal: Journal) -> None:
    labels = [journal.add(new()) for _ in range(4)]
    start = threading.Barrier(4)

    def commit(drawing: Drawing) -> bool:
        start.wait()
        try:
            journal.commit([Lesson(drawing, 1, RECEIPT)])
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(commit, labels)) == [False] * 3 + [True]
    assert journal.current_version() == 1
    assert journal.counts()[TRAINED] == 1


def test_what_became_of_a_drawing_is_told_without_it(journal: Journal) -> None:
    drawing = journal.add(new())
    assert journal.outcome(drawing.id) == Outcome(
        drawing.id, drawing.label, QUEUED, None, None, None
    )
    journal.commit([Lesson(drawing, 1, RECEIPT)])
    assert journal.outcome(drawing.id) == Outcome(
        drawing.id, drawing.label, TRAINED, 1, RECEIPT, None
    )
    assert journal.outcome(str(uuid.uuid4())) is None


def test_lessons_come_in_the_order_of_their_versions(journal: Journal) -> None:
    first, second, third = (journal.add(new(n)) for n in (1, 2, 3))
    journal.commit([Lesson(second, 1, {}), Lesson(third, 2, {}), Lesson(first, 3, {})])
    assert [d.label for d in journal.lessons()] == [2, 3, 1]
    assert [d.label for d in journal.lessons(2)] == [2, 3]
    assert [*journal.lessons(0)] == []


def test_lessons_are_read_page_by_page_to_the_end(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkling.journal.lessons.PAGE", 3)
    for version in range(1, 8):
        journal.commit([Lesson(journal.add(new()), version, {})])
    for newest, count in ((None, 7), (7, 7), (6, 6), (3, 3)):
        assert [d.version for d in journal.lessons(newest)] == list(range(1, count + 1))


def test_thinned_versions_lose_their_weights(journal: Journal) -> None:
    for number in (1, 2, 3):
        thinned = [1, 2] if number == 3 else []
        lesson = Lesson(journal.add(new()), number, RECEIPT)
        commit(journal, [lesson], {"fnn": str(number)}, None, thinned)
    assert journal.kept_versions() == {3: {"fnn": "3"}}
    assert journal.objects(1) is None
    assert journal.current_version() == 3
