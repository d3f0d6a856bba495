"""The newest weights on this machine, in a file that is not synced: faster than any store.

The trainer writes it after each commit, web workers beside it read it. A version that was undone
since, or of another journal, is told by the drawing that made it. What is missing or damaged is as
good as none: then the newest stored weights serve.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import adler32

import numpy as np

from inkling.checkpoints import Arrays
from inkling.files import whole_file

FILE = "live-weights"  # within TMP_FOLDER


@dataclass(frozen=True)
class LiveVersion:
    """Whose weights a file holds: the version, and the id of the drawing that made it."""

    number: int
    drawing: str


class LiveWeights:
    """The file, in the folder for files on their way."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def write(self, version: LiveVersion, weights: Mapping[str, Arrays]) -> None:
        """Replace what is there by weights, by net. Raises OSError."""
        arrays = {
            (net, name): np.ascontiguousarray(array, np.float32)
            for net, state in weights.items()
            for name, array in state.items()
        }
        told = [
            [net, name, array.shape, adler32(array.data)] for (net, name), array in arrays.items()
        ]
        head = {"version": version.number, "drawing": version.drawing, "arrays": told}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(self._path, lasting=False) as file:
            file.write(json.dumps(head).encode() + b"\n")
            for array in arrays.values():
                file.write(array.data)
            self.remove()  # a file that takes another's place is written to the disk at once

    def version(self) -> LiveVersion | None:
        """Return whose weights are there; None where there are none."""
        try:
            with self._path.open("rb") as file:
                return _version(json.loads(file.readline()))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def read(self) -> tuple[LiveVersion, dict[str, Arrays]] | None:
        """Return whose weights are there, and the weights by net; None where there are none."""
        try:
            with self._path.open("rb") as file:
                head = json.loads(file.readline())
                found: dict[str, Arrays] = {}
                for net, name, shape, checksum in head["arrays"]:
                    array = np.fromfile(file, np.float32, int(np.prod(shape))).reshape(shape)
                    if adler32(array.data) != checksum:
                        return None  # a power cut left a part of it
                    found.setdefault(net, {})[name] = array
                return _version(head), found
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remove(self) -> None:
        """Remove the file, if there is one. Raises OSError."""
        self._path.unlink(missing_ok=True)


def _version(head: Mapping[str, object]) -> LiveVersion:
    return LiveVersion(int(str(head["version"])), str(head["drawing"]))
