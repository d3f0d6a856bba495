"""Networks as .npz files: our own, which tell their layers, and plain chains of dense layers."""

import json
import math
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.formats.limits import MOST_PARAMETERS, NetworkFile
from inkling.nets.description import Description
from inkling.nets.layers import arrays_wanted, layers_of
from two_layer_net import Weights

DESCRIPTION = "description"  # the array of text that makes a file one of ours
ROWS = "rows"  # likewise, of a file that one process writes for another
LONGEST = 2_000_000  # letters of it: the layers, and the curves of many epochs
MOST_ARRAYS = 1000
NO_CHAIN = (
    "Give kernels and biases by turns, (784, n), (n,), …, (n, 10), (10,), in the file's order, "
    "or what `inkling network export --format npz` wrote."
)


def npz_file(description: Description, arrays: Weights) -> bytes:
    """Return a network as an .npz file: its weights, and its description as a text."""
    told = np.array(json.dumps(description.to_json()))
    return checkpoints.pack(arrays | {DESCRIPTION: told})


def write_plain(found: NetworkFile, path: Path) -> None:
    """Write what a file tells of a network so that `read_plain` returns it, also by another."""
    told = json.dumps([list(found.shape), [list(row) for row in found.rows]])
    arrays = {
        f"{layer:03}_{place}": array
        for layer, of_layer in enumerate(found.weights)
        for place, array in enumerate(of_layer)
    }
    path.write_bytes(checkpoints.pack(arrays | {ROWS: np.array(told)}))


def read_plain(path: Path) -> NetworkFile:
    """Return what `write_plain` was given. Raises InvalidInput for a file of another kind."""
    arrays = _read_arrays(path)
    try:
        shape, rows = json.loads(str(arrays.pop(ROWS)))
        weights: list[list[NDArray[Any]]] = [[] for _ in rows]
        for name, array in sorted(arrays.items()):
            weights[int(name.partition("_")[0])].append(array)
        return NetworkFile(tuple(shape), [(k, name, options) for k, name, options in rows], weights)
    except (KeyError, ValueError, TypeError, IndexError, RecursionError) as error:
        raise InvalidInput(f"{path} holds no network.", NO_CHAIN) from error


def read_npz(path: Path) -> NetworkFile:
    """Return the network in an .npz file. Raises InvalidInput for a file of another kind."""
    arrays = _read_arrays(path)
    if DESCRIPTION in arrays:
        return _ours(path, arrays)
    weights = [*arrays.values()]
    width, rows, last = 784, [], len(weights) - 2
    for number in range(0, len(weights), 2):
        units = 10 if number == last else weights[number].shape[-1:]
        units = int(np.max(units, initial=0))
        pair = [array.shape for array in weights[number : number + 2]]
        if pair != [(width, units), (units,)]:
            shapes = ", ".join(f"{n[:40]} {a.shape}" for n, a in [*arrays.items()][:12])
            raise InvalidInput(f"{path} is no chain of dense layers ({shapes}).", NO_CHAIN)
        activation = "softmax" if number == last else "relu"
        rows.append(("Dense", f"dense_{number}", {"units": units, "activation": activation}))
        width = units
    if not rows:
        raise InvalidInput(f"{path} holds no arrays.", NO_CHAIN)
    return NetworkFile((784,), rows, [weights[n : n + 2] for n in range(0, len(weights), 2)])


def _ours(path: Path, arrays: dict[str, NDArray[Any]]) -> NetworkFile:
    told = arrays.pop(DESCRIPTION)
    if told.dtype.kind != "U" or told.ndim:
        raise InvalidInput(f"In {path}, {DESCRIPTION} is no text.", NO_CHAIN)
    try:
        description = Description.from_json(json.loads(str(told)))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"In {path}, {DESCRIPTION} is no JSON.", NO_CHAIN) from error
    layers = layers_of(description.config)
    names = [*arrays_wanted(layers)]
    if {*names} != arrays.keys():
        raise InvalidInput(f"{path} has not the weights that its layers need.", "Export it anew.")
    left = iter(names)
    weights = [[arrays[next(left)] for _ in layer.weights] for layer in layers]
    rows = [(layer.kind, layer.name, layer.values) for layer in layers]
    return NetworkFile((28, 28, 1), rows, weights, description)


def described_by(told: Description, found: Description) -> Description:
    """Return what an imported network is, with what its file tells for people, where that is plain.

    Raises InvalidInput where it is anything else.
    """
    texts = [told.title, told.about, *told.training, *told.history, *told.figures]
    curves = [value for curve in told.history.values() for value in curve]
    shares = [value for each in told.figures.values() for value in (each.loss, each.accuracy)]
    counts = [each.digits for each in told.figures.values()]
    plain: dict[type, list[Any]] = {str: texts, float: [*curves, *shares], int: counts}
    for kind, values in plain.items():
        if not all(type(v) is kind and v == v and len(str(v)) <= 500 for v in values):
            raise InvalidInput(f"The file's {DESCRIPTION} is no plain text.", "Export it anew.")
    scalars = {k: v for k, v in told.training.items() if type(v) in (str, int, float, bool)}
    return replace(
        found,
        title=told.title,
        about=told.about,
        training=scalars | found.training,
        history=told.history,
        figures=told.figures,
    )


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays in the file's order; of each its size is looked at before it is read."""
    found: dict[str, NDArray[Any]] = {}
    left = MOST_PARAMETERS
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_ARRAYS:
                raise ValueError(f"it holds {len(members):,} arrays")
            for member in members:
                with archive.open(member) as file:
                    array = _read_array(file, left)
                found[member.filename.removesuffix(".npy")] = array
                left -= array.size
    except Exception as error:  # zipfile and numpy raise a dozen kinds for a broken file
        raise InvalidInput(f"{path} cannot be read as .npz ({error}).", NO_CHAIN) from error
    return found


def _read_array(file: IO[bytes], most: int) -> NDArray[Any]:
    """Return an array of numbers, at most so many, or of one text."""
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    shape, by_columns, dtype = readers[version](file)
    count = math.prod(shape)
    is_text = dtype.kind == "U" and shape == () and dtype.itemsize <= 4 * LONGEST
    if not is_text and (dtype.kind != "f" or not 0 < count <= most):
        raise ValueError(f"an array is {dtype} {shape}")
    values = np.frombuffer(file.read(count * dtype.itemsize), dtype, count)
    return values.reshape(shape, order="F" if by_columns else "C")
