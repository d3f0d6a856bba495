"""Networks that were trained elsewhere: read, checked, and built anew of plain layers.

No code of the file is run, and Keras is only given configs that are made here, of checked values.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.formats.apart import read_apart
from inkling.formats.limits import (
    MOST_LAYERS,
    MOST_PARAMETERS,
    MOST_VALUES,
    MOST_WORK,
    NetworkFile,
    check_size,
)
from inkling.formats.npz import described_by, read_npz
from inkling.nets.description import Description, ServableNetwork, check_name
from inkling.nets.layers import DIGIT, Layer, arrays_wanted, chained, config_of, make_layer
from two_layer_net import Weights

IMPORTED = "imported"  # the kind of network that has no architecture here
CLASSES = (10,)
INPUTS = ((28, 28), (28, 28, 1), (784,))
SMALLER = "Name a smaller network."
TRIED = 20  # digits of noise that an imported network must answer


def import_network(path: Path, name: str, scale: float | None = None) -> ServableNetwork:
    """Return the network in a file of Keras's or of ours. Loads TensorFlow.

    scale: what a digit in [0, 1] is multiplied by before the first layer; by default what a file
    of ours says, else 1.

    Raises InvalidInput for a name that is taken by the app, and for a file that holds no chain of
    plain layers from 28×28 to ten classes; OSError for one that cannot be read.
    """
    check_name(name)
    return network_of(_reader(path)(path), path, name, scale)


def network_of(
    found: NetworkFile, path: Path, name: str, scale: float | None = None
) -> ServableNetwork:
    """Return what a file told as a network of this name. Raises as `import_network` does."""
    layers = _with_softmax(_layers(found))
    arrays = _arrays(layers, found)
    content = path.read_bytes()
    described = Description(
        name=name,
        title=f"Imported, {name}",
        about=f"A network of {len(layers)} layers that was trained elsewhere.",
        architecture=IMPORTED,
        config=config_of(layers),
        parameters=sum(layer.parameters for layer in layers),
        scale=_scale(scale or (found.description.scale if found.description else 1.0)),
        training={"file": path.name, "sha256": hashlib.sha256(content).hexdigest()},
    )
    description = described_by(found.description, described) if found.description else described
    graph = _build(description, arrays)
    return ServableNetwork(description, checkpoints.pack(arrays), graph)


def _reader(path: Path) -> Callable[[Path], NetworkFile]:
    check_size(path)
    if path.suffix == ".npz":
        return read_npz
    if path.suffix not in (".keras", ".h5", ".hdf5"):
        raise InvalidInput(f"{path} is no .keras, .h5 or .npz.", "Name one.")
    return read_apart


def _scale(found: Any) -> float:
    if type(found) not in (int, float) or not 0 < found <= 1e6:
        raise InvalidInput(f"The scale is {found!r}.", "Give what a digit is multiplied by: 255.")
    return float(found)


def _layers(found: NetworkFile) -> list[Layer]:
    """Return the layers on (28, 28, 1), under names of ours, each within its limits."""
    if found.shape not in INPUTS:
        raise InvalidInput(
            f"The network takes {found.shape}, not 28×28.",
            "It must take (28, 28), (28, 28, 1) or (784,).",
        )
    rows = [*found.rows]
    if found.shape != DIGIT:
        rows.insert(0, ("Reshape", "", {"target_shape": list(found.shape)}))
    if len(rows) > MOST_LAYERS:
        raise InvalidInput(f"The network has {len(rows)} layers.", SMALLER)
    layers: list[Layer] = []
    named = (
        (kind, f"{kind.lower()[:40]}_{n}", options) for n, (kind, _, options) in enumerate(rows)
    )
    for layer in chained(named):
        _check_layer(layer)
        layers.append(layer)
    for what, count, most in (
        ("parameters", sum(layer.parameters for layer in layers), MOST_PARAMETERS),
        ("multiplications a digit", sum(layer.work for layer in layers), MOST_WORK),
    ):
        if count > most:
            raise InvalidInput(f"The network has {count:,} {what}, over {most:,}.", SMALLER)
    if not layers or layers[-1].output != CLASSES:
        output = layers[-1].output if layers else ()
        raise InvalidInput(f"The network makes {output}, not ten classes.", "It must make (10,).")
    return layers


def _check_layer(layer: Layer) -> None:
    if math.prod(layer.output) > MOST_VALUES:
        what = f"The layer {layer.name} makes {layer.output}, over {MOST_VALUES:,} values."
        raise InvalidInput(what, SMALLER)


def _with_softmax(layers: Sequence[Layer]) -> list[Layer]:
    """Return layers that end in probabilities: those that end in scores get a softmax."""
    passed_on = ("Dropout", "Flatten", "Reshape")
    last = next((each for each in reversed(layers) if each.kind not in passed_on), layers[-1])
    says = last.values.get("activation", "linear")
    if last.kind == "Softmax" or says == "softmax":
        return [*layers]
    if last.kind == "ReLU" or says != "linear":
        says = "relu" if last.kind == "ReLU" else says
        raise InvalidInput(
            f"The network ends in {says}, which gives no probabilities.",
            "It must end in a softmax, or in scores before one.",
        )
    return [*layers, make_layer("Softmax", f"softmax_{len(layers)}", {}, CLASSES)]


def _arrays(layers: Sequence[Layer], found: NetworkFile) -> Weights:
    """Return the weights by name, float32, each of its layer's shape and finite."""
    given = [*found.weights]
    if len(found.rows) < len(layers):  # the reshape before them, or the softmax after
        before = int(found.shape != DIGIT)
        given = [[]] * before + given + [[]] * (len(layers) - before - len(given))
    flat: list[NDArray[np.float32]] = []
    for layer, arrays in zip(layers, given, strict=True):
        wanted = [shape for _, shape in layer.weights]
        shapes = [array.shape for array in arrays]
        if shapes != wanted:
            raise InvalidInput(
                f"The layer {layer.name} has weights {shapes}, not {wanted}.",
                "Save the network anew.",
            )
        with np.errstate(over="ignore"):
            flat += [array.astype(np.float32) for array in arrays]
    if not all(np.isfinite(array).all() for array in flat):
        raise InvalidInput("The network has weights that are no finite numbers.", "Train it anew.")
    return dict(zip(arrays_wanted(layers), flat, strict=True))


def _build(description: Description, arrays: Weights) -> bytes:
    """Return the serving graph of a network that answers noise with probabilities."""
    from inkling.nets import keras_models  # TensorFlow: 4 s
    from inkling.nets.litert import ServedNetwork

    try:
        model = keras_models.model_of(description.config)
        keras_models.set_arrays(model, arrays)
        graph = keras_models.serving_graph(model)
    except Exception as error:  # of Keras and of the converter, which have no kind in common
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        what = f"TensorFlow cannot build the network ({reason[:200]})."
        raise InvalidInput(what, "Use other layers.") from error
    noise = np.random.default_rng(0).random((TRIED, 28, 28), np.float32)
    said = ServedNetwork(graph, description.scale).probabilities(noise)
    if not np.allclose(said.sum(axis=1), 1, atol=1e-3) or not np.isfinite(said).all():
        raise InvalidInput("The network's answers are no probabilities.", "Train it anew.")
    return graph
