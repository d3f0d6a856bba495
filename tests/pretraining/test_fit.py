"""Training from scratch, for both nets: Adam, averages, and going on after a kill."""

import importlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkling.errors import InvalidInput
from inkling.pretraining.fit import Adam, Epoch, History, Recipe, fit
from inkling.pretraining.learners import learner
from testing.examples import learnable
from two_layer_net import FloatArray, IntArray, Weights, one_hot

RECIPE = Recipe(
    epochs=4,
    batch_size=24,
    learning_rate=3e-3,
    averaging=0.9,
    warping=0,
    renderings=0,
    warm_up=5,
)
VALIDATION = learnable(100)


def epoch_of(number: int) -> Epoch:
    digits, labels = learnable(number)
    return Epoch(np.rint(digits * 255).astype(np.uint8), labels, one_hot(labels))


def trained(net: str, recipe: Recipe = RECIPE, **how: Any) -> tuple[Weights, History]:
    untrained = learner(net, recipe, how.get("seed", 0))
    return fit(
        untrained.start,
        untrained.gradients,
        untrained.probabilities,
        recipe,
        how.pop("epoch_of", epoch_of),
        VALIDATION,
        **how,
    )


Told = list[tuple[int, int]]  # the epoch that is over, and how long its history is


@cache
def straight(net: str) -> tuple[Weights, History, Told]:
    """A training that nothing disturbs, and what it reported."""
    told: Told = []
    weights, history = trained(net, report=lambda epoch, h: told.append((epoch, len(h.loss))))
    return weights, history, told


def assert_same(some: Weights, others: Weights) -> None:
    assert some.keys() == others.keys()
    for name in some:
        np.testing.assert_array_equal(some[name], others[name])


@pytest.mark.parametrize("net", ["fnn", "cnn"])
def test_both_nets_learn_what_can_be_learned(net: str) -> None:
    weights, history, told = straight(net)
    answer = learner(net, RECIPE, 0).probabilities

    def judge(weights: Weights, digits: FloatArray, labels: IntArray) -> float:
        return float((answer(weights, digits).argmax(axis=1) == labels).mean())

    assert judge(weights, *learnable(101)) >= 0.99
    assert told == [(epoch, epoch + 1) for epoch in range(4)]
    assert history.loss[-1] < 0.3 * history.loss[0]
    assert history.validation_accuracy[-1] == judge(weights, *VALIDATION)
    last = epoch_of(3)
    digits = last.digits.astype(np.float32) / 255
    assert history.accuracy[-1] == judge(weights, digits, last.labels)


@pytest.mark.parametrize("net", ["fnn", "cnn"])
def test_a_seed_decides_everything(net: str) -> None:
    short = replace(RECIPE, epochs=1)
    (first, history), (again, same), (other, _) = (trained(net, short, seed=n) for n in (1, 1, 2))
    assert_same(first, again)
    assert history == same
    assert any((first[name] != other[name]).any() for name in first)


class Killed(Exception):
    """As near to SIGKILL as one process gets: nothing runs after it."""


@pytest.mark.parametrize("net", ["fnn", "cnn"])
def test_a_killed_training_ends_at_the_very_same_weights(net: str, tmp_path: Path) -> None:
    weights, history, _ = straight(net)
    checkpoint = tmp_path / "checkpoint.npz"

    def kill(epoch: int, history: History) -> None:
        if epoch == 1:
            raise Killed

    with pytest.raises(Killed):
        trained(net, checkpoint=checkpoint, report=kill)
    asked: list[int] = []

    def counted(number: int) -> Epoch:
        asked.append(number)
        return epoch_of(number)

    resumed, whole = trained(net, checkpoint=checkpoint, epoch_of=counted)
    assert asked == [2, 3]
    assert_same(resumed, weights)
    assert whole == history


def test_a_damaged_checkpoint_is_told_and_left(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.npz"
    checkpoint.write_bytes(b"half a fi")
    with pytest.raises(InvalidInput, match=r"checkpoint.npz is damaged. Remove it"):
        trained("fnn", checkpoint=checkpoint)
    assert checkpoint.read_bytes() == b"half a fi"


def test_a_loss_that_bursts_is_told() -> None:
    with (
        np.errstate(all="ignore"),
        pytest.raises(InvalidInput, match="Lower the learning rate"),
    ):
        trained("fnn", replace(RECIPE, learning_rate=1e30, warm_up=0))


def test_l2_pulls_kernels_and_leaves_biases() -> None:
    start = {"a_kernel": np.ones((3, 2), np.float32), "a_bias": np.ones(2, np.float32)}
    zeros = {name: np.zeros_like(array) for name, array in start.items()}
    weights, _ = fit(
        start,
        lambda *_: (0.0, dict(zeros)),
        lambda state, digits: np.zeros((len(digits), 10)),
        replace(RECIPE, l2=0.1, averaging=0.0, learning_rate=0.02),
        epoch_of,
        VALIDATION,
    )
    assert (weights["a_kernel"] < 0.9).all()
    np.testing.assert_array_equal(weights["a_bias"], start["a_bias"])


def test_steps_equal_those_of_keras_adam() -> None:
    keras: Any = importlib.import_module("keras")
    rng = np.random.default_rng(0)
    start = {"a": rng.normal(size=(4, 3)).astype(np.float32), "b": np.zeros(3, np.float32)}
    ours = Adam(start)
    theirs = {name: keras.Variable(array) for name, array in start.items()}
    optimizer = keras.optimizers.Adam(0.01, epsilon=1e-7)
    for _ in range(30):
        gradients = {n: rng.normal(size=a.shape).astype(np.float32) for n, a in start.items()}
        ours.step(gradients, 0.01, 0.9)
        optimizer.apply([gradients[n] for n in start], [theirs[n] for n in start])
    for name, variable in theirs.items():
        expected = keras.ops.convert_to_numpy(variable)
        # The small constant lies elsewhere in the formula: Keras adds it to the biased root.
        np.testing.assert_allclose(ours.weights[name], expected, rtol=1e-4, atol=1e-5)


def test_the_average_follows_the_weights_by_the_share_asked() -> None:
    start = {"a": np.zeros(2, np.float32)}
    adam = Adam(start)
    average = np.zeros(2)
    for step in range(1, 40):
        adam.step({"a": np.array([1.0, -2.0], np.float32)}, 0.1, 0.7)
        kept = min(0.7, (1 + step) / (10 + step))
        average = kept * average + (1 - kept) * adam.weights["a"]
        np.testing.assert_allclose(adam.average["a"], average, rtol=1e-4)
    assert start["a"].tolist() == [0, 0]


def test_the_rate_rises_then_falls_to_nothing() -> None:
    recipe = replace(RECIPE, learning_rate=2.0, warm_up=10)
    assert recipe.rate(0, 0) == pytest.approx(0.2)
    assert recipe.rate(0, 9) == recipe.rate(0, 50) == 2.0
    assert recipe.rate(0.5, 500) == pytest.approx(1.0)
    assert recipe.rate(1, 999) == pytest.approx(0, abs=1e-12)
