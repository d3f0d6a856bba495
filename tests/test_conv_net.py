"""The CNN against Keras, its optimizer's part of a state, and its gradients for training."""

import importlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from conv_net import SHAPES, VELOCITY, ConvNet, initial_weights, logits
from inkling import checkpoints
from inkling.pretraining.compiled_nets import compiled_gradients
from testing.examples import batch, random_weights
from two_layer_net import Weights, one_hot

tf: Any = importlib.import_module("tensorflow")  # after conv_net, which sets its environment
keras: Any = importlib.import_module("keras")  # by itself: conv_net keeps it out of TensorFlow
KERAS_LAYERS = ("conv1", "conv2", "dense", "output")


@pytest.fixture(scope="module")
def net() -> ConvNet:
    """One net, since compiling takes a second; every test loads what it needs."""
    return ConvNet(random_weights(0))


def keras_model(state: Weights) -> Any:
    """The same architecture by Keras's own layers, without its dropout."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(16, 4, padding="same", activation="relu", name="conv1"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 4, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(625, activation="relu", name="dense"),
            layers.Dense(10, name="output"),
        ]
    )
    for layer in KERAS_LAYERS:
        kernel, bias = state[f"{layer}_kernel"], state[f"{layer}_bias"]
        model.get_layer(layer).set_weights([kernel.T if kernel.ndim == 2 else kernel, bias])
    return model


def by_name(arrays: Any) -> Weights:
    """Keras's arrays, kernel and bias of each layer in turn, under our names and shapes."""
    found = [np.asarray(array) for array in arrays]
    return {
        name: array.T if name in ("dense_kernel", "output_kernel") else array
        for name, array in zip(SHAPES, found, strict=True)
    }


# --- what it is ---


def test_weights_have_the_architectures_names_and_shapes() -> None:
    expected = {
        "conv1_kernel": (4, 4, 1, 16),
        "conv1_bias": (16,),
        "conv2_kernel": (4, 4, 16, 32),
        "conv2_bias": (32,),
        "dense_kernel": (625, 7 * 7 * 32),
        "dense_bias": (625,),
        "output_kernel": (10, 625),
        "output_bias": (10,),
    }
    found = initial_weights(np.random.default_rng(0))
    assert {name: array.shape for name, array in found.items()} == expected == SHAPES
    assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("name", "inputs"),
    [("conv1_kernel", 16), ("conv2_kernel", 256), ("dense_kernel", 1568), ("output_kernel", 625)],
)
def test_kernels_start_as_wide_as_their_inputs_ask(name: str, inputs: int) -> None:
    kernels = [initial_weights(np.random.default_rng(seed))[name] for seed in range(5)]
    assert np.std(kernels) == pytest.approx(math.sqrt(2 / inputs), rel=0.05)
    assert np.mean(kernels) == pytest.approx(0, abs=0.05 * math.sqrt(2 / inputs))


def test_probabilities_equal_those_of_keras(net: ConvNet) -> None:
    state, (digits, _) = random_weights(1), batch(1, 50)
    net.load(state)
    expected = tf.nn.softmax(keras_model(state)(digits[..., np.newaxis])).numpy()
    np.testing.assert_allclose(net.probabilities(digits), expected, atol=1e-6)


def test_nothing_drops_out_of_answers_and_steps(net: ConvNet) -> None:
    state, (digits, labels) = random_weights(2), batch(2)
    answers, steps = [], []
    for seed in (1, 2):
        tf.random.set_seed(seed)
        net.load(state)
        answers.append(net.probabilities(digits))
        net.step(digits, labels)
        steps.append(net.state()["output_bias"])
    np.testing.assert_array_equal(answers[0], answers[1])
    np.testing.assert_allclose(steps[0], steps[1], rtol=0, atol=1e-7)


# --- one step ---


def test_steps_equal_those_of_keras_rmsprop(net: ConvNet) -> None:
    state = random_weights(3)
    model = keras_model(state)
    optimizer = keras.optimizers.RMSprop(learning_rate=1e-5, rho=0.9, epsilon=1e-7)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.load(state)
    for number in range(5):
        digits, labels = batch(10 + number)
        with tf.GradientTape() as tape:
            expected = loss_of(labels, model(digits[..., np.newaxis]))
        optimizer.apply(
            tape.gradient(expected, model.trainable_variables), model.trainable_variables
        )
        assert net.step(digits, labels) == pytest.approx(float(expected), rel=1e-5)
    after, keras_after = net.state(), by_name(model.trainable_variables)
    slots = [v for v in optimizer.variables if v.name.endswith("velocity")]
    velocities = by_name(slots)
    for name in SHAPES:
        moved, expected_move = after[name] - state[name], keras_after[name] - state[name]
        assert np.abs(expected_move).max() > 3e-5
        np.testing.assert_allclose(moved, expected_move, rtol=1e-3, atol=5e-8)
        np.testing.assert_allclose(after[VELOCITY + name], velocities[name], rtol=1e-3, atol=1e-10)


def test_a_step_takes_the_learning_rate_that_it_is_given(net: ConvNet) -> None:
    moves = []
    for rate in (1e-5, 1e-3):
        net.load(random_weights(4))
        net.step(*batch(4), learning_rate=rate)
        moves.append(net.state()["output_kernel"] - random_weights(4)["output_kernel"])
    np.testing.assert_allclose(100 * moves[0], moves[1], atol=1e-5)


def test_a_state_holds_weights_and_velocities(net: ConvNet) -> None:
    net.load(random_weights(5))
    net.step(*batch(5))
    state = net.state()
    assert set(state) == {*SHAPES, *(VELOCITY + name for name in SHAPES)}
    for name, shape in SHAPES.items():
        assert state[name].shape == state[VELOCITY + name].shape == shape
        assert state[name].dtype == state[VELOCITY + name].dtype == np.float32
        assert (state[VELOCITY + name] >= 0).all()
        assert state[VELOCITY + name].any()
    assert set(checkpoints.parts("cnn", state)["cnn_optimizer"]) == {VELOCITY + n for n in SHAPES}


def test_a_state_continues_where_it_was_taken(net: ConvNet) -> None:
    net.load(random_weights(6))
    net.step(*batch(6))
    taken = net.state()
    net.step(*batch(7))
    straight = net.state()
    net.load(random_weights(0))
    net.load({name: array for part in split_and_joined(taken) for name, array in part.items()})
    net.step(*batch(7))
    continued = net.state()
    for name in straight:
        np.testing.assert_allclose(continued[name], straight[name], rtol=0, atol=1e-7)
    net.load({name: taken[name] for name in SHAPES})  # the velocities make a difference
    net.step(*batch(7))
    assert np.abs(net.state()["output_bias"] - straight["output_bias"]).max() > 1e-6


def split_and_joined(state: Weights) -> list[Weights]:
    """A state as it comes back from the object store."""
    parts = checkpoints.parts("cnn", state)
    return [checkpoints.unpack(checkpoints.pack(part)) for part in parts.values()]


def test_originals_start_with_no_velocity(net: ConvNet) -> None:
    net.step(*batch(8))
    net.load(random_weights(8))
    assert set(net.state()) == set(SHAPES)
    net.step(*batch(8))
    first = ConvNet(random_weights(8))
    first.step(*batch(8))
    velocities = ((first.state()[n], net.state()[n]) for n in (VELOCITY + n for n in SHAPES))
    assert all(np.allclose(*pair, rtol=1e-3, atol=1e-12) for pair in velocities)


# --- gradients for training from scratch ---


def from_scratch(state: Weights, dropout: Sequence[float], seed: int = 1) -> tuple[float, Weights]:
    digits, labels = batch(3)
    return compiled_gradients(logits, SHAPES, dropout)(state, digits, one_hot(labels), (seed, 0))


def test_gradients_without_dropout_equal_those_of_keras() -> None:
    state, (digits, labels) = random_weights(3), batch(3)
    loss, gradients = from_scratch(state, (0, 0, 0))
    model = keras_model(state)
    with tf.GradientTape() as tape:
        scores = model(digits[..., np.newaxis])
        expected = tf.reduce_mean(
            keras.losses.sparse_categorical_crossentropy(labels, scores, from_logits=True)
        )
    assert loss == pytest.approx(float(expected), rel=1e-5)
    bias = tape.gradient(expected, model.trainable_variables)[-1].numpy()
    np.testing.assert_allclose(gradients["output_bias"], bias, atol=1e-6)
    assert {name: array.shape for name, array in gradients.items()} == SHAPES


@pytest.mark.parametrize("place", range(3))
def test_each_dropout_follows_the_seed_alone(place: int) -> None:
    state = random_weights(4)
    rates = tuple(0.5 if n == place else 0.0 for n in range(3))
    first, again = from_scratch(state, rates)[1], from_scratch(state, rates)[1]
    other, without = from_scratch(state, rates, seed=2)[1], from_scratch(state, (0, 0, 0))[1]
    for name in SHAPES:
        np.testing.assert_array_equal(first[name], again[name])
    assert np.abs(first["conv1_kernel"] - other["conv1_kernel"]).max() > 1e-6
    assert np.abs(first["conv1_kernel"] - without["conv1_kernel"]).max() > 1e-6
