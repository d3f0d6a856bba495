"""The layers format of TensorFlow.js: `model.json`, and its weights in one shard.

As the package @tensorflow/tfjs reads it with `tf.loadLayersModel`: the layers in the form of
Keras 2, the weights as float32 one after another, named `layer/weight`.
"""

import json
from typing import Any

import numpy as np

from inkling.errors import InvalidInput
from inkling.nets.description import Description
from inkling.nets.layers import Layer, layers_of
from two_layer_net import Weights

SHARD = "group1-shard1of1.bin"
# Where it calls a weight or an activation otherwise.
WEIGHT_NAMES = {("DepthwiseConv2D", "kernel"): "depthwise_kernel"}
ACTIVATION_NAMES = {"silu": "swish"}


def tfjs_files(description: Description, arrays: Weights) -> dict[str, bytes]:
    """Return the files of a network by name.

    Raises InvalidInput for a layer that TensorFlow.js has no equal of.
    """
    layers = layers_of(description.config)
    names = [
        f"{layer.name}/{WEIGHT_NAMES.get((layer.kind, name), name)}"
        for layer in layers
        for name, _ in layer.weights
    ]
    values = [np.ascontiguousarray(array, np.dtype("<f4")) for array in arrays.values()]
    weights = [
        {"name": name, "shape": list(array.shape), "dtype": "float32"}
        for name, array in zip(names, values, strict=True)
    ]
    chain = {"name": "sequential", "layers": [_input(), *map(_row, layers)]}
    topology = {
        "keras_version": "2.15.0",
        "backend": "tensorflow",
        "model_config": {"class_name": "Sequential", "config": chain},
    }
    model = {
        "format": "layers-model",
        "generatedBy": "Inkling",
        "convertedBy": None,
        "modelTopology": topology,
        "weightsManifest": [{"paths": [SHARD], "weights": weights}],
        "userDefinedMetadata": {"title": description.title, "scale": description.scale},
    }
    shard = b"".join(array.tobytes() for array in values)
    return {"model.json": (json.dumps(model, indent=1) + "\n").encode(), SHARD: shard}


def _input() -> dict[str, Any]:
    config = {"name": "digits", "batch_input_shape": [None, 28, 28, 1], "dtype": "float32"}
    return {"class_name": "InputLayer", "config": config}


def _row(layer: Layer) -> dict[str, Any]:
    found: dict[str, Any] = {"name": layer.name, "trainable": True} | layer.values
    if "activation" in found:
        found["activation"] = ACTIVATION_NAMES.get(found["activation"], found["activation"])
    if layer.kind == "ReLU" and (found.pop("negative_slope") or found.pop("threshold")):
        raise InvalidInput(
            f"TensorFlow.js has no ReLU with a slope or a threshold ({layer.name}).",
            "Export the network in another format.",
        )
    if layer.kind == "Reshape":
        found["target_shape"] = list(layer.output)  # it cannot work out a side of -1
    if "strides" in found and found["strides"] is None:
        found["strides"] = found["pool_size"]
    return {"class_name": layer.kind, "config": found}
