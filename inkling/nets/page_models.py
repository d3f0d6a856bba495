"""The page's nets as chains of Keras layers, for formats that others can open."""

from typing import Any

import numpy as np

from inkling.nets.description import Description
from inkling.nets.layers import arrays_wanted, chained, config_of
from inkling.nets.registry import MODELS
from two_layer_net import Weights

Rows = list[tuple[str, dict[str, Any]]]  # kinds of layers, and their options
CONVOLUTION = {"kernel_size": [4, 4], "padding": "same", "activation": "relu"}


def _fnn(weights: Weights) -> tuple[Rows, list[Any]]:
    units = len(weights["hidden_bias"])
    rows: Rows = [
        ("Flatten", {}),
        ("Dense", {"units": units, "activation": "relu"}),
        ("Dense", {"units": 10, "activation": "softmax"}),
    ]
    names = ("hidden_kernel", "hidden_bias", "output_kernel", "output_bias")
    return rows, [weights[name] for name in names]


def _cnn(weights: Weights) -> tuple[Rows, list[Any]]:
    rows: Rows = []
    for name in ("conv1", "conv2"):
        rows.append(("Conv2D", {"filters": len(weights[f"{name}_bias"])} | CONVOLUTION))
        rows.append(("MaxPooling2D", {}))
    rows += [
        ("Flatten", {}),
        ("Dense", {"units": len(weights["dense_bias"]), "activation": "relu"}),
        ("Dense", {"units": 10, "activation": "softmax"}),
    ]
    arrays = []
    for name in ("conv1", "conv2", "dense", "output"):
        kernel = weights[f"{name}_kernel"]
        # Here dense kernels lie as (outputs, inputs), in Keras as (inputs, outputs).
        arrays += [kernel.T if kernel.ndim == 2 else kernel, weights[f"{name}_bias"]]
    return rows, arrays


CHAINS = {"fnn": _fnn, "cnn": _cnn}


def page_network(key: str, weights: Weights) -> tuple[Description, Weights]:
    """Return one of the page's models (`fnn_retrained`, …), with these weights, as a network."""
    model = MODELS[key]
    rows, found = CHAINS[model.network.key](weights)
    named = ((kind, f"{kind.lower()}_{number}", o) for number, (kind, o) in enumerate(rows))
    layers = [*chained(named)]
    arrays = [np.ascontiguousarray(array, np.float32) for array in found]
    description = Description(
        name=key,
        title=model.full_title,
        about=" ".join(model.network.about.split()),
        architecture=model.network.key,
        config=config_of(layers),
        parameters=sum(layer.parameters for layer in layers),
    )
    return description, dict(zip(arrays_wanted(layers), arrays, strict=True))
