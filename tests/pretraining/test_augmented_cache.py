"""Variations of training digits: made once, right for their labels, the same for the same seed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkling.pretraining import recipes
from inkling.pretraining.augmented_cache import RENDERINGS, WARPINGS, Material, Taught, Variations
from inkling.pretraining.fit import FloatArray, Recipe
from tests.pretraining.material import drawings, material

RECIPE = replace(recipes.RECIPES["cnn"], epochs=2, renderings=2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Variations:
    variations = Variations(material(), tmp_path_factory.mktemp("variations"), seed=3)
    variations.make(RECIPE)
    return variations


def test_an_epoch_shows_each_digit_once_and_each_drawing_as_often_as_asked(
    made: Variations,
) -> None:
    epoch = made.epoch(0, RECIPE)
    assert epoch.digits.shape == (60 + 2 * 20, 28, 28)
    assert epoch.digits.dtype == np.uint8
    known = material()
    expected = [known.labels, known.drawn_labels, known.drawn_labels]
    np.testing.assert_array_equal(epoch.labels, np.concatenate(expected))
    np.testing.assert_array_equal(epoch.targets.argmax(axis=1), epoch.labels)
    np.testing.assert_array_equal(epoch.targets.sum(axis=1), np.ones(100))


def test_variations_differ_from_each_other_and_still_show_their_label(made: Variations) -> None:
    first, second = made.epoch(0, RECIPE), made.epoch(1, RECIPE)
    assert np.abs(first.digits.astype(int) - second.digits).mean() > 2
    assert np.abs(first.digits[60:80].astype(int) - first.digits[80:]).mean() > 2
    plain = material().digits.reshape(60, -1).astype(float)
    warped = first.digits[:60].reshape(60, -1).astype(float)
    nearest = np.corrcoef(warped, plain)[:60, 60:].argmax(axis=1)
    assert (material().labels[nearest] == first.labels[:60]).mean() > 0.9


def test_what_is_there_is_not_made_again_and_what_is_missing_comes_back_the_same(
    made: Variations,
) -> None:
    files = sorted(made.folder.glob("*.npy"))
    assert len(files) == 1 + 2 + 4
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}
    gone = [made.folder / "rendered-1.npy", made.folder / "warped-1-1.npy"]
    for path in gone:
        path.unlink()
    told: list[tuple[int, int]] = []
    made.make(RECIPE, lambda done, of: told.append((done, of)))
    assert told[-1] == (2 + 4, 2 + 4)
    for path, (modified, content) in before.items():
        assert path.read_bytes() == content
        assert (path.stat().st_mtime_ns == modified) == (path not in gone)


def test_long_trainings_use_variations_in_turn(made: Variations) -> None:
    many = replace(RECIPE, epochs=1000)
    counts = {"warped-1": (WARPINGS, 60), "rendered": (RENDERINGS, 20)}
    made_up = [
        (made.folder / f"{kind}-{number}.npy", np.full((count, 28, 28), number, np.uint8))
        for kind, (of, count) in counts.items()
        for number in range(of)
    ]
    missing = [(path, digits) for path, digits in made_up if not path.exists()]
    for path, digits in missing:
        np.save(path, digits)
    epoch = made.epoch(WARPINGS * RENDERINGS + 7, many)
    assert (epoch.digits[:60] == 7).all()
    assert {14, 15} == set(np.unique(epoch.digits[60:]))
    for path, _ in missing:
        path.unlink()


def test_another_seed_makes_others(made: Variations, tmp_path: Path) -> None:
    other = Variations(material(), tmp_path, seed=4)
    other.make(RECIPE)
    found = made.epoch(0, RECIPE).digits, other.epoch(0, RECIPE).digits
    for part in (slice(0, 60), slice(60, 100)):
        assert (found[0][part] != found[1][part]).any()


def test_material_without_drawings_makes_epochs_of_digits(tmp_path: Path) -> None:
    known = material()
    variations = Variations(Material(known.digits, known.labels, []), tmp_path, seed=0)
    variations.make(RECIPE)
    assert len(variations.epoch(5, RECIPE).labels) == 60


def test_a_teacher_is_asked_once_a_file_and_gives_the_targets(made: Variations) -> None:
    asked = []

    def teacher(digits: FloatArray) -> FloatArray:
        asked.append(len(digits))
        assert 0 <= digits.min() < digits.max() <= 1
        return np.tile(np.linspace(0, 0.2, 10, dtype=np.float32), (len(digits), 1))

    taught = Taught(teacher, "taught-by-a-line")
    for _ in range(2):
        epoch = made.epoch(0, RECIPE, taught)
        np.testing.assert_allclose(epoch.targets, np.tile(np.linspace(0, 0.2, 10), (100, 1)))
    assert sum(asked) == 100
    assert made.epoch(0, RECIPE).targets.max() == 1  # labels are still there to be had
    for path in made.folder.glob("*taught*"):
        path.unlink()


def changed(which: str) -> Material:
    known = material()
    digits, labels, drawn = known.digits.copy(), known.labels.copy(), list(known.drawings)
    if which == "pixel":
        digits[0, 0, 0] += 1
    elif which == "label":
        labels[0] = (labels[0] + 1) % 10
    elif which == "writer":
        drawn[0] = replace(drawn[0], writer="somebody else")
    elif which == "stroke":
        drawn[3] = replace(drawn[3], strokes=drawings("x")[4].strokes)
    return Material(digits, labels, drawn)


def test_a_fingerprint_tells_any_change() -> None:
    kinds = ("nothing", "pixel", "label", "writer", "stroke")
    found = [changed(which).fingerprint for which in kinds]
    assert found[0] == material().fingerprint
    assert len(set(found)) == len(kinds)


def test_recipes_share_what_they_can(made: Variations) -> None:
    before = len(list(made.folder.glob("*.npy")))
    weaker: Recipe = replace(RECIPE, warping=0.5)
    made.make(weaker)
    assert len(list(made.folder.glob("*.npy"))) == before + 2
    for path in made.folder.glob("warped-0.5-*"):
        path.unlink()
