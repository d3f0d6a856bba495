"""The FNN's softmax, its single steps, and what training starts from."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from inkling.settings import ROOT
from testing.examples import NAMES, example, learnable
from two_layer_net import (
    ONLINE_LEARNING_RATE,
    FloatArray,
    TwoLayerNet,
    Weights,
    initial_weights,
    loss_and_gradients,
    softmax,
)


def digest(state: Weights) -> str:
    return hashlib.sha256(b"".join(state[name].tobytes() for name in NAMES)).hexdigest()


# --- softmax ---


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_is_safe_for_any_scores(dtype: type) -> None:
    scores: FloatArray = np.array(
        [[1000, -1000, 0], [-1000, -1000, -1000], [1000, 1000, -1000]], dtype
    )
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        probabilities = softmax(scores)
    expected = np.array([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0]])
    np.testing.assert_allclose(probabilities, expected, rtol=1e-6)
    assert probabilities.dtype == dtype


def test_softmax_is_exp_over_its_sum_row_by_row() -> None:
    scores = np.random.default_rng(0).normal(0, 3, (5, 10))
    expected = np.exp(scores) / np.exp(scores).sum(axis=1)[:, np.newaxis]
    np.testing.assert_allclose(softmax(scores), expected, rtol=1e-12)


def test_the_loss_stays_finite_where_the_label_has_no_probability_left() -> None:
    weights, digits, _ = example(np.float32)
    weights["output_bias"][:] = [1000, *[-1000] * 9]
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, gradients = loss_and_gradients(weights, digits, np.full(len(digits), 5))
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())


# --- one step ---


def test_the_online_learning_rate_is_what_training_ends_with_over_32() -> None:
    assert pytest.approx(0.1 * 0.95**24 / 32, rel=1e-12) == ONLINE_LEARNING_RATE


@pytest.mark.parametrize(
    ("arguments", "rate", "l2"),
    [({}, 0.1 * 0.95**24 / 32, 0.001), ({"learning_rate": 0.3, "l2": 0.2}, 0.3, 0.2)],
)
def test_a_step_goes_down_the_gradient(arguments: dict[str, float], rate: float, l2: float) -> None:
    weights, digits, labels = example(count=24, hidden=100)
    net = TwoLayerNet(weights)
    before = net.state()
    loss, gradients = loss_and_gradients(before, digits, labels, l2)
    assert net.step(digits, labels, **arguments) == pytest.approx(loss, rel=1e-9)
    after = net.state()
    for name in NAMES:
        moved = after[name] - before[name]
        np.testing.assert_allclose(moved, -rate * gradients[name], rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_an_online_step_lowers_the_loss(seed: int) -> None:
    net = TwoLayerNet(initial_weights(np.random.default_rng(seed)))
    digits, labels = learnable(seed, count=24)
    before = net.step(digits, labels)
    assert net.step(digits, labels) < before


SAME_BITS = """
import hashlib, sys
import numpy as np
from two_layer_net import TwoLayerNet, initial_weights

rng = np.random.default_rng(3)
net = TwoLayerNet(initial_weights(rng))
for _ in range(20):
    net.step(rng.random((24, 28, 28), np.float32), rng.integers(0, 10, 24))
print(hashlib.sha256(b"".join(array.tobytes() for array in net.state().values())).hexdigest())
"""


def test_a_step_gives_the_same_bits_on_any_number_of_threads() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", SAME_BITS],
            cwd=ROOT,
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "4")
    }
    assert len(digests) == 1


# --- before training ---


@pytest.mark.parametrize("hidden", [100, 30])
def test_xavier_weights_are_as_wide_as_their_layers_ask(hidden: int) -> None:
    weights = initial_weights(np.random.default_rng(0), hidden)
    shapes = [(784, hidden), (hidden,), (hidden, 10), (10,)]
    assert [weights[name].shape for name in NAMES] == shapes
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}
    for name, width in (("hidden_kernel", 784 + hidden), ("output_kernel", hidden + 10)):
        limit = np.sqrt(6 / width)
        assert 0.95 * limit < np.abs(weights[name]).max() <= limit
        assert weights[name].mean() == pytest.approx(0, abs=0.1 * limit)
    assert not weights["hidden_bias"].any()
    assert not weights["output_bias"].any()
