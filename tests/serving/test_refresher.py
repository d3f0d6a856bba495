"""The refresher: new versions without a request, whoever waits is told, and nobody waits for it."""

import threading
from collections.abc import Iterator

import pytest

from inkling.coordination.local import Polling
from inkling.journal.networks import remove_network
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.serving.networks import Networks
from inkling.serving.recognizer import Recognizer
from inkling.serving.refresher import Refresher
from inkling.settings import Settings
from inkling.storage.folder import FolderStore
from testing.jobs import add_network
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


def test_who_waits_for_a_version_waits_until_it_is_served_and_loads_nothing(
    refresher: Refresher,
    recognizer: Recognizer,
    journal: Journal,
    store: FolderStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loading = set()

    def refresh() -> None:
        loading.add(threading.current_thread().name)
        Recognizer.refresh(recognizer)

    monkeypatch.setattr(recognizer, "refresh", refresh)
    assert refresher.wait_for_version(0, 0)
    assert not refresher.wait_for_version(1, 0.1)
    publish(journal, store, 1, telling(1))
    assert refresher.wait_for_version(1, 30)
    assert recognizer.predict(THREE).version == 1
    publish(journal, store, 2, telling(2))
    publish(journal, store, 3, telling(3))
    assert refresher.wait_for_version(2, 30)  # a newer one will do
    assert loading == {"refresher"}


def test_it_knows_why_the_newest_version_is_not_served(
    settings: Settings, journal: Journal, store: FolderStore
) -> None:
    store.delete(publish(journal, store, 1, telling(1))["cnn"])
    refresher = Refresher(Recognizer(settings.models_folder, Outbox(journal, store)), Polling())
    assert refresher.trouble  # from the start
    publish(journal, store, 2, telling(2))
    wait_until(lambda: not refresher.trouble)
    store.delete(publish(journal, store, 3, telling(3))["cnn"])
    wait_until(lambda: bool(refresher.trouble))
    refresher.close()


def test_an_error_that_nobody_expects_is_trouble_too(
    refresher: Refresher, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise RuntimeError("unexpected")

    monkeypatch.setattr(recognizer, "refresh", fail)
    wait_until(lambda: "unexpected" in refresher.trouble)
    monkeypatch.undo()
    wait_until(lambda: not refresher.trouble)


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


def test_networks_are_taken_up_and_given_up_without_a_request(
    recognizer: Recognizer, settings: Settings, journal: Journal, store: FolderStore
) -> None:
    outbox = Outbox(journal, store)
    networks = Networks(settings.models_folder, outbox)
    refresher = Refresher(recognizer, Polling(), networks)
    try:
        add_network(outbox, "mine")
        wait_until(lambda: "mine" in networks.descriptions())
        add_network(outbox, "mine", seed=8)  # whose weights came out the same
        wait_until(lambda: networks.describe("mine").training["seed"] == 8)
        remove_network(outbox, "mine")
        wait_until(lambda: "mine" not in networks.descriptions())
    finally:
        refresher.close()
