"""The same app with Keras's `model.predict` in the web process, as tutorials do it: to compare."""

from typing import cast

import keras
import numpy as np

import conv_net
from functions import FloatArray
from inkling import checkpoints
from inkling.nets.registry import Net
from inkling.web.app import Inkling
from main import create_app as create_inkling


class KerasConvNet:
    """The CNN as a Keras model, with the face of the recognizer's own."""

    def __init__(self, arrays: checkpoints.Arrays) -> None:
        layers = keras.layers
        self._model = keras.Sequential(
            [
                layers.Input((28, 28, 1)),
                layers.Conv2D(16, 4, padding="same", activation="relu"),
                layers.MaxPool2D(),
                layers.Dropout(0.1),
                layers.Conv2D(32, 4, padding="same", activation="relu"),
                layers.MaxPool2D(),
                layers.Dropout(0.2),
                layers.Flatten(),
                layers.Dense(625, activation="relu"),
                layers.Dropout(0.4),
                layers.Dense(10, activation="softmax"),
            ]
        )
        # Keras keeps dense kernels as (inputs, outputs).
        names = list(conv_net.SHAPES)
        self._model.set_weights(
            [arrays[n].T if n in ("dense_kernel", "output_kernel") else arrays[n] for n in names]
        )

    def features(self, digits: FloatArray) -> FloatArray:
        """Return what Keras takes, (n, 28, 28, 1)."""
        return digits.reshape(-1, 28, 28, 1)

    def answers(self, features: FloatArray) -> FloatArray:
        """Return probabilities (n, 10)."""
        return np.asarray(self._model.predict(features, verbose=0))

    def sees_as(self, other: object) -> bool:
        """Whether another net has the same features: none does."""
        return False

    def load(self, weights: checkpoints.Arrays) -> None:
        """No version comes where only the originals are measured."""
        raise NotImplementedError

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Return probabilities (n, 10) for digits (n, 28, 28) in [0, 1]."""
        return self.answers(self.features(digits))


def create_app() -> Inkling:
    """Inkling, its CNN in Keras, at version 0."""
    app = create_inkling()
    arrays = checkpoints.originals(app.settings.models_folder)["cnn"]
    app.recognizer._originals["cnn"] = cast(Net, KerasConvNet(arrays))  # it only answers
    return app
