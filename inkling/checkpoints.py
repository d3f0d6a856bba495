"""Sets of weights as objects: how they are packed, named by their content, read and checked."""

import hashlib
import io
import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inkling.errors import InvalidInput
from inkling.nets.registry import NETWORKS
from inkling.storage import keys
from inkling.storage.base import ANEW

Arrays = dict[str, NDArray[np.floating]]
Shapes = dict[str, tuple[tuple[int, ...], np.dtype[np.floating]]]

OPTIMIZER_PREFIX = "velocity_"
ORIGINALS = "Set MODELS_FOLDER to a folder with originals, as `inkling train` makes them."
NO_ARRAYS = "These bytes are no .npz file of arrays.", "Store the weights anew."


class BadWeights(InvalidInput):
    """The bytes under a name are not the weights that were stored there."""


def pack(arrays: Mapping[str, NDArray[Any]], *, compress: bool = False) -> bytes:
    """Return named arrays as the bytes of an .npz file; equal arrays give equal bytes.

    To compress is worth while for digits, not for weights.

    Raises ValueError for arrays of objects, which only pickle could store.
    """
    file = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w") as archive:  # numpy's own savez stores the time of day
        for name in sorted(arrays):
            member_info = zipfile.ZipInfo(f"{name}.npy")
            member_info.compress_type = how
            with archive.open(member_info, "w", force_zip64=True) as member:
                array = np.asarray(arrays[name], order="C")
                np.lib.format.write_array(member, array, allow_pickle=False)
    return file.getvalue()


def unpack(content: bytes) -> Arrays:
    """Return the arrays that `pack` was given. Raises BadWeights for anything else."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file)
    except Exception as error:  # zipfile and numpy raise a dozen kinds for a broken file
        raise BadWeights(*NO_ARRAYS) from error
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise BadWeights(*NO_ARRAYS)  # numpy hands out as bytes what is no array
    return arrays


def originals(models_folder: Path) -> dict[str, Arrays]:
    """Return the weights as shipped, version 0, by network.

    Raises BadWeights where the folder does not have them.
    """
    files = {key: models_folder / f"{key}.npz" for key in NETWORKS}
    contents = {key: _shipped(file) for key, file in files.items()}
    try:
        return {key: unpack(content) for key, content in contents.items()}
    except BadWeights as error:
        raise BadWeights(f"{models_folder} has other files than originals.", ORIGINALS) from error


def graphs(models_folder: Path) -> dict[str, bytes]:
    """Return the serving graphs by network, of those that have one. Raises as `originals` does."""
    files = {key: network.graph for key, network in NETWORKS.items() if network.graph}
    return {key: _shipped(models_folder / file) for key, file in files.items()}


def _shipped(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadWeights(f"{file} cannot be read ({error.strerror}).", ORIGINALS) from error


def shapes_of(arrays: Arrays) -> Shapes:
    """Return shape and dtype of each array, by name."""
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}


def check_shapes(arrays: Arrays, wanted: Shapes) -> None:
    """Raise BadWeights where arrays are missing, or of other shapes and dtypes than wanted.

    More of them is no harm: the optimizer's.
    """
    found = shapes_of(arrays)
    for name, (shape, dtype) in wanted.items():
        if name not in found:
            raise BadWeights(f"There is no array {name}.", "Restore a backup.")
        if found[name] != (shape, dtype):
            what = f"{found[name][1]} {found[name][0]}, not {dtype} {shape}"
            raise BadWeights(f"The array {name} is {what}.", "Restore a backup.")


def parts(net: str, state: Arrays) -> dict[str, Arrays]:
    """Split a net's state into the parts that are stored apart: web workers read no optimizer."""
    weights, optimizer = NETWORKS[net].parts
    split: dict[str, Arrays] = {weights: {}, optimizer: {}}
    for name, array in state.items():
        split[optimizer if name.startswith(OPTIMIZER_PREFIX) else weights][name] = array
    return split


def named(version: int, part: str, arrays: Arrays) -> tuple[str, bytes]:
    """Return one part (`fnn`, `cnn`, `cnn_optimizer`) of a version as an object: name and content.

    The name holds the content's hash, so that no two contents share one and a reader can check
    what it gets.
    """
    content = pack(arrays)
    return keys.weights_key(version, part, _fingerprint(content)), content


def objects_of(
    version: int, states: Mapping[str, Arrays]
) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return all parts of a version's nets: names by part, contents by name.

    The nets' states go by net.
    """
    names, contents = {}, {}
    for net, state in states.items():
        for part, arrays in parts(net, state).items():
            names[part], content = named(version, part, arrays)
            contents[names[part]] = content
    return names, contents


class Source(Protocol):
    """Where objects are read from."""

    def get(self, name: str) -> bytes: ...


def get(source: Source, name: str) -> Arrays:
    """Return the arrays under a name that `named` gave. Raises BadWeights for another content."""
    return checked(name, source.get(name))


def load(
    source: Source, objects: Mapping[str, str], nets: Iterable[str], *, optimizer: bool = False
) -> dict[str, Arrays]:
    """Return the weights of a version by net, with its optimizer's state if asked for.

    `objects` are the names of its parts. Raises BadWeights where a part has no name or holds
    something else than was stored, ObjectMissing where the source lacks an object.
    """
    found: dict[str, Arrays] = {}
    for net in nets:
        found[net] = {}
        for part in NETWORKS[net].parts if optimizer else (net,):
            if part not in objects:
                raise BadWeights(f"The version has no {part}.", ANEW)
            found[net] |= get(source, objects[part])
    return found


def checked(name: str, content: bytes) -> Arrays:
    """Return the arrays in a content. Raises BadWeights where it is not what its name says."""
    if not keys.fits(name, _fingerprint(content)):
        raise BadWeights(f"{name} does not hold what was stored.", ANEW)
    return unpack(content)


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def thinned(stored: Collection[int], current: int) -> list[int]:
    """Return which of the stored versions lose their weights.

    Those of the last ten versions stay, then the last that is stored of each ten, of each hundred…:
    few for ever, yet some of every age, also where not every version is stored.

    >>> gone = thinned(range(1, 34), 33)
    >>> [version for version in range(1, 34) if version not in gone]
    [10, 20, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33]
    >>> thinned([3, 38, 39, 57, 66, 68], 70)
    [38]
    """
    last: dict[tuple[int, int], int] = {}  # of each stretch, by its length and number
    for version in sorted(stored):
        length = 10 ** (len(str(current - version)) - 1)
        last[length, -(-version // length)] = version
    staying = {*last.values()}
    return [version for version in stored if version not in staying]
