"""The nets' weights as a browser takes them, to answer without the server.

The originals are one pack, and what learning has moved since is another one for each version. A
pack is 4 bytes, little-endian, the length of a header; the header, JSON: by name, as
`cnn/dense_kernel`, the shape of each array; then all arrays one after another, float32. Their bytes
lie apart: first the lowest byte of each number, then the second, and so on; and a version's numbers
are told by how their bits differ (exclusive or) from the original's. So brotli makes 4.0 MB of the
originals' 4.7, and 2.5 of a version's 4.3; not a bit is lost. Kernels of dense layers all lie as
(inputs, outputs), so that a page need not turn them.
"""

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import brotli
import numpy as np
from numpy.typing import NDArray

from inkling import checkpoints
from inkling.journal.outbox import Outbox
from inkling.nets.registry import RETRAINED
from inkling.nets.unlike_digits import SHAPES as UNLIKE_DIGITS
from inkling.nets.unlike_digits import read_arrays

TURNED = ("cnn", "unlike_digits")  # whose dense kernels lie as (outputs, inputs)
QUALITY = 4  # of brotli; more takes thrice the time and saves a hundredth
FRESH = 20.0  # seconds that a version is named as the newest: packing one takes a tenth of a second


class Pack(NamedTuple):
    """A pack, as brotli has it: it stays in memory. Its fingerprint is of the content."""

    brotli: bytes
    fingerprint: str

    @property
    def content(self) -> bytes:
        """The pack itself."""
        return bytes(brotli.decompress(self.brotli))


class WeightPacks:
    """Makes packs when they are asked for, and keeps the last of each kind; safe for threads."""

    def __init__(self, models_folder: Path, outbox: Outbox, fresh: float = FRESH) -> None:
        self._folder, self._outbox, self._fresh = models_folder, outbox, fresh
        self._lock = threading.Lock()
        self._named = (-fresh, 0)  # when the newest version was looked up, and which it was
        self._kept: tuple[int, Pack] | None = None

    def newest(self) -> int:
        """Return the newest version that has weights, or had at most FRESH seconds ago.

        0 are the originals. Raises JournalUnavailable.
        """
        now = time.monotonic()
        if now - self._named[0] >= self._fresh:
            self._named = now, self._outbox.journal.newest_stored()
        return self._named[1]

    @cached_property
    def originals(self) -> Pack:
        """The arrays of the originals, and of the net that tells what is no digit, if it is there.

        Raises BadWeights where the models folder does not have them.
        """
        return _pack(_named(self._originals()) | self._unlike_digits())

    def _originals(self) -> dict[str, checkpoints.Arrays]:
        return checkpoints.originals(self._folder)

    def _unlike_digits(self) -> checkpoints.Arrays:
        arrays = read_arrays(self._folder) or {}
        return _named({"unlike_digits": {n: arrays[n] for n in UNLIKE_DIGITS if n in arrays}})

    def of(self, version: int) -> Pack:
        """Return the arrays that a stored version has other than the originals; none of 0.

        Raises ObjectMissing where it is not stored, BadWeights where it is damaged, OSError where
        the store does not answer.
        """
        with self._lock:
            if self._kept is None or self._kept[0] != version:
                self._kept = version, self._packed(version)
            return self._kept[1]

    def _packed(self, version: int) -> Pack:
        shipped = self._originals()
        learned = self._outbox.load(version, RETRAINED) if version else {}
        for net, arrays in learned.items():
            checkpoints.check_shapes(arrays, checkpoints.shapes_of(shipped[net]))
        before = _named(shipped)
        moved = {
            name: array
            for name, array in _named(learned).items()
            if not np.array_equal(array, before[name])
        }
        return _pack(moved, before)


def _named(nets: Mapping[str, checkpoints.Arrays]) -> checkpoints.Arrays:
    return {
        f"{net}/{name}": array.T if net in TURNED and array.ndim == 2 else array
        for net in nets
        for name, array in nets[net].items()
    }


def _pack(arrays: checkpoints.Arrays, before: checkpoints.Arrays | None = None) -> Pack:
    """Return arrays as a pack; their bits as they differ from those before, where these are."""
    header = json.dumps({name: array.shape for name, array in arrays.items()}).encode()
    parts = [np.empty(0, np.uint32)]
    for name, array in arrays.items():
        bits = _bits(array)
        parts.append(bits if before is None else bits ^ _bits(before[name]))
    planes = np.concatenate(parts).view(np.uint8).reshape(-1, 4).T
    content = len(header).to_bytes(4, "little") + header + planes.tobytes()
    compressed = brotli.compress(content, quality=QUALITY)
    return Pack(compressed, hashlib.sha256(content).hexdigest()[:16])


def _bits(array: NDArray[np.floating]) -> NDArray[np.uint32]:
    return np.asarray(array, "<f4", order="C").reshape(-1).view("<u4")
