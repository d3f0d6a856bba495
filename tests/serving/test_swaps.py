"""Versions swapped whole under many threads; thinned, damaged and missing ones survived."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from inkling import checkpoints
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.nets.registry import NETWORKS
from inkling.serving.recognizer import Prediction, Recognizer
from inkling.settings import Settings
from inkling.storage.folder import FolderStore
from testing.live import wait_until
from tests.serving.versions import RETRAINED, THREE, assert_serves, publish, telling, thin, told


@contextmanager
def asking(recognizer: Recognizer) -> Iterator[list[list[Prediction]]]:
    """Four threads that keep predicting; the list of each fills with what it was answered."""
    done, failures = threading.Event(), list[BaseException]()
    seen: list[list[Prediction]] = [[recognizer.predict(THREE)] for _ in range(4)]

    def ask(answers: list[Prediction]) -> None:
        try:
            while not done.is_set():
                answers.append(recognizer.predict(THREE))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(answers,)) for answers in seen]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert failures == []


def test_threads_never_see_a_mixture_of_versions(
    recognizer: Recognizer, journal: Journal, store: FolderStore
) -> None:
    originals, last = recognizer.predict(THREE).probabilities, 15
    publish(journal, store, 1, telling(1))
    assert_serves(recognizer, 1)
    with asking(recognizer) as seen:
        for version in range(2, last + 1):
            publish(journal, store, version, telling(version))
            if version > 3:
                thin(journal, store, version - 2)
            recognizer.refresh()
            if version % 5 == 0:
                wait_until(lambda: all(a[-1].version == version for a in seen))  # noqa: B023
    for answers in seen:
        versions = [answer.version for answer in answers]
        assert versions == sorted(versions)
    answers = list(itertools.chain(*seen))
    for answer in answers:
        assert [told(answer.probabilities[name]) for name in RETRAINED] == [answer.version] * 2
        for name in ("fnn", "cnn"):
            np.testing.assert_array_equal(answer.probabilities[name], originals[name])
    assert len({answer.version for answer in answers}) > 3


class Interrupted(FolderStore):
    """A store that lets something happen just before it is asked for an object the first time."""

    happens: Callable[[], object] | None = None

    def get(self, name: str) -> bytes:
        happens, self.happens = self.happens, None
        if happens:
            happens()
        return super().get(name)


def test_a_version_that_is_thinned_while_it_is_loaded_is_survived(
    settings: Settings, journal: Journal
) -> None:
    store = Interrupted(settings.objects_folder, settings.tmp_folder)
    recognizer = Recognizer(settings.models_folder, Outbox(journal, store))
    publish(journal, store, 1, telling(1))

    def trainer_moves_on() -> None:
        publish(journal, store, 2, telling(2))
        thin(journal, store, 1)

    store.happens = trainer_moves_on
    recognizer.refresh()
    assert not recognizer.trouble
    assert recognizer.version == 2  # nothing of version 1 could be read any more
    assert_serves(recognizer, 2)


def test_a_thread_that_loads_slowly_does_not_bring_an_older_version_back(
    settings: Settings, journal: Journal
) -> None:
    store = Interrupted(settings.objects_folder, settings.tmp_folder)
    recognizer = Recognizer(settings.models_folder, Outbox(journal, store))
    publish(journal, store, 1, telling(1))

    def another_thread_is_faster() -> None:
        publish(journal, store, 2, telling(2))
        recognizer.refresh()
        assert recognizer.version == 2

    store.happens = another_thread_is_faster
    recognizer.refresh()
    assert recognizer.version == 2
    assert_serves(recognizer, 2)


def test_a_version_that_was_thinned_before_its_names_were_read_is_survived(
    settings: Settings, store: FolderStore
) -> None:
    class Interrupting(Journal):
        """A journal in which a version is followed and thinned before its objects are asked for."""

        happened = False

        def objects(self, version: int) -> dict[str, str] | None:
            if not self.happened:
                self.happened = True
                publish(self, store, 2, telling(2))
                thin(self, store, 1)
            return super().objects(version)

    settings.instance_folder.mkdir(parents=True, exist_ok=True)
    journal = Interrupting(settings.journal_url)
    recognizer = Recognizer(settings.models_folder, Outbox(journal, store))
    publish(journal, store, 1, telling(1))
    recognizer.refresh()
    assert journal.happened
    assert_serves(recognizer, 2)
    journal.close()


@pytest.mark.parametrize("net", NETWORKS)
@pytest.mark.parametrize("damage", ["missing", "tampered"])
def test_without_a_whole_new_version_the_last_one_serves_on(
    recognizer: Recognizer,
    journal: Journal,
    store: FolderStore,
    net: str,
    damage: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(journal, store, 1, telling(1))
    assert_serves(recognizer, 1)
    name = publish(journal, store, 2, telling(2))[net]
    if damage == "missing":
        store.delete(name)
    else:
        store.put(name, checkpoints.pack(telling(9)[net]))
    recognizer.refresh()
    recognizer.refresh()
    assert recognizer.trouble
    assert [record.levelname for record in caplog.records] == ["ERROR"]  # told once
    assert "version 1 serves on" in caplog.text
    assert recognizer.predict(THREE).version == 1
    publish(journal, store, 3, telling(3))
    assert_serves(recognizer, 3)


def test_without_a_journal_the_last_version_serves_on(
    recognizer: Recognizer, journal: Journal, store: FolderStore
) -> None:
    publish(journal, store, 1, telling(1))
    assert_serves(recognizer, 1)
    publish(journal, store, 2, telling(2))
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE versions RENAME TO elsewhere")
    recognizer.refresh()
    assert recognizer.trouble
    assert recognizer.predict(THREE).version == 1
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO versions")
    assert_serves(recognizer, 2)
