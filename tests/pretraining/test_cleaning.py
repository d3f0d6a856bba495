"""Labels of strangers, cleaned: folds are runs of neighbours, wrong labels go, right ones stay."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from functions import FloatArray
from inkling.data.image_folder import LabelledImage, image_digits
from inkling.data.picture_file import read_picture_file, write_picture_file
from inkling.data.strokes import labels_of
from inkling.pretraining import cleaning, recipes, train
from inkling.pretraining.cleaning import FOLDS, LEAST, Cleaned, clean, folds_of
from inkling.pretraining.generated_drawings import generated_drawings
from testing.pen import draw
from tests.pretraining.material import material


def test_folds_are_runs_of_neighbours_with_every_label_in_each() -> None:
    labels = np.repeat([0, 3, 8], [50, 23, 101])
    folds = folds_of(labels)
    for label in (0, 3, 8):
        own = folds[labels == label]
        assert (np.diff(own) >= 0).all()
        counts = np.bincount(own, minlength=FOLDS)
        assert counts.max() - counts.min() <= 1


def test_what_is_believed_decides_what_stays() -> None:
    found = Cleaned(np.array([0.5, LEAST, LEAST / 2, 0.0]), np.array([3, 3, 3, 7]))
    assert found.kept.tolist() == [True, True, False, False]
    assert found.dropped() == {3: 1, 7: 1}


def test_each_image_is_judged_by_a_net_that_did_not_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The net is a memory of what it learned: it believes in what it saw alone."""
    known = material()
    rng = np.random.default_rng(0)
    digits = rng.random((20, 28, 28)).astype(np.float32)
    labels = np.arange(20) % 2
    seen: list[FloatArray] = []

    def fit(start: object, *rest: object, **options: object) -> tuple[dict[str, FloatArray], None]:
        epoch = rest[3](0)  # type: ignore[operator]
        seen.append(epoch.digits[len(known.labels) :])
        assert len(epoch.digits) == len(known.labels) + 16
        return {"seen": seen[-1]}, None

    class Memory:
        start = gradients = None

        @staticmethod
        def probabilities(state: dict[str, FloatArray], asked: FloatArray) -> FloatArray:
            flat = state["seen"].reshape(16, -1).astype(np.float32)
            close = [np.abs(flat - 255 * one.ravel()).mean(axis=1).min() < 2 for one in asked]
            return np.where(close, 1.0, 0.0)[:, np.newaxis].repeat(10, axis=1)

    monkeypatch.setattr(cleaning, "fit", fit)
    monkeypatch.setattr(cleaning, "learner", lambda *words: Memory)
    data = train.TrainingSet(known, (digits[:1], labels[:1]), np.zeros(1, bool))
    recipe = replace(recipes.RECIPES["cnn"], epochs=1, renderings=0, warping=0.0)
    found = clean(data, digits, labels, tmp_path, recipe=recipe)
    assert len(seen) == FOLDS
    assert not found.believed.any()


@pytest.mark.proof
@pytest.mark.long
def test_wrong_labels_go_and_right_ones_stay(tmp_path: Path) -> None:
    """Sevens and ones as the tests draw them, two of forty with the other's label."""
    images = [
        LabelledImage(digit, tmp_path, draw(digit, width=14 + n % 9, size=120 + 3 * n))
        for digit in (0, 7)
        for n in range(20)
    ]
    images[3], images[30] = (
        replace(images[3], grey=draw(7)),
        replace(images[30], grey=draw(0)),
    )
    watched = [LabelledImage(digit, tmp_path, draw(digit)) for digit in range(10)] * 2
    data = train.training_set(None, [], watched, generated_drawings(900))
    recipe = replace(cleaning.recipe_of(6), batch_size=64, warm_up=20, renderings=2)
    found = clean(data, image_digits(images), labels_of(images), tmp_path, recipe=recipe)
    assert not found.kept[3] and not found.kept[30]
    assert found.kept.sum() >= 36


def test_pictures_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "clean.npz"
    images = [LabelledImage(digit, tmp_path, draw(digit)) for digit in (3, 8)]
    write_picture_file(path, images)
    found = read_picture_file(path)
    assert [one.digit for one in found] == [3, 8]
    assert all((one.grey == draw(one.digit)).all() for one in found)
    before = path.read_bytes()
    write_picture_file(path, images)
    assert path.read_bytes() == before
