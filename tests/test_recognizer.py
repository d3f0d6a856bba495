"""Four models behind one predict: originals, versions swapped whole, thinned ones survived."""

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import weights
from conv_net import SHAPES, ConvNet
from functions import FloatArray, process_image
from journal import Drawing, Journal, Lesson, open_journal
from recognizer import CHECK_EVERY, MODELS, Prediction, Recognizer
from settings import ROOT, Settings
from storage import FolderStore
from tests.conftest import draw
from tests.live import wait_until
from two_layer_net import TwoLayerNet, initial_weights

ORIGINALS = weights.originals(ROOT / "models")
STEP = 0.05  # between the scores of two versions
RETRAINED = ("fnn_retrained", "cnn_retrained")


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    journal = open_journal(settings)
    yield journal
    journal.close()


@pytest.fixture
def store(settings: Settings) -> FolderStore:
    return FolderStore(settings.objects_folder, settings.tmp_folder)


@pytest.fixture
def recognizer(settings: Settings, journal: Journal, store: FolderStore) -> Recognizer:
    return Recognizer(settings.models_folder, journal, store)


def digit(shown: int) -> FloatArray:
    found = process_image(draw(shown))
    assert found is not None
    return found


THREE = digit(3)


def telling(version: int) -> dict[str, weights.Arrays]:
    """Weights by net with which every answer tells the version: a 0 is the likelier, the later."""
    bias = np.zeros(10, np.float32)
    bias[0] = STEP * version
    fnn = {n: np.zeros_like(a) for n, a in initial_weights(np.random.default_rng(0)).items()}
    cnn = {name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()}
    return {"fnn": {**fnn, "output_bias": bias}, "cnn": {**cnn, "output_bias": bias}}


def told(probabilities: FloatArray) -> int:
    """The version that an answer of `telling` weights is from."""
    return round(float(np.log(probabilities[0] / probabilities[1])) / STEP)


def publish(
    journal: Journal, store: FolderStore, version: int, states: dict[str, weights.Arrays]
) -> dict[str, str]:
    """Do what the trainer does once a drawing was learned; the names of the version's objects."""
    drawing = Drawing(str(uuid.uuid4()), 0, b"", {}, version - 1)
    journal.add(drawing)
    objects = {net: weights.put(store, version, net, state) for net, state in states.items()}
    journal.commit([Lesson(drawing, version, {})], objects)
    return objects


def thin(journal: Journal, store: FolderStore, version: int) -> None:
    objects = journal.objects(version)
    assert objects
    journal.forget_objects([version])
    for name in objects.values():
        store.delete(name)


def assert_serves(recognizer: Recognizer, version: int) -> None:
    """That the version is served within a few looks at the journal."""
    wait_until(lambda: recognizer.predict(THREE).version == version, seconds=10)
    answers = recognizer.predict(THREE).probabilities
    assert {told(answers[name]) for name in RETRAINED} == {version}


@pytest.mark.parametrize("shown", range(10))
def test_four_models_answer_with_probabilities(recognizer: Recognizer, shown: int) -> None:
    found = recognizer.predict(digit(shown)).probabilities
    assert tuple(found) == MODELS == ("fnn", "fnn_retrained", "cnn", "cnn_retrained")
    for name in MODELS:
        assert found[name].shape == (10,)
        assert found[name].min() >= 0
        assert found[name].sum() == pytest.approx(1, abs=1e-5)
        assert found[name].argmax() == shown


def test_version_0_is_the_originals(recognizer: Recognizer) -> None:
    fnn, cnn = TwoLayerNet(ORIGINALS["fnn"]), ConvNet(ORIGINALS["cnn"])
    for shown in range(10):
        found = recognizer.predict(digit(shown))
        assert found.version == recognizer.version == 0
        for name, net, tolerance in (("fnn", fnn, 0), ("cnn", cnn, 1e-5)):
            expected = net.probabilities(digit(shown)[np.newaxis])[0]
            for model in (name, f"{name}_retrained"):
                np.testing.assert_allclose(found.probabilities[model], expected, atol=tolerance)


def test_a_committed_version_is_served_and_the_originals_stay(
    recognizer: Recognizer, journal: Journal, store: FolderStore
) -> None:
    before = recognizer.predict(THREE).probabilities
    for version in (1, 2):
        publish(journal, store, version, telling(version))
        assert_serves(recognizer, version)
        after = recognizer.predict(THREE).probabilities
        for name in ("fnn", "cnn"):
            np.testing.assert_array_equal(after[name], before[name])


def test_nothing_is_served_before_it_is_committed(
    recognizer: Recognizer, store: FolderStore
) -> None:
    for net, state in telling(1).items():
        weights.put(store, 1, net, state)
    recognizer.refresh()
    assert recognizer.predict(THREE).version == 0


def test_a_new_worker_begins_with_the_newest_version(
    settings: Settings, journal: Journal, store: FolderStore
) -> None:
    for version in (1, 2, 3):
        publish(journal, store, version, telling(version))
    recognizer = Recognizer(settings.models_folder, journal, store)
    assert recognizer.version == 3
    assert_serves(recognizer, 3)


def test_lessons_that_share_a_commit_are_passed_over(
    recognizer: Recognizer, journal: Journal, store: FolderStore
) -> None:
    drawings = [Drawing(str(uuid.uuid4()), 0, b"", {}, 0) for _ in range(3)]
    for drawing in drawings:
        journal.add(drawing)
    objects = {net: weights.put(store, 3, net, state) for net, state in telling(3).items()}
    journal.commit([Lesson(d, number, {}) for number, d in enumerate(drawings, 1)], objects)
    assert_serves(recognizer, 3)


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
            time.sleep(CHECK_EVERY)
            if version % 5 == 0:
                wait_until(lambda: all(a[-1].version == journal.current_version() for a in seen))
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
    recognizer = Recognizer(settings.models_folder, journal, store)
    publish(journal, store, 1, telling(1))

    def trainer_moves_on() -> None:
        publish(journal, store, 2, telling(2))
        thin(journal, store, 1)

    store.happens = trainer_moves_on
    recognizer.refresh()
    assert recognizer.version != 1  # nothing of it could be read any more
    assert_serves(recognizer, 2)


def test_a_thread_that_loads_slowly_does_not_bring_an_older_version_back(
    settings: Settings, journal: Journal
) -> None:
    store = Interrupted(settings.objects_folder, settings.tmp_folder)
    recognizer = Recognizer(settings.models_folder, journal, store)
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
    recognizer = Recognizer(settings.models_folder, journal, store)
    publish(journal, store, 1, telling(1))
    recognizer.refresh()
    assert journal.happened
    assert_serves(recognizer, 2)
    journal.close()


@pytest.mark.parametrize("net", weights.NETS)
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
        store.put(name, weights.pack(telling(9)[net]))
    wait_until(lambda: recognizer.predict(THREE) is not None and caplog.records != [], seconds=5)
    assert caplog.records[0].levelname == "ERROR"
    assert "version 1 serves on" in caplog.text
    assert_serves(recognizer, 1)
    publish(journal, store, 3, telling(3))
    assert_serves(recognizer, 3)


def test_without_a_journal_the_last_version_serves_on(
    recognizer: Recognizer, journal: Journal, store: FolderStore, caplog: pytest.LogCaptureFixture
) -> None:
    publish(journal, store, 1, telling(1))
    assert_serves(recognizer, 1)
    publish(journal, store, 2, telling(2))
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE versions RENAME TO elsewhere")
    wait_until(lambda: recognizer.predict(THREE) is not None and caplog.records != [], seconds=5)
    assert_serves(recognizer, 1)
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO versions")
    assert_serves(recognizer, 2)


def test_a_digit_and_its_answer_belong_to_the_caller(recognizer: Recognizer) -> None:
    seven = digit(7)
    kept = seven.copy()
    first = recognizer.predict(seven)
    answers = {name: array.copy() for name, array in first.probabilities.items()}
    np.testing.assert_array_equal(seven, kept)
    recognizer.predict(digit(2))
    for name, array in first.probabilities.items():
        np.testing.assert_array_equal(array, answers[name])
