"""Evaluation: the whole way of a drawing, what models say of it, scores and the worst mistakes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import inkling.evaluation.evaluate as evaluation
from functions import FloatArray, decode_image, process_image, to_data_url
from inkling.data.image_folder import LabelledImage, image_digits
from inkling.data.rendering import Rendering
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.errors import InvalidInput
from inkling.evaluation.evaluate import (
    DigitSet,
    evaluate,
    pipeline_digits,
    probabilities,
    worst_mistakes,
)
from inkling.evaluation.metrics import ANSWER
from inkling.evaluation.models import Models, load_models
from inkling.nets.registry import MODELS
from inkling.serving.recognizer import Recognizer
from inkling.settings import ROOT, Settings
from testing.pen import STROKES, draw
from tests.serving.versions import telling

DRAWINGS = [StrokeDrawing(digit, "anna", STROKES[digit]) for digit in range(10)]


@pytest.fixture
def originals(settings: Settings) -> Models:
    return load_models(settings, "original")


@pytest.fixture
def retrained(originals: Models) -> Models:
    """The originals beside retrained nets that take everything for a 0."""
    return Models(originals.graphs, originals.originals, telling(9), 9)


def test_a_drawing_goes_the_way_of_a_posted_picture() -> None:
    digits = pipeline_digits(DRAWINGS[:4])
    assert digits.shape == (4, 28, 28)
    assert digits.dtype == np.float32
    assert (digits[3] == process_image(decode_image(to_data_url(draw(3))))).all()


def test_a_rendering_for_all_or_one_for_each() -> None:
    thick = Rendering(width=40)
    all_thick = pipeline_digits(DRAWINGS[:2], thick)
    assert (all_thick[0] == process_image(draw(0, width=40))).all()
    mixed = pipeline_digits(DRAWINGS[:2], [thick, Rendering()])
    assert (mixed[0] == all_thick[0]).all()
    assert (mixed[1] != all_thick[1]).any()
    with pytest.raises(ValueError, match="shorter"):
        pipeline_digits(DRAWINGS[:2], [thick])


def test_no_drawings_give_no_digits(originals: Models) -> None:
    assert pipeline_digits([]).shape == (0, 28, 28)
    said = probabilities(originals, pipeline_digits([]))
    assert {name: found.shape for name, found in said.items()} == dict.fromkeys(MODELS, (0, 10))


def test_a_drawing_off_the_canvas_is_told() -> None:
    with pytest.raises(InvalidInput, match="A drawing of 'anna' shows no ink"):
        pipeline_digits(DRAWINGS[:1], Rendering(place=(9000, 9000)))


def test_images_become_the_digits_of_the_same_pixels() -> None:
    images = [LabelledImage(digit, Path(f"{digit}.png"), draw(digit)) for digit in (4, 2)]
    assert (image_digits(images) == pipeline_digits([DRAWINGS[4], DRAWINGS[2]])).all()
    assert labels_of(images).tolist() == [4, 2]
    empty = LabelledImage(1, Path("blank.png"), np.full((9, 9), 255, np.uint8))
    with pytest.raises(InvalidInput, match=r"blank\.png shows no ink"):
        image_digits([empty])


def test_models_say_what_the_web_workers_say(settings: Settings, originals: Models) -> None:
    from inkling.journal.outbox import Outbox
    from inkling.journal.writer import open_journal
    from inkling.storage.stores import open_store

    outbox = Outbox(open_journal(settings), open_store(settings))
    recognizer = Recognizer(ROOT / "models", outbox)
    digits = pipeline_digits(DRAWINGS)
    said = probabilities(originals, digits)
    for i, digit in enumerate(digits):
        served = recognizer.predict(digit).probabilities
        for name in MODELS:
            np.testing.assert_allclose(said[name][i], served[name], atol=1e-6)


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_change_nothing(
    workers: int, retrained: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = pipeline_digits(DRAWINGS, workers=1)
    sets = {
        "all": DigitSet(digits, labels_of(DRAWINGS)),
        "few": DigitSet(digits[:3], labels_of(DRAWINGS[:3])),
    }
    wanted = evaluate(retrained, sets, workers=1)
    monkeypatch.setattr(evaluation, "CHUNK", 4)
    done: list[int] = []
    assert (pipeline_digits(DRAWINGS, workers=workers, done=done.append) == digits).all()
    assert evaluate(retrained, sets, workers=workers, done=done.append) == wanted
    assert sum(done) == 10 + 13


def test_each_set_and_model_has_its_own_score(retrained: Models) -> None:
    digits = pipeline_digits(DRAWINGS)
    sets = {
        "all": DigitSet(digits, labels_of(DRAWINGS)),
        "zero": DigitSet(digits[:1], labels_of(DRAWINGS[:1])),
    }
    found = evaluate(retrained, sets)
    assert [[name, *models] for name, models in found.items()] == [
        [name, *MODELS, ANSWER] for name in sets
    ]
    assert found["all"]["cnn"].accuracy >= 0.9  # drawn by hand, for tests
    for name in ("fnn_retrained", "cnn_retrained", ANSWER):
        assert found["all"][name].accuracy == pytest.approx(0.1)  # zeros, all of them
        assert found["zero"][name].accuracy == 1


def test_no_sets_have_no_scores(originals: Models) -> None:
    assert evaluate(originals, {}) == {}


def test_evaluating_needs_no_tensorflow() -> None:
    heavy = (
        "import sys; from inkling.evaluation import robustness; "
        "print({'tensorflow', 'keras'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def row(digit: int, probability: float, least: float = 0) -> FloatArray:
    found = np.full(10, least, np.float32)
    found[digit] = probability
    return found


def test_the_worst_mistakes_are_the_surest() -> None:
    digits = np.stack([np.full((28, 28), i / 10, np.float32) for i in range(5)])
    labels = np.array([1, 1, 1, 1, 1], np.int64)
    fnn = np.stack([row(1, 0.99), row(2, 0.6), row(3, 0.9), row(4, 0.4), row(2, 0.7)])
    cnn = np.stack([row(1, 0.99), row(2, 0.8), row(3, 0.3), row(5, 0.3), row(1, 0.6)])
    said = {"fnn_retrained": fnn, "cnn_retrained": cnn}
    found = worst_mistakes({"few": DigitSet(digits, labels)}, {"few": said})
    # The first is right, the fourth no answer; of two that agree the surer one counts.
    assert [(m.said, round(m.probability, 3)) for m in found] == [(3, 0.9), (2, 0.8), (2, 0.7)]
    assert [m.digit[0, 0].round(1) for m in found] == pytest.approx([0.2, 0.1, 0.4])
    assert {m.label for m in found} == {1}
    assert len(worst_mistakes({"few": DigitSet(digits, labels)}, {"few": said}, count=2)) == 2
