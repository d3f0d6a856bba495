"""What the nets saw, 28×28 bytes a drawing, light ink on dark as in MNIST: npz, idx and csv.

The drawings of a tenth are for testing, by their ids: a later export has the same ones there.
"""

import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from inkling.data.dataset.rows import Counts, rows
from inkling.data.idx import FILES
from inkling.files import whole_file
from inkling.journal.reader import JournalReader

SIDE = 28
COLUMNS = ("id", "digit")
WITHOUT = "are from before what the nets saw was stored"
CHUNK = 1 << 20


def is_for_testing(id: str) -> bool:
    """Whether a drawing belongs to the tenth that is for testing."""
    return int(id[-4:], 16) % 10 == 0


def write_npz(journal: JournalReader, path: Path) -> Counts:
    """Write an .npz as Keras reads MNIST: x_train, y_train, x_test, y_test, uint8."""
    counts = Counts()
    with (
        _parts(journal, counts, path.parent) as parts,
        whole_file(path) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, (part, count) in parts.items():
            shape = (count, SIDE, SIDE) if name[0] == "x" else (count,)
            with archive.open(_member(name), "w", force_zip64=True) as member:
                header = {"descr": "|u1", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(member, header)
                _copy(part, member)
    return counts


def _member(name: str) -> zipfile.ZipInfo:
    """Return a member without a time: the same drawings, the same bytes."""
    member = zipfile.ZipInfo(f"{name}.npy")
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def write_idx(journal: JournalReader, folder: Path) -> Counts:
    """Write MNIST's four files into a folder, whose other files stay."""
    counts = Counts()
    folder.mkdir(parents=True, exist_ok=True)
    with _parts(journal, counts, folder) as parts:
        for name, (part, count) in parts.items():
            stem, dimensions = FILES[name]
            shape = (count, SIDE, SIDE)[:dimensions]
            with whole_file(folder / f"{stem}-idx{dimensions}-ubyte") as file:
                file.write(struct.pack(f">HBB{dimensions}I", 0, 8, dimensions, *shape))
                _copy(part, file)
    return counts


def write_csv(journal: JournalReader, path: Path) -> Counts:
    """Write a .csv with the columns of Kaggle's digit recognizer: label, pixel0 to pixel783."""
    counts = Counts()
    with whole_file(path) as file:
        names = ",".join(f"pixel{n}" for n in range(SIDE * SIDE))
        file.write(f"label,{names}\n".encode())
        for row in _seen(journal, counts):
            file.write(f"{row.label},{','.join(map(str, row.digit))}\n".encode())
    return counts


def _seen(journal: JournalReader, counts: Counts) -> Iterator[Any]:
    for row in rows(journal, COLUMNS, none=False, counts=counts):
        if row.digit:
            yield row
            counts.add(row)
        else:
            counts.left_out[WITHOUT] += 1


@contextmanager
def _parts(
    journal: JournalReader, counts: Counts, folder: Path
) -> Iterator[dict[str, tuple[IO[bytes], int]]]:
    """Give images and labels by MNIST's names, each in a temporary file, and their number."""
    with ExitStack() as stack:
        files = {n: stack.enter_context(tempfile.TemporaryFile(dir=folder)) for n in FILES}
        numbers = {"train": 0, "test": 0}
        for row in _seen(journal, counts):
            part = "test" if is_for_testing(row.id) else "train"
            files[f"x_{part}"].write(row.digit)
            files[f"y_{part}"].write(bytes([row.label]))
            numbers[part] += 1
        yield {name: (file, numbers[name[2:]]) for name, file in files.items()}


def _copy(part: IO[bytes], out: IO[bytes]) -> None:
    part.seek(0)
    while content := part.read(CHUNK):
        out.write(content)
