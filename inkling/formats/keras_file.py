"""Networks in Keras's own files: `.keras`, of Keras 3, and the older `.h5`."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
from numpy.typing import NDArray

from inkling.errors import InvalidInput
from inkling.formats.hdf5 import member, opened, read_array, read_names, read_text
from inkling.formats.keras_config import Row, read_config
from inkling.formats.limits import MOST_BYTES, MOST_CONFIG, MOST_PARAMETERS, NetworkFile

REMEDY = "Save the network anew: model.save('name.keras')."
CONFIG, WEIGHTS = "config.json", "model.weights.h5"
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # of Keras 3, and of Keras 2.12 to 2.15
MOST_WEIGHTS = 8  # arrays of a layer; no layer here has more than four
Arrays = list[list[NDArray[Any]]]


def read_keras(path: Path) -> NetworkFile:
    """Return the network in a `.keras` file. Raises InvalidInput for a file of another kind."""
    try:
        with zipfile.ZipFile(path) as archive:
            config = _part(archive, CONFIG, MOST_CONFIG)
            content = _part(archive, WEIGHTS, MOST_BYTES)
    except InvalidInput:
        raise
    except Exception as error:  # zipfile raises a dozen kinds for a broken file
        raise InvalidInput(f"{path} cannot be read as .keras ({error}).", REMEDY) from error
    shape, rows = read_config(config)
    with opened(io.BytesIO(content), f"{WEIGHTS} in {path}") as file:
        container = next((name for name in CONTAINERS if name in file), CONTAINERS[0])
        folders = [[container, name, "vars"] for name in _numbered(rows)]
        return _without_input(shape, rows, _read_folders(file, folders))


def read_h5(path: Path) -> NetworkFile:
    """Return the network in an `.h5` file. Raises InvalidInput for a file of another kind."""
    with path.open("rb") as raw, opened(raw, str(path)) as file:
        shape, rows = read_config(read_text(file, "model_config"))
        top, left = member(file, ["model_weights"]), MOST_PARAMETERS
        weights: Arrays = []
        for _, name, _ in rows:
            has_weights = name in read_names(top, "layer_names")
            group = member(top, [*name.split("/")]) if has_weights else None
            names = [] if group is None else read_names(group, "weight_names")
            found = []
            for place in names[:MOST_WEIGHTS]:
                found.append(read_array(group, place.split("/"), left))
                left -= found[-1].size
            weights.append(found)
    return _without_input(shape, rows, weights)


def _part(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return a file within a zip, unpacked only as far as it may be long."""
    with archive.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise InvalidInput(f"{name} in the file is longer than {most:,} bytes.", REMEDY)
    return content


def _numbered(rows: Sequence[Row]) -> list[str]:
    """Return the names that Keras stores layers under: `conv2d`, `conv2d_1`, by their kind."""
    seen: Counter[str] = Counter()
    found = []
    for kind, _, _ in rows:
        words = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind)
        name = re.sub("([a-z])([A-Z])", r"\1_\2", words).lower()
        found.append(f"{name}_{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def _read_folders(file: h5py.File, folders: Sequence[Sequence[str]]) -> Arrays:
    """Return the arrays `0`, `1`, … in each of these folders; none where there is no folder."""
    left, weights = MOST_PARAMETERS, []
    for folder in folders:
        found: list[NDArray[Any]] = []
        while len(found) < MOST_WEIGHTS and _has(file, [*folder, str(len(found))]):
            found.append(read_array(file, [*folder, str(len(found))], left))
            left -= found[-1].size
        weights.append(found)
    return weights


def _has(group: h5py.Group, path: Sequence[str]) -> bool:
    """Whether there is a link of any kind under names; those on the way must be no links."""
    *folders, last = path
    for number in range(1, len(folders) + 1):
        if group.get("/".join(folders[:number]), getlink=True, default=None) is None:
            return False
        member(group, folders[:number])
    return last in [*member(group, folders)]


def _without_input(
    shape: tuple[Any, ...], rows: Sequence[Row], weights: Sequence[list[NDArray[Any]]]
) -> NetworkFile:
    """Return the network without Keras's InputLayer, which makes nothing."""
    kept = [number for number, row in enumerate(rows) if row[0] != "InputLayer"]
    return NetworkFile(shape, [rows[n] for n in kept], [weights[n] for n in kept])
