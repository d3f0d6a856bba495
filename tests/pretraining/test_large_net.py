"""The larger net that teaches the originals: against Keras, as a learner and as a teacher."""

from pathlib import Path

import numpy as np
import pytest

from conv_net import initial_weights
from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.nets.keras_models import keras
from inkling.pretraining.compiled_nets import compiled_gradients
from inkling.pretraining.large_net import SHAPES, logits
from inkling.pretraining.learners import learner, taught_by
from inkling.pretraining.recipes import RECIPES
from testing.examples import batch, random_weights
from two_layer_net import Weights, one_hot


def weights(seed: int = 0) -> Weights:
    return initial_weights(np.random.default_rng(seed), SHAPES)


def keras_model(state: Weights) -> keras.Model:
    """The same net in Keras, from the words of `large_net`'s docstring."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPool2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPool2D(2),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    ours = [a.T if n in ("dense_kernel", "output_kernel") else a for n, a in state.items()]
    model.set_weights(ours)
    return model


def test_probabilities_equal_those_of_keras() -> None:
    state, (digits, _) = weights(1), batch(1, 50)
    found = learner("teacher", RECIPES["teacher"], 0).probabilities(state, digits)
    expected = keras_model(state).predict(digits[..., np.newaxis], verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_gradients_are_those_of_a_small_step() -> None:
    """Against a difference quotient along the gradient itself, in each of the arrays."""
    state, (digits, labels) = weights(2), batch(2)
    compute = compiled_gradients(logits, SHAPES, (0, 0, 0))
    loss, gradients = compute(state, digits, one_hot(labels), (1, 0))
    for name, gradient in gradients.items():
        norm = float(np.linalg.norm(gradient))
        moved = state | {name: state[name] - np.float32(2e-3 / norm) * gradient}
        less = compute(moved, digits, one_hot(labels), (1, 0))[0]
        assert (loss - less) / 2e-3 == pytest.approx(norm, rel=0.1), name


def test_a_folders_larger_net_teaches_before_its_cnn(tmp_path: Path) -> None:
    digits = batch(3)[0]
    np.save(tmp_path / "digits.npy", np.rint(digits * 255).astype(np.uint8))
    (tmp_path / "cnn.npz").write_bytes(checkpoints.pack(random_weights(1)))
    assert taught_by(tmp_path).name.startswith("cnn-")
    (tmp_path / "teacher.npz").write_bytes(checkpoints.pack(weights(3)))
    taught = taught_by(tmp_path)
    assert taught.name.startswith("teacher-")
    expected = keras_model(weights(3)).predict(
        np.rint(digits * 255)[..., np.newaxis] / 255, verbose=0
    )
    np.testing.assert_allclose(taught(tmp_path / "digits.npy"), expected, atol=1e-5)


def test_a_folder_without_a_net_that_teaches_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no teacher.npz and no cnn.npz.*train teacher"):
        taught_by(tmp_path)
