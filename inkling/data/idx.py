"""MNIST's own files: arrays of bytes in the IDX format, plain or compressed by gzip."""

import gzip
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkling.errors import InvalidInput

# The arrays by the names that Keras gives them: how a file's name begins, and its dimensions.
FILES = {
    "x_train": ("train-images", 3),
    "y_train": ("train-labels", 1),
    "x_test": ("t10k-images", 3),
    "y_test": ("t10k-labels", 1),
}
GZIP_MAGIC = b"\x1f\x8b"
BYTES = 8  # how a file's third byte says that its numbers are bytes
COPY_AGAIN = "Copy it again."


def read_idx_folder(
    folder: Path, required: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, NDArray[np.uint8]]:
    """Return MNIST's arrays by their names, of the optional ones those whose files are there.

    x_train lies in `train-images-idx3-ubyte`, with a dot for the second hyphen, or with .gz.

    Raises InvalidInput where a required file is missing, and as `read_idx` does.
    """
    files = {name: _find(folder, name) for name in (*required, *optional)}
    for name in required:
        if not files[name]:
            wanted = _names(name)[0]
            raise InvalidInput(
                f"{folder} has no {wanted}, nor {wanted}.gz.", "Put MNIST's files there."
            )
    return {name: read_idx(file) for name, file in files.items() if file}


def _find(folder: Path, name: str) -> Path | None:
    files = (folder / f"{file}{end}" for file in _names(name) for end in ("", ".gz"))
    return next(filter(Path.is_file, files), None)


def _names(name: str) -> list[str]:
    stem, dimensions = FILES[name]
    return [f"{stem}{mark}idx{dimensions}-ubyte" for mark in "-."]


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of bytes in an IDX file.

    Raises InvalidInput that names a file of another kind, OSError for one that cannot be opened.
    """
    content = path.read_bytes()
    try:
        if content[:2] == GZIP_MAGIC:
            content = gzip.decompress(content)
        zeros, kind, dimensions = struct.unpack_from(">HBB", content)
        shape = struct.unpack_from(f">{dimensions}L", content, 4)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidInput(f"{path} is a damaged gzip file.", COPY_AGAIN) from error
    except struct.error as error:
        raise InvalidInput(f"{path} is no IDX file.", COPY_AGAIN) from error
    if zeros or kind != BYTES or not dimensions:
        raise InvalidInput(f"{path} is no IDX file of bytes.", COPY_AGAIN)
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions)
    # Whole numbers of Python: those of numpy would overflow.
    expected = 1
    for side in shape:
        expected *= side
    if len(values) != expected:
        raise InvalidInput(
            f"{path} has {len(values):,} bytes, not the {expected:,} that it announces.", COPY_AGAIN
        )
    return values.reshape(shape)
