"""Networks as somebody else would have made them, in Keras, with weights at random."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from functions import FloatArray
from inkling.nets import keras_models  # noqa: F401, which lets TensorFlow leave its Keras alone

import keras  # isort: skip

DIGITS: FloatArray = np.random.default_rng(3).random((5, 28, 28), np.float32)
layers = keras.layers


def _chain(*chain: Any, shape: tuple[int, ...] = (28, 28, 1)) -> Any:
    return keras.Sequential([keras.Input(shape), *chain])


def _functional() -> Any:
    start = keras.Input((28, 28))
    end = layers.Dense(10, activation="softmax")(layers.Flatten()(start))
    return keras.Model(start, end)


def _all_kinds() -> Any:
    return _chain(
        layers.Rescaling(0.5, offset=0.1),
        layers.ZeroPadding2D(((1, 0), (2, 1))),
        layers.Conv2D(6, 3, strides=2, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.SeparableConv2D(8, 3, depth_multiplier=2, activation="tanh"),
        layers.DepthwiseConv2D(3, use_bias=False),
        layers.ReLU(6.0),
        layers.MaxPooling2D(),
        layers.AveragePooling2D(2, strides=1),
        layers.Dropout(0.3),
        layers.Conv2D(4, 2, dilation_rate=2, activation="silu"),
        layers.Reshape((-1, 4)),
        layers.Flatten(),
        layers.Dense(12, activation="elu"),
        layers.Activation("sigmoid"),
        layers.Dense(10),
        layers.Softmax(),
    )


def _all_convolutional() -> Any:
    return _chain(layers.Conv2D(10, 5), layers.GlobalAveragePooling2D())


FOREIGN: dict[str, Callable[[], Any]] = {
    "all kinds": _all_kinds,
    "functional": _functional,
    "784": lambda: _chain(layers.Dense(10, activation="softmax"), shape=(784,)),
    "scores": lambda: _chain(layers.Flatten(), layers.Dense(10)),
    "all convolutional": _all_convolutional,
}
SCORES = {"scores", "all convolutional"}  # what ends without a softmax


def make(name: str) -> Any:
    """A network with weights that are not those of a start: means, variances and biases too."""
    keras.utils.set_random_seed(1)
    model = FOREIGN[name]()
    rng = np.random.default_rng(2)
    model.set_weights([w + rng.uniform(0, 0.2, w.shape) for w in model.get_weights()])
    return model


def answers(name: str, model: Any, digits: FloatArray = DIGITS) -> FloatArray:
    """What Keras says, as probabilities, of digits (n, 28, 28)."""
    said = model.predict(digits.reshape(-1, *model.input_shape[1:]), verbose=0)
    if name not in SCORES:
        return np.asarray(said)
    powers = np.exp(said - said.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def save(model: Any, path: Path) -> Path:
    """Saved by Keras itself."""
    model.save(path)
    return path
