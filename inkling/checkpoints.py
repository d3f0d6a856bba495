"""Sets of weights as objects: how they are packed, named by their content, read and checked."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.floating]]

LESSONS_A_COMMIT = 8  # under load, so many lessons share one version's weights
LESSONS_HELD = 32  # the same where the journal holds the weights: 8 MB each time
NETS = ("fnn", "cnn")
RETRAINED = {"fnn": "fnn_retrained", "cnn": "cnn_retrained"}
PARTS = {  # a net's objects; see `parts`
    "fnn": ("fnn", "fnn_optimizer"),
    "cnn": ("cnn", "cnn_optimizer"),
}
YOUNGER = {"fnn_optimizer"}  # parts that the first versions had not: they start at zero
OPTIMIZER_PREFIX = "velocity_"
NO_ARRAYS = "These bytes are no .npz file of arrays. Store the weights anew."


class BadWeights(ValueError):
    """The bytes under a name are not the weights that were stored there."""


def pack(arrays: Mapping[str, NDArray[Any]], *, compress: bool = False) -> bytes:
    """Named arrays as the bytes of an .npz file; equal arrays give equal bytes.

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
    """The arrays that `pack` was given. Raises BadWeights for anything else."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file)
    except Exception as error:  # zipfile and numpy raise a dozen kinds for a broken file
        raise BadWeights(NO_ARRAYS) from error
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise BadWeights(NO_ARRAYS)  # numpy hands out as bytes what is no array
    return arrays


def originals(models_folder: Path) -> dict[str, Arrays]:
    """The weights as shipped, version 0, by net."""
    return {net: unpack((models_folder / f"{net}.npz").read_bytes()) for net in NETS}


def parts(net: str, state: Arrays) -> dict[str, Arrays]:
    """A net's state as the parts that are stored apart, so that no web worker reads velocities."""
    split: dict[str, Arrays] = {part: {} for part in PARTS[net]}
    for name, array in state.items():
        part = f"{net}_optimizer" if name.startswith(OPTIMIZER_PREFIX) else net
        split[part][name] = array
    return split


def named(version: int, part: str, arrays: Arrays) -> tuple[str, bytes]:
    """One part of a version (`fnn`, `cnn`, `cnn_optimizer`) as an object: its name and content.

    The name holds the content's hash, so that no two contents share one and a reader can check
    what it gets.
    """
    content = pack(arrays)
    return f"weights/{version}/{part}-{_fingerprint(content)}.npz", content


def objects_of(
    version: int, states: Mapping[str, Arrays]
) -> tuple[dict[str, str], dict[str, bytes]]:
    """All parts of a version's nets, whose states go by net: names by part, contents by name."""
    names, contents = {}, {}
    for net, state in states.items():
        for part, arrays in parts(net, state).items():
            names[part], content = named(version, part, arrays)
            contents[names[part]] = content
    return names, contents


def version_of(name: str) -> int:
    """The version in a name that `named` gave; 0 in any other name."""
    number = name.removeprefix("weights/").partition("/")[0]
    return int(number) if number.isdecimal() else 0


class Source(Protocol):
    """Where objects are read from."""

    def get(self, name: str) -> bytes: ...


def get(source: Source, name: str) -> Arrays:
    """The arrays under a name that `named` gave. Raises BadWeights where the content is another."""
    return checked(name, source.get(name))


def checked(name: str, content: bytes) -> Arrays:
    """The arrays in an object's content. Raises BadWeights where it is not what its name says."""
    if f"-{_fingerprint(content)}.npz" not in name:
        raise BadWeights(f"{name} does not hold what was stored. Restore it from a backup.")
    return unpack(content)


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def kept(version: int, current: int) -> bool:
    """Whether the weights of a version stay stored: the last ten, then one in ten, in a hundred…

    So few versions are kept for ever, yet some of every age.
    """
    age = current - version
    return age < 10 or version % 10 ** (len(str(age)) - 1) == 0
