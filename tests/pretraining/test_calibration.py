"""The temperature of a trained net."""

import numpy as np
import pytest

from inkling.pretraining.calibration import at_temperature, best_temperature
from testing.examples import batch, example, random_weights
from two_layer_net import TwoLayerNet, softmax


@pytest.mark.parametrize("sureness", [0.6, 1.0, 1.7])
def test_the_temperature_undoes_too_much_and_too_little_sureness(sureness: float) -> None:
    rng = np.random.default_rng(0)
    true = softmax(rng.normal(0, 2, (20_000, 10)))
    labels = (rng.random((20_000, 1)) > true.cumsum(axis=1)).sum(axis=1).clip(0, 9)
    stated = softmax(np.log(true) * sureness)
    assert best_temperature(stated, labels) == pytest.approx(sureness, rel=0.04)


def test_what_is_important_decides() -> None:
    sure, unsure = np.array([[0.9] + [0.1 / 9] * 9] * 100), np.array([[0.5] + [0.5 / 9] * 9] * 100)
    stated = np.concatenate([sure, unsure])
    labels = np.zeros(200, int)
    labels[:50] = 1  # half of what it was sure of is wrong, and all else right
    of_the_sure = best_temperature(stated, labels, np.repeat([1.0, 0.0], 100))
    of_the_unsure = best_temperature(stated, labels, np.repeat([0.0, 1.0], 100))
    assert of_the_sure > 1.5 > 0.6 > of_the_unsure
    assert of_the_unsure < best_temperature(stated, labels) < of_the_sure


def test_certain_and_wrong_is_as_bad_as_can_be_and_still_a_number() -> None:
    certain = np.eye(10, dtype=np.float32)[[3, 3, 5]]
    assert best_temperature(certain, np.array([3, 4, 5])) == pytest.approx(2)


def test_a_temperature_moves_probabilities_and_leaves_guesses() -> None:
    weights, digits, _ = example(np.float32, count=50)
    before = TwoLayerNet(weights).probabilities(digits)
    after = TwoLayerNet(at_temperature(weights, 1.5)).probabilities(digits)
    np.testing.assert_allclose(after, softmax(np.log(before) / 1.5), atol=1e-5)
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    assert after.max(axis=1).mean() < before.max(axis=1).mean()


def test_the_cnn_is_cooled_by_the_same_names() -> None:
    conv_net = pytest.importorskip("conv_net")
    weights, (digits, _) = random_weights(2), batch(2)
    before = conv_net.ConvNet(weights).probabilities(digits)
    after = conv_net.ConvNet(at_temperature(weights, 0.7)).probabilities(digits)
    np.testing.assert_allclose(after, softmax(np.log(before) / 0.7), atol=1e-4)
