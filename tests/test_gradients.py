"""The FNN's loss and gradients against numerical slopes, TensorFlow and broken gradients."""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import conv_net  # noqa: F401 - before TensorFlow, whose environment it sets
from testing.examples import NAMES, example
from two_layer_net import FloatArray, IntArray, TwoLayerNet, Weights, loss_and_gradients

tf: Any = importlib.import_module("tensorflow")
Gradients = Callable[[Weights, FloatArray, IntArray, float], tuple[float, Weights]]


def check_gradients(gradients_of: Gradients, l2: float) -> None:
    """Hold gradients to what the loss does along random directions and single weights."""
    weights, digits, labels = example()
    gradients = gradients_of(weights, digits, labels, l2)[1]
    assert set(gradients) == set(NAMES)
    rng = np.random.default_rng(1)
    for name in NAMES:
        assert gradients[name].shape == weights[name].shape
        one = np.zeros(weights[name].size)
        one[rng.integers(one.size)] = 1
        for direction in (one.reshape(weights[name].shape), rng.normal(size=weights[name].shape)):
            direction /= np.linalg.norm(direction)
            losses = [
                loss_and_gradients(
                    weights | {name: weights[name] + step * direction}, digits, labels, l2
                )[0]
                for step in (1e-6, -1e-6)
            ]
            slope = (losses[0] - losses[1]) / 2e-6
            assert np.vdot(gradients[name], direction) == pytest.approx(slope, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("l2", [0, 0.001, 0.5])
def test_gradients_are_the_slopes_of_the_loss(l2: float) -> None:
    check_gradients(loss_and_gradients, l2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "damage",
    [
        lambda gradient: gradient * 1.001,
        lambda gradient: -gradient,
        lambda gradient: np.zeros_like(gradient),
        lambda gradient: np.roll(gradient, 1, axis=-1),
        lambda gradient: gradient + 1e-3,
    ],
    ids=["scaled", "negated", "zero", "rolled", "shifted"],
)
def test_a_broken_gradient_fails_the_check(
    name: str, damage: Callable[[FloatArray], FloatArray]
) -> None:
    def broken(
        weights: Weights, digits: FloatArray, labels: IntArray, l2: float
    ) -> tuple[float, Weights]:
        loss, gradients = loss_and_gradients(weights, digits, labels, l2)
        return loss, gradients | {name: damage(gradients[name])}

    with pytest.raises(AssertionError):
        check_gradients(broken, 0.001)


def test_gradients_without_the_l2_term_fail_the_check() -> None:
    def forgetful(
        weights: Weights, digits: FloatArray, labels: IntArray, l2: float
    ) -> tuple[float, Weights]:
        return loss_and_gradients(weights, digits, labels, 0)

    check_gradients(forgetful, 0)
    with pytest.raises(AssertionError):
        check_gradients(forgetful, 0.5)


@pytest.mark.parametrize("l2", [0, 0.001, 0.5])
def test_loss_and_gradients_equal_tensorflows(l2: float) -> None:
    weights, digits, labels = example()
    variables = {name: tf.Variable(weights[name]) for name in NAMES}
    with tf.GradientTape() as tape:
        hidden = tf.nn.relu(
            tf.reshape(digits, (-1, 784)) @ variables["hidden_kernel"] + variables["hidden_bias"]
        )
        scores = hidden @ variables["output_kernel"] + variables["output_bias"]
        kernels = tf.nn.l2_loss(variables["hidden_kernel"]) + tf.nn.l2_loss(
            variables["output_kernel"]
        )
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
        expected = tf.reduce_mean(entropy) + l2 * kernels
    loss, gradients = loss_and_gradients(weights, digits, labels, l2)
    assert loss == pytest.approx(float(expected), rel=1e-12)
    for name, gradient in tape.gradient(expected, variables).items():
        np.testing.assert_allclose(gradients[name], gradient.numpy(), rtol=1e-9, atol=1e-14)
    probabilities = TwoLayerNet(weights).probabilities(digits)
    np.testing.assert_allclose(probabilities, tf.nn.softmax(scores).numpy(), rtol=1e-12)


def test_a_net_that_knows_nothing_loses_the_logarithm_of_ten() -> None:
    weights, digits, labels = example()
    zeros = {name: np.zeros_like(array) for name, array in weights.items()}
    assert loss_and_gradients(zeros, digits, labels)[0] == pytest.approx(np.log(10), rel=1e-12)


def test_gradients_keep_the_weights_type() -> None:
    gradients = loss_and_gradients(*example(np.float32))[1]
    assert {gradient.dtype for gradient in gradients.values()} == {np.dtype(np.float32)}
