"""Arrays in HDF5 files of other people: what would read another file is refused."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import h5py
import numpy as np
from numpy.typing import NDArray

from inkling.errors import InvalidInput
from inkling.formats.limits import MOST_CONFIG, MOST_PARAMETERS

REMEDY = "Save the network anew, by Keras itself."
MOST_BYTES_AN_ARRAY = 8 * MOST_PARAMETERS


@contextmanager
def opened(file: IO[bytes], what: str) -> Iterator[h5py.File]:
    """Give an HDF5 file to read. Raises InvalidInput, also for what the block finds broken."""
    try:
        with h5py.File(file, "r") as found:
            yield found
    except InvalidInput:
        raise
    except Exception as error:  # h5py raises a dozen kinds for a broken file
        raise InvalidInput(f"{what} cannot be read ({error}).", REMEDY) from error


def member(group: h5py.Group, path: Sequence[str]) -> Any:
    """Return what lies under names in a group.

    Raises InvalidInput where there is nothing, and for links that lead elsewhere.
    """
    for name in path:
        link = group.get(name, getlink=True) if isinstance(group, h5py.Group) else None
        if link is None:
            raise InvalidInput(f"The file has no {'/'.join(path)[:80]}.", REMEDY)
        if type(link) is not h5py.HardLink:
            raise InvalidInput(f"In the file, {name[:40]!r} is a link.", REMEDY)
        group = group[name]
    return group


def read_array(group: h5py.Group, path: Sequence[str], most: int) -> NDArray[Any]:
    """Return an array of at most so many numbers. Raises InvalidInput for anything else."""
    found, name = member(group, path), "/".join(path)[:80]
    if not isinstance(found, h5py.Dataset):
        raise InvalidInput(f"In the file, {name} is no array.", REMEDY)
    if found.external or found.is_virtual:
        raise InvalidInput(f"The array {name} lies in another file.", REMEDY)
    count = math.prod(found.shape or (0,))
    if found.dtype.kind != "f" or count > most:
        raise InvalidInput(f"The array {name} is {found.dtype} {found.shape}.", REMEDY)
    if math.prod(found.chunks or ()) * found.dtype.itemsize > MOST_BYTES_AN_ARRAY:
        raise InvalidInput(f"The array {name} is stored in pieces too large.", REMEDY)
    return np.asarray(found[()])


def read_text(group: h5py.Group, name: str) -> bytes:
    """Return an attribute that is a text. Raises InvalidInput for anything else."""
    found = group.attrs.get(name)
    text = found.encode() if isinstance(found, str) else found
    if not isinstance(text, bytes) or len(text) > MOST_CONFIG:
        raise InvalidInput(f"The file has no text {name}.", REMEDY)
    return text


def read_names(group: h5py.Group, name: str) -> list[str]:
    """Return an attribute that is a list of names; Keras splits long ones in parts."""
    if name not in group.attrs and f"{name}0" in group.attrs:
        parts: list[list[str]] = []
        while f"{name}{len(parts)}" in group.attrs:
            parts.append(read_names(group, f"{name}{len(parts)}"))
        return [each for part in parts for each in part]
    found = group.attrs.get(name)
    if not isinstance(found, np.ndarray) or found.ndim != 1:
        raise InvalidInput(f"The file has no list {name}.", REMEDY)
    return [each.decode() if isinstance(each, bytes) else str(each) for each in found]
