"""What the net that tells digits from junk learns, and where its threshold lies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkling import checkpoints
from inkling.data.image_folder import LabelledImage
from inkling.nets.unlike_digits import FILE, UnlikeDigits, read_unlike_digits
from inkling.pretraining import train
from inkling.pretraining.augmented_cache import Variations
from inkling.pretraining.drawn_junk import KINDS, junk_digits
from inkling.pretraining.generated_drawings import generated_drawings
from inkling.pretraining.junk_epochs import JUNK, EpochsWithJunk, odds, threshold
from inkling.pretraining.learners import UNLIKE_DIGITS, learner
from inkling.pretraining.recipes import RECIPES
from testing.pen import draw
from tests.pretraining.material import LEARNERS, WATCHED, drawings, small_set

SMALL = replace(RECIPES[UNLIKE_DIGITS], epochs=2, renderings=1, batch_size=50, warm_up=2)


def test_an_epoch_holds_junk_beside_digits_and_no_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkling.pretraining.junk_epochs.EACH", 2)
    pictures = [LabelledImage(digit, tmp_path, draw(digit)) for digit in range(10)]
    data = train.training_set(None, drawings(*LEARNERS[:2], WATCHED[0]), pictures)
    variations = Variations(data.material, tmp_path, 0)
    variations.make(SMALL)
    epochs = EpochsWithJunk(variations, SMALL, 0, data.pictures)
    epochs.make()
    plain, found = variations.epoch(1, SMALL), epochs(1)
    assert data.pictures == slice(0, 9)
    count = len(plain.labels) - 9
    np.testing.assert_array_equal(found.digits[:count], plain.digits[9:])
    np.testing.assert_array_equal(found.labels[:count], plain.labels[9:])
    assert (found.labels[count:] == JUNK).all()
    assert len(KINDS) < len(found.labels) - count <= 2 * len(KINDS)
    np.testing.assert_array_equal(found.targets.argmax(axis=1), found.labels)


def test_junk_differs_from_epoch_to_epoch_and_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkling.pretraining.junk_epochs.EACH", 1)
    variations = Variations(small_set().material, tmp_path, 0)
    epochs = EpochsWithJunk(variations, SMALL, 0, slice(0))
    epochs.make()
    files = sorted(tmp_path.glob("junk-*.npy"))
    assert len(files) == SMALL.epochs
    first, second = (np.load(file) for file in files)
    assert first.shape != second.shape or (first != second).any()
    made = [file.stat().st_mtime_ns for file in files]
    epochs.make()
    assert [file.stat().st_mtime_ns for file in files] == made


def test_odds_are_those_of_the_eleventh_class() -> None:
    probabilities = np.full((3, 11), 0.05)
    probabilities[:, JUNK] = (0.5, 0.9, 1.0)
    np.testing.assert_allclose(odds(probabilities)[:2], [0, np.log(9)], atol=1e-9)
    assert np.isfinite(odds(probabilities)).all()


def test_the_threshold_refuses_the_share_of_digits_that_it_may() -> None:
    scores = np.arange(2000, dtype=np.float32)
    is_drawing = np.arange(2000) < 1000
    least = threshold(scores, is_drawing, 0.01)
    assert (scores[~is_drawing] > least).mean() == pytest.approx(0.01)
    assert not (scores[is_drawing] > least).any()
    assert threshold(scores, np.zeros(2000, bool), 0.01) == pytest.approx(1979, abs=1)


def test_what_is_trained_is_asked_in_numpy_as_in_tensorflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkling.pretraining.junk_epochs.EACH", 1)
    data = train.training_set(None, drawings(*LEARNERS[:2], WATCHED[0]), (), generated_drawings(20))
    train.train_original(UNLIKE_DIGITS, data, tmp_path, tmp_path / "work", recipe=SMALL)
    net = read_unlike_digits(tmp_path)
    assert isinstance(net, UnlikeDigits)
    state = checkpoints.unpack((tmp_path / FILE).read_bytes())
    asked = data.validation[0]
    expected = odds(learner(UNLIKE_DIGITS, SMALL, 0).probabilities(state, asked))
    np.testing.assert_allclose([net.score(digit) for digit in asked], expected, atol=1e-3)
    refused = [not net.is_digit(digit) for digit in asked]
    assert np.mean(refused) <= 1 / len(asked)


@pytest.mark.parametrize("kind", KINDS)
def test_junk_follows_from_its_seed_alone(kind: str) -> None:
    first, again = (junk_digits(each=2, seed=3, only=[kind]) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    other = junk_digits(each=2, seed=4, only=[kind])
    assert first.shape != other.shape or np.abs(first - other).max() > 0.1
