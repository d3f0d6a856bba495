"""Older versions answer on request: bounded, whole, and in nobody's way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from inkling.journal.writer import Journal
from inkling.serving.past_versions import LOADED, Busy, NotStored, PastVersions
from inkling.serving.recognizer import Recognizer
from inkling.settings import Settings
from inkling.storage.base import StoreUnavailable
from inkling.storage.folder import FolderStore
from testing.live import wait_until
from tests.serving.versions import RETRAINED, THREE, publish, telling, thin, told


@pytest.fixture
def travel(recognizer: Recognizer, journal: Journal, store: FolderStore) -> PastVersions:
    for version in range(1, 5):
        publish(journal, store, version, telling(version))
    recognizer.refresh()
    return PastVersions(recognizer, journal)


class SlowStore(FolderStore):
    """A store that answers when it is told to."""

    slow: threading.Event | None = None
    asked = 0

    def get(self, name: str) -> bytes:
        if self.slow:
            self.asked += 1
            self.slow.wait(60)
        return super().get(name)


@pytest.fixture
def store(settings: Settings) -> SlowStore:
    return SlowStore(settings.objects_folder, settings.tmp_folder)


@contextmanager
def looking_back(travel: PastVersions, store: SlowStore, version: int) -> Iterator[None]:
    """Meanwhile somebody waits for an older version from a store that does not answer."""
    store.slow = threading.Event()
    thread = threading.Thread(target=travel.predict, args=(THREE, version))
    thread.start()
    wait_until(lambda: store.asked > 0)
    yield
    store.slow.set()
    thread.join()


@pytest.mark.parametrize("order", [(1, 2, 3, 4), (4, 1, 4, 1), (3, 1, 2, 3, 1, 2)])
def test_every_stored_version_answers_as_itself(
    travel: PastVersions, recognizer: Recognizer, order: tuple[int, ...]
) -> None:
    today = recognizer.predict(THREE).probabilities
    for version in order:
        found = travel.predict(THREE, version)
        assert found.version == version
        assert {told(found.probabilities[name]) for name in RETRAINED} == {version}
        for name in ("fnn", "cnn"):
            np.testing.assert_array_equal(found.probabilities[name], today[name])
        assert len(travel._loaded) <= LOADED
    assert recognizer.predict(THREE).version == 4


def test_version_0_is_the_originals(travel: PastVersions) -> None:
    found = travel.predict(THREE, 0)
    assert found.version == 0
    for net in ("fnn", "cnn"):
        same = found.probabilities[f"{net}_retrained"]
        np.testing.assert_array_equal(same, found.probabilities[net])


def test_the_stored_versions_are_listed_oldest_first(
    travel: PastVersions, recognizer: Recognizer, journal: Journal, store: FolderStore
) -> None:
    listed = travel.stored()
    assert [(v.number, v.kind) for v in listed] == [
        (0, "original"),
        *((n, "lesson") for n in (1, 2, 3, 4)),
    ]
    assert all(v.made is not None and v.made.tzinfo is not None for v in listed[1:])
    thin(journal, store, 2)
    publish(journal, store, 5, telling(5))
    recognizer.refresh()
    assert [v.number for v in travel.stored()] == [0, 1, 3, 4, 5]


def test_what_is_not_stored_any_more_does_not_answer_even_if_it_was_loaded(
    travel: PastVersions, journal: Journal, store: FolderStore
) -> None:
    travel.predict(THREE, 2)
    assert 2 in {v.number for v in travel.stored()}
    thin(journal, store, 2)
    for version in (2, 99):
        with pytest.raises(NotStored, match=rf"Version {version} is not stored\. GET /versions"):
            travel.predict(THREE, version)
    assert 2 not in {v.number for v in travel.stored()}


def test_missing_and_damaged_weights_are_told_apart_and_harm_nothing(
    travel: PastVersions, journal: Journal, store: FolderStore
) -> None:
    gone, damaged = journal.objects(1), journal.objects(2)
    assert gone and damaged
    store.delete(gone["cnn"])
    store.delete(damaged["fnn"])
    store.put(damaged["fnn"], b"no weights")
    with pytest.raises(NotStored, match="Version 1 is not stored any more"):
        travel.predict(THREE, 1)
    with pytest.raises(NotStored, match="Version 2 is damaged"):
        travel.predict(THREE, 2)
    assert travel.predict(THREE, 3).version == 3


def test_a_slow_store_holds_nobody_who_asks_the_newest_and_few_who_look_back(
    travel: PastVersions, recognizer: Recognizer, store: SlowStore
) -> None:
    with looking_back(travel, store, 1):
        assert recognizer.predict(THREE).version == 4
        assert travel.predict(THREE, 0).version == 0  # the originals need no store
        second = threading.Thread(target=travel.predict, args=(THREE, 1))
        second.start()
        wait_until(lambda: travel._seats._value == 0)
        with pytest.raises(Busy, match="Try again in a moment"):
            travel.predict(THREE, 2)
    second.join()
    assert travel.predict(THREE, 2).version == 2


def test_a_store_that_fails_gives_its_seat_back(
    travel: PastVersions, store: SlowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> bytes:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store, "get", fail)
    for _ in range(5):
        with pytest.raises(StoreUnavailable):
            travel.predict(THREE, 1)
    monkeypatch.undo()
    assert travel.predict(THREE, 1).version == 1


def test_many_threads_get_each_its_version(travel: PastVersions) -> None:
    wrong: list[tuple[int, int]] = []

    def ask(version: int) -> None:
        for _ in range(20):
            try:
                found = travel.predict(THREE, version)
            except Busy:
                continue
            seen = {told(found.probabilities[name]) for name in RETRAINED}
            wrong.extend((version, other) for other in seen - {version})

    threads = [threading.Thread(target=ask, args=(1 + n % 4,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_drawing_is_shown_to_every_stored_version(
    travel: PastVersions, journal: Journal, store: SlowStore
) -> None:
    assert [version.number for version, _ in travel.through(THREE)] == [0, 1, 2, 3, 4]
    thin(journal, store, 2)  # after it was listed
    seen = [*travel.through(THREE)]
    assert [version.number for version, _ in seen] == [0, 1, 3, 4]
    for version, found in seen[1:]:
        assert {told(found.probabilities[name]) for name in RETRAINED} == {version.number}
