"""Four models behind one predict: the originals, and each version once it is committed."""

import uuid

import numpy as np
import pytest

from conv_net import ConvNet
from inkling import checkpoints
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.nets.registry import MODELS
from inkling.records import Drawing, Lesson
from inkling.serving.recognizer import Prediction, Recognizer
from inkling.settings import ROOT, Settings
from inkling.storage.folder import FolderStore
from testing.commits import commit
from tests.serving.versions import THREE, assert_serves, digit, publish, put, telling
from two_layer_net import TwoLayerNet

ORIGINALS = checkpoints.originals(ROOT / "models")


@pytest.mark.parametrize("shown", range(10))
def test_four_models_answer_with_probabilities(recognizer: Recognizer, shown: int) -> None:
    found = recognizer.predict(digit(shown)).probabilities
    assert tuple(found) == tuple(MODELS) == ("fnn", "fnn_retrained", "cnn", "cnn_retrained")
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


def test_a_prediction_has_the_app_s_answer_and_what_a_row_keeps_of_it(
    recognizer: Recognizer,
) -> None:
    found = recognizer.predict(digit(7))
    assert found.answer == 7
    drawing = Drawing(id="a", label=7, png=b"", digit=bytes(784), **found.said)
    assert drawing.answer == 7
    assert drawing.said == dict.fromkeys(MODELS, 7)
    assert drawing.predicted_version == 0
    assert {*drawing.predictions} == {*MODELS}
    for name, kept in drawing.predictions.items():
        np.testing.assert_allclose(kept, found.probabilities[name], atol=1e-5)


def test_where_the_nets_are_unsure_there_is_no_answer() -> None:
    leaning = np.full((4, 10), 0.06, np.float32)
    for row, said in enumerate((1, 2, 3, 4)):
        leaning[row, said] = 0.46
    found = Prediction(dict(zip(MODELS, leaning, strict=True)), 3)
    assert found.answer is None
    assert (found.said["answer"], found.said["said"]["cnn_retrained"]) == (None, 4)


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
    put(store, 1, telling(1))
    recognizer.refresh()
    assert recognizer.predict(THREE).version == 0


def test_a_new_worker_begins_with_the_newest_version(
    settings: Settings, journal: Journal, store: FolderStore
) -> None:
    for version in (1, 2, 3):
        publish(journal, store, version, telling(version))
    recognizer = Recognizer(settings.models_folder, Outbox(journal, store))
    assert recognizer.version == 3
    assert_serves(recognizer, 3)


def test_lessons_that_share_a_commit_are_passed_over(
    recognizer: Recognizer, journal: Journal, store: FolderStore
) -> None:
    drawings = [Drawing(str(uuid.uuid4()), 0, b"", bytes(784), {}, 0) for _ in range(3)]
    for drawing in drawings:
        journal.add(drawing)
    objects = put(store, 3, telling(3))
    commit(journal, [Lesson(d, number, {}) for number, d in enumerate(drawings, 1)], objects)
    assert_serves(recognizer, 3)


def test_a_digit_and_its_answer_belong_to_the_caller(recognizer: Recognizer) -> None:
    seven = digit(7)
    kept = seven.copy()
    first = recognizer.predict(seven)
    answers = {name: array.copy() for name, array in first.probabilities.items()}
    np.testing.assert_array_equal(seven, kept)
    recognizer.predict(digit(2))
    for name, array in first.probabilities.items():
        np.testing.assert_array_equal(array, answers[name])
