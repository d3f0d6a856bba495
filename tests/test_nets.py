"""One battery of checks that every net passes: the face that the trainer and the commands use."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Protocol

import numpy as np
import pytest

import conv_net
import two_layer_net
from conv_net import ConvNet
from inkling.nets.lite_conv_net import LiteConvNet
from inkling.nets.registry import Net, PlainNet
from inkling.settings import ROOT
from two_layer_net import Batch, FloatArray, IntArray, TwoLayerNet, Weights, one_hot


class AnyNet(Protocol):
    """A net as whoever serves it or teaches it knows it."""

    def probabilities(self, digits: FloatArray) -> FloatArray: ...
    def state(self) -> Weights: ...
    def load(self, state: Weights, /) -> None: ...


Step = Callable[[Any, FloatArray, IntArray], float]


@dataclass(frozen=True)
class Kind:
    """How to make a net of one kind, and how it takes a step."""

    make: Callable[[Weights], AnyNet]
    initial_weights: Callable[[np.random.Generator], Weights]
    step: Step


def plain_step(net: PlainNet, digits: FloatArray, labels: IntArray) -> float:
    return net.step(digits, labels)


def step_by_a_rule(net: Net, digits: FloatArray, labels: IntArray) -> float:
    count = len(labels)
    nothing, weight = np.zeros((count, 10), np.float32), np.full(count, 1 / count, np.float32)
    batch = Batch(net.features(digits), one_hot(labels), weight, nothing, 0 * weight)
    return net.learn(batch, 1e-4)


KINDS = {
    "TwoLayerNet, plain": Kind(TwoLayerNet, two_layer_net.initial_weights, plain_step),
    "TwoLayerNet, by a rule": Kind(TwoLayerNet, two_layer_net.initial_weights, step_by_a_rule),
    "ConvNet": Kind(ConvNet, conv_net.initial_weights, plain_step),
    "LiteConvNet": Kind(
        partial(LiteConvNet, (ROOT / "models" / "cnn.tflite").read_bytes()),
        conv_net.initial_weights,
        step_by_a_rule,
    ),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@cache
def compiled(kind: Kind, number: int) -> AnyNet:
    """A net to be loaded again by every test, since to compile one takes a second."""
    return kind.make(kind.initial_weights(np.random.default_rng(number)))


@pytest.fixture
def net(kind: Kind) -> AnyNet:
    net = compiled(kind, 0)
    net.load(kind.initial_weights(np.random.default_rng(0)))
    return net


def digits_of(seed: int, count: int) -> FloatArray:
    return np.random.default_rng(seed).random((count, 28, 28)).astype(np.float32)


@pytest.mark.parametrize("count", [1, 2, 24, 100])
def test_probabilities_are_ten_a_digit_and_sum_to_1(net: AnyNet, count: int) -> None:
    found = net.probabilities(digits_of(1, count))
    assert found.shape == (count, 10)
    assert found.dtype == np.float32
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


def test_probabilities_of_a_digit_do_not_depend_on_its_neighbours(net: AnyNet) -> None:
    digits = digits_of(2, 20)
    alone = np.concatenate([net.probabilities(digits[i : i + 1]) for i in range(20)])
    np.testing.assert_allclose(net.probabilities(digits), alone, atol=1e-6)
    assert np.ptp(alone, axis=0).max() > 1e-3


def test_probabilities_change_neither_digits_nor_net(net: AnyNet) -> None:
    digits, before = digits_of(3, 24), net.state()
    kept = digits.copy()
    first = net.probabilities(digits)
    np.testing.assert_array_equal(net.probabilities(digits), first)
    np.testing.assert_array_equal(digits, kept)
    for name, array in net.state().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_state_loads_into_another_net_bit_for_bit(kind: Kind, net: AnyNet) -> None:
    kind.step(net, digits_of(4, 24), np.full(24, 3))
    other = compiled(kind, 1)
    other.load(net.state())
    assert set(other.state()) == set(net.state())
    for name, array in net.state().items():
        np.testing.assert_array_equal(other.state()[name], array)
    np.testing.assert_array_equal(
        other.probabilities(digits_of(5, 3)), net.probabilities(digits_of(5, 3))
    )


def test_what_a_net_gives_and_takes_are_copies(kind: Kind) -> None:
    given = kind.initial_weights(np.random.default_rng(0))
    net, digits = kind.make(given), digits_of(6, 5)  # a new one: its start is tested too
    before = net.probabilities(digits)

    def ruin(arrays: Weights) -> None:
        for array in arrays.values():
            array[...] = 7

    ruin(given)
    ruin(net.state())
    np.testing.assert_array_equal(net.probabilities(digits), before)
    loaded = kind.initial_weights(np.random.default_rng(1))
    net.load(loaded)
    before = net.probabilities(digits)
    ruin(loaded)
    np.testing.assert_array_equal(net.probabilities(digits), before)


def test_a_step_leaves_what_was_given_and_got_alone(kind: Kind, net: AnyNet) -> None:
    given = kind.initial_weights(np.random.default_rng(0))
    kept = {name: array.copy() for name, array in given.items()}
    net.load(given)
    got = net.state()
    got_kept = {name: array.copy() for name, array in got.items()}
    digits, labels = digits_of(7, 24), np.full(24, 4)
    kind.step(net, digits, labels)
    for arrays, expected in ((given, kept), (got, got_kept)):
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, expected[name])
    np.testing.assert_array_equal(digits, digits_of(7, 24))
    assert (labels == 4).all()


@pytest.mark.parametrize("label", range(10))
def test_a_step_moves_the_net_towards_the_label(kind: Kind, net: AnyNet, label: int) -> None:
    digits = digits_of(8, 24) * (np.arange(28) > 13)
    before = net.probabilities(digits)[:, label].mean()
    loss = kind.step(net, digits, np.full(24, label))
    assert isinstance(loss, float)
    assert loss > 0
    assert net.probabilities(digits)[:, label].mean() > before
    assert kind.step(net, digits, np.full(24, label)) < loss


def test_equal_nets_make_equal_steps(kind: Kind, net: AnyNet) -> None:
    other = compiled(kind, 1)
    other.load(net.state())
    digits, labels = digits_of(9, 24), np.arange(24) % 10
    loss = kind.step(net, digits, labels)
    assert loss == pytest.approx(kind.step(other, digits, labels), rel=1e-6)
    for name, array in net.state().items():
        np.testing.assert_allclose(other.state()[name], array, rtol=0, atol=1e-7)
