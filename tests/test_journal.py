"""The journal: rows, order, states; one transaction for a lesson; many writers at once."""

import multiprocessing
import sqlite3
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy.exc

from journal import (
    COLLECTED,
    QUEUED,
    REJECTED,
    TRAINED,
    Drawing,
    Journal,
    Lesson,
    VersionConflict,
    open_journal,
)
from settings import Settings

RECEIPT = {"fnn_retrained": {"before": 0.25, "after": 0.5}}


@pytest.fixture
def journal(settings: Settings) -> Journal:
    return open_journal(settings)


def new(label: int = 7, state: str = QUEUED) -> Drawing:
    said = {"fnn": [0.1] * 10}
    return Drawing(str(uuid.uuid4()), label, b"png", said, 0, state=state)


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
    journal.commit([Lesson(drawing, 1, RECEIPT)], {"fnn": "weights/1/fnn.npz"})
    learned = journal.find(drawing.id)
    assert learned is not None
    assert (learned.state, learned.version, learned.receipt) == (TRAINED, 1, RECEIPT)
    assert journal.current_version() == 1
    assert journal.objects(1) == {"fnn": "weights/1/fnn.npz"}


def test_of_lessons_that_share_a_commit_the_last_has_the_weights(journal: Journal) -> None:
    lessons = [Lesson(journal.add(new()), number, RECEIPT) for number in (1, 2, 3)]
    journal.commit(lessons, {"fnn": "name"})
    assert journal.current_version() == 3
    assert journal.kept_versions() == {3: {"fnn": "name"}}
    assert journal.objects(1) is None


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_version_that_is_not_the_next_one_changes_nothing(journal: Journal, version: int) -> None:
    journal.commit([Lesson(journal.add(new()), 1, RECEIPT)], {})
    drawing = journal.add(new())
    with pytest.raises(VersionConflict):
        journal.commit([Lesson(drawing, version, RECEIPT)], {})
    assert journal.current_version() == 1
    assert journal.queued(1)[0].id == drawing.id


def test_a_drawing_is_learned_once(journal: Journal) -> None:
    drawing, other = journal.add(new()), journal.add(new())
    journal.commit([Lesson(drawing, 1, RECEIPT)], {})
    with pytest.raises((VersionConflict, sqlalchemy.exc.IntegrityError)):
        journal.commit([Lesson(other, 2, RECEIPT), Lesson(drawing, 3, RECEIPT)], {})
    assert journal.current_version() == 1
    assert journal.queued(10)[0].id == other.id


def test_a_rejected_drawing_stays_with_its_reason(journal: Journal) -> None:
    drawing = journal.add(new())
    journal.reject(drawing.id, "Nothing is drawn.")
    kept = journal.find(drawing.id)
    assert kept is not None
    assert (kept.state, kept.reason, kept.version) == (REJECTED, "Nothing is drawn.", None)
    with pytest.raises(VersionConflict):
        journal.reject(drawing.id, "Again.")


@pytest.mark.parametrize("label", [-1, 10])
def test_the_database_itself_refuses_a_label_that_is_no_digit(journal: Journal, label: int) -> None:
    with pytest.raises(sqlalchemy.exc.IntegrityError):
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


def test_sqlite_is_set_to_lose_nothing(journal: Journal, settings: Settings) -> None:
    with journal.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_reader_does_not_wait_for_a_writer(journal: Journal, settings: Settings) -> None:
    journal.add(new())
    writer = sqlite3.connect(settings.instance_folder / "journal.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM drawings")
    assert journal.counts()[QUEUED] == 1
    writer.execute("ROLLBACK")


def test_a_journal_opens_again_with_what_it_had(settings: Settings, tmp_path: Path) -> None:
    drawing = open_journal(settings).add(new())
    assert open_journal(settings).find(drawing.id) is not None


def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    for number in range(50):  # without waiting, one in thirty fails
        url = f"sqlite:///{tmp_path / f'{number}.sqlite'}"
        start = threading.Barrier(8)

        def open_and_count(url: str = url, start: threading.Barrier = start) -> int:
            start.wait()
            journal = Journal(url)
            counted = sum(journal.counts().values())
            journal.close()
            return counted

        with ThreadPoolExecutor(8) as pool:
            opened = [pool.submit(open_and_count) for _ in range(8)]
            assert [future.result() for future in opened] == [0] * 8
