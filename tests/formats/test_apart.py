"""Keras's files in a process of their own: what breaks or stops HDF5's library stops no command."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from inkling.errors import InvalidInput
from inkling.formats.apart import read_apart
from inkling.formats.importing import import_network
from inkling.formats.keras_file import read_h5, read_keras
from inkling.formats.limits import NetworkFile
from inkling.settings import ROOT
from tests.formats.refusal import edited

OBJECT = 16  # bytes of the head of an object in HDF5's heap of texts; its size is the last eight


def endless(path: Path) -> Path:
    """A file with a text that HDF5 goes round for ever to find: head and size make 2^64."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = "{}"
    content = bytearray(path.read_bytes())
    start = content.index(b"GCOL") + 16
    content[start + 8 : start + OBJECT] = (2**64 - OBJECT).to_bytes(8, "little")
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("end", "read"), [("keras", read_keras), ("h5", read_h5)])
def test_what_is_read_apart_is_what_is_in_the_file(
    end: str, read: Callable[[Path], NetworkFile], plain: Path
) -> None:
    here, there = read(plain / f"net.{end}"), read_apart(plain / f"net.{end}")
    assert there.shape == here.shape
    assert [*there.rows] == [*here.rows]
    for ours, theirs in zip(here.weights, there.weights, strict=True):
        assert len(ours) == len(theirs)
        assert all(map(np.array_equal, ours, theirs))


def test_a_file_that_is_read_for_ever_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"cannot be read \(damaged\)"):
        read_apart(endless(tmp_path / "net.h5"), seconds=2)


def test_a_refusal_comes_back_in_its_words(plain: Path, tmp_path: Path) -> None:
    path = edited(
        plain,
        tmp_path / "net.keras",
        lambda config: config["config"]["layers"][2].update(registered_name="Own>Dense"),
    )
    with pytest.raises(InvalidInput, match="somebody's own making") as error:
        import_network(path, "mine")
    assert "docs/networks.md" in error.value.remedy
    (tmp_path / "a.keras").write_text("no zip")
    with pytest.raises(InvalidInput, match=r"a\.keras cannot be read as \.keras"):
        import_network(tmp_path / "a.keras", "mine")


def test_files_with_damaged_bytes_are_read_or_refused(plain: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(plain / "net.keras") as archive:
        config, good = archive.read("config.json"), archive.read("model.weights.h5")
    rng = np.random.default_rng(1)
    for _ in range(8):
        damaged = bytearray(good)
        for place in rng.integers(0, 3000, 3):
            damaged[place] = rng.integers(256)
        with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
            archive.writestr("config.json", config)
            archive.writestr("model.weights.h5", bytes(damaged))
        try:
            read_apart(tmp_path / "net.keras", seconds=5)
        except InvalidInput as error:
            assert error.remedy


def test_the_process_loads_neither_tensorflow_nor_a_database(plain: Path) -> None:
    words = """
import sys
from pathlib import Path
from inkling.formats import apart
apart.main(Path(sys.argv[1]), Path(sys.argv[2]), 30)
print({"tensorflow", "keras", "sqlalchemy", "flask"} & sys.modules.keys())
"""
    done = subprocess.run(
        [sys.executable, "-c", words, str(plain / "net.keras"), "/dev/null"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "set()\n", done.stderr
