"""The refresher: new versions without a request, whoever waits is told, and nobody waits for it."""

import threading
from collections.abc import Iterator

import pytest

from inkling.coordination.local import Polling
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.serving.recognizer import Recognizer
from inkling.serving.refresher import Refresher
from inkling.settings import Settings
from inkling.storage.folder import FolderStore
from testing.live import wait_until
from tests.serving.versions import THREE, publish, telling


@pytest.fixture
def refresher(recognizer: Recognizer) -> Iterator[Refresher]:
    refresher = Refresher(recognizer, Polling())
    yield refresher
    refresher.close()


def test_new_versions_are_taken_up_without_a_request(
    refresher: Refresher, recognizer: Recognizer, journal: Journal, store: FolderStore
) -> None:
    for version in (1, 2, 3):
        publish(journal, store, version, telling(version))
        wait_until(lambda: recognizer.version == version)  # noqa: B023


def test_all_who_wait_for_news_are_told(refresher: Refresher) -> None:
    told = [threading.Thread(target=refresher.wait_for_news, args=(60,)) for _ in range(20)]
    for thread in told:
        thread.start()
    for thread in told:
        thread.join(30)
        assert not thread.is_alive()


def test_answers_come_while_journal_and_store_hang(
    recognizer: Recognizer, journal: Journal, store: FolderStore, settings: Settings
) -> None:
    hanging, asked = threading.Event(), threading.Event()

    class Hanging(FolderStore):
        def get(self, name: str) -> bytes:
            asked.set()
            hanging.wait(60)
            return super().get(name)

    slow = Hanging(settings.objects_folder, settings.tmp_folder)
    recognizer = Recognizer(settings.models_folder, Outbox(journal, slow))
    refresher = Refresher(recognizer, Polling())
    publish(journal, store, 1, telling(1))
    assert asked.wait(30)
    assert recognizer.predict(THREE).version == 0
    hanging.set()
    wait_until(lambda: recognizer.predict(THREE).version == 1)
    refresher.close()


def test_after_a_version_that_cannot_be_had_the_next_one_is_followed(
    refresher: Refresher,
    recognizer: Recognizer,
    journal: Journal,
    store: FolderStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with journal.engine.begin() as connection:  # the journal is not usable for a moment
        connection.exec_driver_sql("ALTER TABLE versions RENAME TO elsewhere")
    wait_until(lambda: "No newer version can be had; version 0 serves on." in caplog.text)
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO versions")
    publish(journal, store, 1, telling(1))
    wait_until(lambda: recognizer.version == 1)


def test_a_closed_follower_follows_no_more(
    refresher: Refresher, recognizer: Recognizer, journal: Journal, store: FolderStore
) -> None:
    before = followers()
    refresher.close()
    publish(journal, store, 1, telling(1))
    assert followers() == before - 1
    assert recognizer.version == 0


def followers() -> int:
    return sum(thread.name == "refresher" for thread in threading.enumerate())
