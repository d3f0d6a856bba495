"""Originals from scratch: who is learned from, and which files come of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from inkling import checkpoints
from inkling.data.datasets import Mnist
from inkling.data.image_folder import LabelledImage
from inkling.data.rendering import render_strokes
from inkling.errors import InvalidInput
from inkling.pretraining import recipes, train
from inkling.pretraining.fit import History, Recipe
from inkling.pretraining.generated_drawings import generated_drawings
from testing.examples import random_weights
from tests.pretraining.material import HELD_OUT, LEARNERS, WATCHED, drawings, small_set
from two_layer_net import TwoLayerNet

SMALL = replace(recipes.RECIPES["fnn"], epochs=2, renderings=1, batch_size=20, warm_up=2)


def mnist(count: int = train.MNIST_VALIDATION + 30) -> Mnist:
    rng = np.random.default_rng(0)
    digits, labels = rng.random((count, 28, 28), np.float32), rng.integers(0, 10, count)
    return Mnist(digits, labels, digits[:1], labels[:1])


def image(digit: int, number: int) -> LabelledImage:
    grey = render_strokes(drawings("x")[digit].strokes)
    return LabelledImage(digit, Path(f"{digit}/{number}.png"), grey)


def test_held_out_writers_are_neither_learned_nor_watched() -> None:
    writers = [*LEARNERS[:2], WATCHED[0], *HELD_OUT[:3]]
    data = train.training_set(mnist(), drawings(*writers))
    assert {drawing.writer for drawing in data.material.drawings} == set(LEARNERS[:2])
    assert data.counts() == {
        "digits": 30,
        "drawings": 20,
        "writers": 2,
        "generated": 0,
        "validation": train.MNIST_VALIDATION + 10,
    }
    np.testing.assert_array_equal(data.validation[1][-10:], np.arange(10))
    assert data.is_drawing.sum() == data.is_drawing[-10:].sum() == 10
    importance = data.importance()
    assert importance[-10:].sum() == importance[:-10].sum() == train.MNIST_VALIDATION
    np.testing.assert_array_equal(data.material.labels, mnist().train_labels[:30])


def test_one_labelled_image_in_ten_is_only_watched() -> None:
    images = [image(number % 10, number) for number in range(20)]
    data = train.training_set(mnist(), [], images)
    assert data.counts()["digits"] == 30 + 18
    assert data.counts()["validation"] == train.MNIST_VALIDATION + 2
    assert data.material.digits[-1].max() == 255


def test_an_image_without_ink_is_named() -> None:
    blank = LabelledImage(3, Path("3/blank.png"), np.full((28, 28), 255, np.uint8))
    with pytest.raises(InvalidInput, match=r"3/blank.png shows no ink"):
        train.training_set(mnist(), [], [blank])


@pytest.mark.parametrize("images", [0, 20])
def test_drawings_alone_are_enough(tmp_path: Path, images: int) -> None:
    pictured = [image(number % 10, number) for number in range(images)]
    data = train.training_set(None, drawings(*LEARNERS[:2], WATCHED[0], *HELD_OUT[:3]), pictured)
    watched = images // 10
    assert data.counts() == {
        "digits": images - watched,
        "drawings": 20,
        "writers": 2,
        "generated": 0,
        "validation": 10 + watched,
    }
    assert data.material.digits.shape == (images - watched, 28, 28)
    assert data.importance()[data.is_drawing].sum() == pytest.approx(10 if not images else watched)
    history = train.train_original("fnn", data, tmp_path / "out", tmp_path / "work", recipe=SMALL)
    assert len(history.loss) == SMALL.epochs
    net = TwoLayerNet(checkpoints.unpack((tmp_path / "out" / "fnn.npz").read_bytes()))
    assert np.isfinite(net.probabilities(data.validation[0])).all()
    train.remove_variations(data, tmp_path / "work", 0)
    assert not any((tmp_path / "work").iterdir())


def test_images_alone_are_enough() -> None:
    data = train.training_set(None, [], [image(number % 10, number) for number in range(11)])
    assert (data.counts()["digits"], data.counts()["validation"]) == (9, 2)
    assert data.importance().tolist() == [1, 1]


def test_what_is_generated_is_learned_and_never_watched() -> None:
    people = drawings(*LEARNERS[:2], WATCHED[0])
    data = train.training_set(None, people, generated=generated_drawings(40))
    assert data.counts() == {
        "digits": 0,
        "drawings": 20,
        "writers": 2,
        "generated": 40,
        "validation": 10,
    }
    assert len(data.material.drawings) == 60


@pytest.mark.parametrize(
    ("writers", "images", "what"),
    [
        ([], 0, "learn from"),
        (HELD_OUT[:2], 0, "learn from"),
        (WATCHED[:2], 0, "learn from"),
        (HELD_OUT[:2], 1, "learn from"),
        (LEARNERS[:2], 0, "watch the training on"),
    ],
)
def test_too_little_to_learn_from_or_to_watch_is_told(
    writers: list[str], images: int, what: str
) -> None:
    pictured = [image(number, number) for number in range(images)]
    with pytest.raises(InvalidInput, match=rf"Nothing is left to {what}: .* or --mnist"):
        train.training_set(None, drawings(*writers), pictured)


def test_training_writes_weights_and_history_and_leaves_no_checkpoint(tmp_path: Path) -> None:
    history = train.train_original(
        "fnn", small_set(), tmp_path / "out", tmp_path / "work", recipe=SMALL, seed=4
    )
    net = TwoLayerNet(checkpoints.unpack((tmp_path / "out" / "fnn.npz").read_bytes()))
    assert net.probabilities(np.zeros((1, 28, 28), np.float32)).shape == (1, 10)
    written = json.loads((tmp_path / "out" / "fnn.history.json").read_text())
    assert written["net"] == "fnn"
    assert written["seed"] == 4
    assert written["loss"] == pytest.approx(history.loss, abs=1e-6)
    assert len(written["validation_accuracy"]) == SMALL.epochs
    assert written["data"] == small_set().counts()
    assert written["recipe"] == SMALL.to_json()
    assert list((tmp_path / "work").rglob("*checkpoint*")) == []


def test_another_recipe_does_not_go_on_from_a_checkpoint(tmp_path: Path) -> None:
    def kill(epoch: int, history: History) -> NoReturn:
        raise KeyboardInterrupt

    folders = tmp_path / "out", tmp_path / "work"
    with pytest.raises(KeyboardInterrupt):
        train.train_original("fnn", small_set(), *folders, recipe=SMALL, report=kill)
    assert len(list((tmp_path / "work").rglob("*checkpoint.npz"))) == 1
    other = replace(SMALL, learning_rate=1e-3)
    seen: list[int] = []
    train.train_original(
        "fnn", small_set(), *folders, recipe=other, report=lambda epoch, _: seen.append(epoch)
    )
    assert seen == [0, 1]
    train.train_original(
        "fnn", small_set(), *folders, recipe=SMALL, report=lambda epoch, _: seen.append(epoch)
    )
    assert seen == [0, 1, 1]


def test_variations_stay_while_another_training_needs_them(tmp_path: Path) -> None:
    data, work = small_set(), tmp_path / "work"
    train.train_original("fnn", data, tmp_path / "out", work, recipe=SMALL)
    folder = train.variations_folder(data, work, 0)
    other = folder / "cnn-0123.checkpoint.npz"
    other.touch()
    train.remove_variations(data, work, 0)
    assert list(folder.glob("rendered-*.npy"))
    other.unlink()
    train.remove_variations(data, work, 0)
    assert not folder.exists()


@pytest.mark.parametrize("alone", [False, True])
def test_a_teacher_changes_what_is_learned(tmp_path: Path, alone: bool) -> None:
    data = small_set()
    if alone:
        data = train.training_set(None, drawings(*LEARNERS[:2], WATCHED[0]))
    teacher = tmp_path / "teacher"
    teacher.mkdir()
    (teacher / "cnn.npz").write_bytes(checkpoints.pack(random_weights(1)))
    kept = []
    for folder in (None, teacher):
        train.train_original("fnn", data, tmp_path, tmp_path / "work", recipe=SMALL, teacher=folder)
        kept.append(checkpoints.unpack((tmp_path / "fnn.npz").read_bytes()))
    assert np.abs(kept[0]["output_bias"] - kept[1]["output_bias"]).max() > 1e-3


def test_a_recipe_file_is_read_with_its_epochs_or_others(tmp_path: Path) -> None:
    file = tmp_path / "best.json"
    recipe = replace(recipes.RECIPES["cnn"], learning_rate=0.5, dropout=(0, 0.1, 0.2))
    file.write_text(json.dumps(recipe.to_json()))
    assert recipes.recipe_of("cnn", file) == recipe
    assert recipes.recipe_of("cnn", file, epochs=3) == replace(recipe, epochs=3)
    assert recipes.recipe_of("fnn") == recipes.RECIPES["fnn"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"epochs": 3, "colour": 7}', "null"])
def test_a_file_without_a_recipe_is_named(content: str, tmp_path: Path) -> None:
    file = tmp_path / "no-recipe.json"
    file.write_text(content)
    with pytest.raises(InvalidInput, match=r"no-recipe.json holds no recipe"):
        recipes.recipe_of("fnn", file)


def test_recipes_survive_json() -> None:
    for recipe in recipes.RECIPES.values():
        values = json.loads(json.dumps(recipe.to_json()))
        assert Recipe(**values | {"dropout": tuple(values["dropout"])}) == recipe


def test_a_net_s_sureness_is_judged_on_worn_drawings_too(tmp_path: Path) -> None:
    """Where it reads those wrongly, it becomes less sure of everything; its guesses stay."""
    plain = small_set()
    digits, labels = plain.validation
    drawn = plain.is_drawing
    misread = replace(plain, worn=(digits[drawn], (labels[drawn] + 1) % 10))
    found = []
    for data in (plain, misread):
        train.train_original("fnn", data, tmp_path, tmp_path / "work", recipe=SMALL)
        history = json.loads((tmp_path / "fnn.history.json").read_text())
        found.append(
            (
                history["temperature"],
                TwoLayerNet(checkpoints.unpack((tmp_path / "fnn.npz").read_bytes())).probabilities(
                    digits
                ),
            )
        )
    assert found[1][0] > found[0][0]
    np.testing.assert_array_equal(found[0][1].argmax(axis=1), found[1][1].argmax(axis=1))


def test_the_watched_writers_drawings_are_worn_once_more() -> None:
    data = train.training_set(mnist(), drawings(*LEARNERS[:2], WATCHED[0]))
    worn, labels = data.worn
    np.testing.assert_array_equal(labels, np.arange(10))
    assert worn.shape == (10, 28, 28)
    assert np.abs(worn - data.validation[0][data.is_drawing]).max() > 0.5
    again = train.training_set(mnist(), drawings(*LEARNERS[:2], WATCHED[0])).worn[0]
    np.testing.assert_array_equal(worn, again)
