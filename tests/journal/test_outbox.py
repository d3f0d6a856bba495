"""The outbox and its uploader: everything arrives, in order and once, however the store behaves."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from inkling import checkpoints
from inkling.journal.outbox import Outbox, Unstored
from inkling.journal.writer import Journal, open_journal
from inkling.records import COLLECTED, QUEUED, Drawing, Lesson
from inkling.settings import Settings
from inkling.storage import keys
from inkling.storage.base import ObjectMissing
from inkling.storage.folder import FolderStore
from inkling.trainer.uploader import Uploader
from testing.commits import commit
from testing.live import wait_until
from testing.pen import draw
from testing.postgres import needs_postgres, new_database


class Remote(FolderStore):
    """A store that counts as behind a network; it may be away, and keeps a list of what came."""

    remote = True
    away = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.objects_folder, settings.tmp_folder)
        self.came: list[str] = []

    def create(self, name: str, content: bytes) -> bool:
        self._answer()
        self.came.append(name)
        return super().create(name, content)

    def delete(self, name: str) -> None:
        self._answer()
        super().delete(name)

    def _answer(self) -> None:
        if self.away:
            raise OSError("The store is away.")


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=needs_postgres)])
def journal(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Journal]:
    if request.param == "PostgreSQL":
        server = request.getfixturevalue("postgres_server")
        settings = replace(settings, database_url=new_database(server))
    journal = open_journal(settings)
    yield journal
    journal.close()


@pytest.fixture
def store(settings: Settings) -> Remote:
    return Remote(settings)


@pytest.fixture
def outbox(journal: Journal, store: Remote) -> Outbox:
    return Outbox(journal, store)


@pytest.fixture
def uploader(outbox: Outbox) -> Uploader:
    return Uploader(outbox)


def new(digit: int = 7, **fields: object) -> Drawing:
    drawing = Drawing.of(digit, draw(digit))
    return replace(drawing, **fields)  # type: ignore[arg-type]


def learn(outbox: Outbox, version: int, content: bytes = b"weights") -> str:
    """Make a version as the trainer does; the name of its object."""
    drawing = outbox.journal.add(new())
    name = f"weights/{version}/fnn-{uuid.uuid4().hex}.npz"
    thinned = checkpoints.thinned(outbox.journal.kept_versions(), version)
    held = outbox.publish({name: content})
    commit(outbox.journal, [Lesson(drawing, version, {})], {"fnn": name}, held, thinned)
    return name


def deliver_all(uploader: Uploader) -> None:
    while uploader.deliver():
        pass


# --- drawings ---


def test_drawings_are_filed_by_label_with_their_strokes(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    strokes = [[[1.0, 2.0], [3.0, 4.0]]]
    collected = outbox.journal.add(new(4, state=COLLECTED, strokes=strokes))
    taught = outbox.journal.add(new(5))
    assert outbox.counts() == Unstored(drawings=2, versions=0)
    deliver_all(uploader)
    assert store.get(f"drawings/4/{collected.id}.png") == collected.png
    assert json.loads(store.get(f"drawings/4/{collected.id}.json")) == strokes
    assert store.get(f"drawings/5/{taught.id}.png") == taught.png
    assert outbox.counts() == Unstored(0, 0)
    assert outbox.journal.counts()[QUEUED] == 1


def test_drawings_wait_for_a_store_that_is_away_and_come_in_order_and_once(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    drawings = [outbox.journal.add(new(n % 10)) for n in range(50)]
    store.away = True
    for _ in range(3):
        with pytest.raises(OSError, match="away"):
            uploader.deliver()
    assert outbox.counts().drawings == 50
    store.away = False
    deliver_all(uploader)
    assert store.came == [f"drawings/{d.label}/{d.id}.png" for d in drawings]


def test_what_was_carried_before_a_failure_is_not_carried_again(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    drawings = [outbox.journal.add(new(n)) for n in range(5)]
    first = outbox.drawings(2)
    store.put(f"drawings/0/{first[0].id}.png", first[0].png)  # it came, but was not noted
    outbox.mark_drawing(first[1])  # it came and was noted
    deliver_all(uploader)
    came = [f"drawings/{d.label}/{d.id}.png" for d in drawings]
    assert store.came == [came[0], *came[2:]]
    assert all(store.get(came[n]) == drawings[n].png for n in (0, 2, 3, 4))


# --- weights ---


def test_the_newest_weights_are_read_without_the_store(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    store.away = True
    for version in (1, 2):
        name = learn(outbox, version, str(version).encode())
    assert outbox.get(name) == b"2"
    store.away = False
    deliver_all(uploader)
    assert outbox.get(name) == store.get(name) == b"2"
    store.delete(name)
    assert outbox.get(name) == b"2"  # the journal keeps the newest ones


def test_older_weights_come_from_the_store(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    older = learn(outbox, 1, b"1")
    deliver_all(uploader)
    learn(outbox, 2, b"2")
    assert outbox.get(older) == b"1"
    store.delete(older)
    with pytest.raises(ObjectMissing):
        outbox.get(older)


def test_however_long_the_store_is_away_the_journal_holds_one_set_of_weights(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    store.away = True
    names = [learn(outbox, version) for version in range(1, 20)]
    assert outbox.counts().versions == 1
    assert [*outbox.journal.kept_versions()] == [19]
    assert outbox.get(names[-1]) == b"weights"
    with pytest.raises(ObjectMissing):
        outbox.get(names[-2])
    store.away = False
    deliver_all(uploader)
    assert [*store.names("weights/")] == names[-1:]
    assert outbox.counts().versions == 0


def test_thinned_weights_are_deleted_even_if_the_store_was_away(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    for version in range(1, 26):
        learn(outbox, version)
        store.away = version == 17
        if not store.away:
            deliver_all(uploader)
    kept = outbox.journal.kept_versions()
    assert [*kept] == [10, 15, 16, *range(18, 26)]
    assert set(store.names("weights/")) == {name for v in kept.values() for name in v.values()}
    assert outbox.thinned() == {}


def test_weights_that_are_superseded_while_they_are_carried_are_deleted(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    learn(outbox, 1)
    put = store.create

    def create(name: str, content: bytes) -> bool:
        store.create = put  # type: ignore[method-assign]
        learn(outbox, 2)
        return put(name, content)

    store.create = create  # type: ignore[method-assign]
    deliver_all(uploader)
    assert [keys.version_of(name) for name in store.names("weights/")] == [2]
    assert [*outbox.journal.kept_versions()] == [2]


def test_damaged_weights_in_the_store_are_replaced(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    name = learn(outbox, 1, b"whole")
    store.put(name, b"who")
    deliver_all(uploader)
    assert store.get(name) == b"whole"


def test_a_folder_takes_weights_at_once(journal: Journal, settings: Settings) -> None:
    store = FolderStore(settings.objects_folder, settings.tmp_folder)
    outbox = Outbox(journal, store)
    name = learn(outbox, 1)
    assert store.get(name) == b"weights"
    assert outbox.counts().versions == 0


# --- the uploader's thread, and what a killed trainer left ---


def test_the_courier_goes_on_by_itself_once_the_store_is_back(
    outbox: Outbox, uploader: Uploader, store: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    store.away = True
    uploader.start()
    try:
        learn(outbox, 1)
        uploader.wake()
        wait_until(lambda: "Not stored yet, kept in the journal. The store is away." in caplog.text)
        store.away = False
        wait_until(lambda: outbox.counts() == Unstored(0, 0))
        wait_until(lambda: "The object store takes objects again." in caplog.text)
        learn(outbox, 2)
        uploader.wake()
        wait_until(lambda: outbox.counts() == Unstored(0, 0))
    finally:
        uploader.stop()
    assert caplog.text.count("Not stored yet") == 1


def test_what_a_killed_trainer_left_is_swept_and_nothing_else(
    outbox: Outbox, uploader: Uploader, store: Remote
) -> None:
    learn(outbox, 1)
    deliver_all(uploader)
    before = set(store.names())
    store.put("weights/2/fnn-0123.npz", b"an orphan")
    uploader.sweep()
    assert set(store.names()) == before


def test_the_weights_of_another_journal_are_not_swept(
    outbox: Outbox, uploader: Uploader, store: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    learn(outbox, 1)
    deliver_all(uploader)
    store.put("weights/500/fnn-0123.npz", b"learned from a journal that is lost")
    before = set(store.names())
    uploader.sweep()
    assert set(store.names()) == before
    assert "weights of version 500, the journal ends at 1. Nothing is deleted." in caplog.text
