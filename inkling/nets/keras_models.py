"""Networks in Keras: built, their weights as named arrays, and written for serving.

Beside `conv_net.py` the only module that imports TensorFlow; only who trains or converts does.
"""

import json
import os
from collections.abc import Sequence
from typing import Any

from inkling.tensorflow_check import check_tensorflow

check_tensorflow()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no banner on every start
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the same results on every machine
# TensorFlow then leaves its own copy of Keras alone, which is imported here by its name
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import keras as keras  # others take it from here, after these variables
import numpy as np

from inkling.errors import InvalidInput
from inkling.nets.architectures import Architecture
from two_layer_net import Weights

SEED_STATE = "seed_generator_state"  # what dropout draws from: no weight, and part of a checkpoint


def build(architecture: Architecture, hidden: Sequence[int] = ()) -> Any:
    """Return an untrained `keras.Sequential` for digits (n, 28, 28, 1)."""
    layers = architecture.layers(keras.layers, hidden or architecture.hidden)
    return keras.Sequential([keras.Input((28, 28, 1)), *layers])


def config_of(model: Any) -> dict[str, Any]:
    """Return the model's layers as JSON values, in Keras's own form."""
    found: dict[str, Any] = json.loads(model.to_json())["config"]
    return found


def model_of(config: dict[str, Any]) -> Any:
    """Return an untrained model of layers that `config_of` gave.

    Only for a config of ours: what comes from elsewhere is checked first.
    """
    return keras.Sequential.from_config(config)


def arrays_of(model: Any) -> Weights:
    """Return copies of the model's weights, by number and name in their order: `00_kernel`, …"""
    return {
        f"{number:02}_{weight.name}": np.array(keras.ops.convert_to_numpy(weight))
        for number, weight in enumerate(model.weights)
    }


def set_arrays(model: Any, arrays: Weights) -> None:
    """Give the model weights that `arrays_of` gave. Raises InvalidInput for other shapes."""
    wanted = {name: array.shape for name, array in arrays_of(model).items()}
    found = {name: array.shape for name, array in arrays.items()}
    if found != wanted:
        raise InvalidInput("The weights do not fit the network's layers.", "Train it anew.")
    model.set_weights([arrays[name] for name in wanted])


def serving_graph(model: Any) -> bytes:
    """Return the model as a LiteRT flatbuffer, its weights within.

    Input: `digits` (n, 28, 28, 1) float32 as the model takes them, n as it is resized to, 1 at
    first. Output: probabilities (n, 10).
    """
    import tensorflow as tf

    learned = [tf.constant(keras.ops.convert_to_numpy(v)) for v in model.trainable_variables]
    others = [
        v if SEED_STATE in v.path else tf.constant(keras.ops.convert_to_numpy(v))
        for v in model.non_trainable_variables
    ]

    def serve(digits: tf.Tensor) -> tf.Tensor:
        return model.stateless_call(learned, others, digits, training=False)[0]

    digits = tf.TensorSpec((None, 28, 28, 1), name="digits")
    concrete = tf.function(serve, autograph=False).get_concrete_function(digits)
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert())
