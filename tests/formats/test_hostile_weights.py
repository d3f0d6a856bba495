"""Weights and files that cannot be used, by accident or on purpose: refused, nothing read."""

import io
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.formats.refusal import Change, changed, refused


def replace(path: str, array: Any) -> Change:
    def change(file: h5py.File) -> None:
        del file[path]
        file[path] = array

    return change


def link(path: str, found: Any) -> Change:
    return replace(path, found)


def elsewhere(file: h5py.File) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, (784, 10), "<f4", external=[("/etc/passwd", 0, 31360)])


def virtual(file: h5py.File) -> None:
    del file[KERNEL]
    layout = h5py.VirtualLayout((784, 10), "<f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "a", (784, 10))
    file.create_virtual_dataset(KERNEL, layout)


def in_large_pieces(file: h5py.File) -> None:
    del file[KERNEL]
    pieces, most = (784, 100_000), (784, None)
    file.create_dataset(KERNEL, (784, 10), "<f4", chunks=pieces, maxshape=most, compression="gzip")


def huge(file: h5py.File) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, (10**9, 10**6), "<f4", chunks=(1, 10))


KERNEL, BIAS = "layers/dense/vars/0", "layers/dense/vars/1"
CHANGES: dict[str, tuple[Change, str]] = {
    "an external link": (link(KERNEL, h5py.ExternalLink("/etc/passwd", "/a")), "is a link"),
    "a group by an external link": (link("layers/dense", h5py.ExternalLink("b", "/a")), "a link"),
    "a soft link": (link(KERNEL, h5py.SoftLink("/layers/dense/vars/1")), "is a link"),
    "numbers in another file": (elsewhere, "lies in another file"),
    "an array of another file": (virtual, "lies in another file"),
    "an array larger than memory": (huge, "is float32 (1000000000, 1000000)"),
    "an array in large pieces": (in_large_pieces, "pieces too large"),
    "not a number": (replace(KERNEL, np.full((784, 10), np.nan, np.float32)), "no finite numbers"),
    "infinite": (replace(BIAS, np.full(10, np.inf, np.float32)), "no finite numbers"),
    "too large for float32": (replace(BIAS, np.full(10, 1e300)), "no finite numbers"),
    "another shape": (replace(KERNEL, np.zeros((10, 784), np.float32)), "has weights [(10, 784)"),
    "whole numbers": (replace(BIAS, np.zeros(10, np.int64)), "is int64"),
    "texts": (replace(BIAS, [b"a"] * 10), "is object"),
    "a group for an array": (link(BIAS, h5py.SoftLink("/")), "is a link"),
    "no weights": (lambda file: file.__delitem__("layers"), "has weights [], not"),
    "more weights": (lambda file: file.__setitem__("layers/dense/vars/2", np.zeros(3)), "(3,)"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_weights_that_cannot_be_used_are_refused(case: str, plain: Path, tmp_path: Path) -> None:
    change, wrong = CHANGES[case]
    assert wrong in refused(changed(plain, tmp_path / "net.keras", change))


def dense_of(file: h5py.File) -> h5py.Group:
    """The group of the dense layer, which is the last; its number is of all that Keras made."""
    return file["model_weights"][file["model_weights"].attrs["layer_names"][-1]]


H5: dict[str, tuple[Change, str]] = {
    "an external link": (
        link("model_weights", h5py.ExternalLink("/etc/passwd", "/a")),
        "is a link",
    ),
    "weights alone": (lambda file: file.attrs.__delitem__("model_config"), "no text model_config"),
    "a config that is no text": (
        lambda file: file.attrs.__setitem__("model_config", 7),
        "no text model_config",
    ),
    "no JSON": (lambda file: file.attrs.__setitem__("model_config", "{"), "config cannot be read"),
    "a path out of its group": (
        lambda file: dense_of(file).attrs.__setitem__("weight_names", [b"../a"]),
        "has no ../a",
    ),
    "names that are no list": (
        lambda file: file["model_weights"].attrs.__setitem__("layer_names", 3),
        "no list layer_names",
    ),
}


@pytest.mark.parametrize("case", H5)
def test_an_older_file_that_cannot_be_used_is_refused(
    case: str, plain: Path, tmp_path: Path
) -> None:
    change, wrong = H5[case]
    path = tmp_path / "net.h5"
    path.write_bytes((plain / "net.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        change(file)
    assert wrong in refused(path)


def long_header(count: int, dtype: str = "<f4") -> bytes:
    """An array's file that says of itself that it is large."""
    file = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": (count,)}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + b"\0" * 1000


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_arrays_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    path, zeros = tmp_path / "net.npz", np.zeros
    for members, wrong in (
        ({"a.npy": long_header(10**12)}, "an array is float32 (1000000000000,)"),
        ({"a.npy": long_header(10, "|O")}, "an array is object (10,)"),
        ({"a.npy": long_header(10**6)}, "cannot be read as .npz"),
        ({"a.npy": b"no array"}, "cannot be read as .npz"),
        ({"description.npy": long_header(1, "<U100000000")}, "an array is <U"),
        ({f"{n}.npy": b"" for n in range(1001)}, "1,001 arrays"),
        ({}, "holds no arrays"),
    ):
        assert wrong in refused(zipped(path, **members))
    for arrays in (
        [zeros((784, 9)), zeros(9)],
        [zeros((784, 10))],
        [zeros(10), zeros((784, 10))],
        [zeros((10, 784)), zeros(10)],
        [zeros((784, 10, 1)), zeros(10)],
        [zeros((784, 5)), zeros(5), zeros((6, 10)), zeros(10)],
        [zeros((784, 5)), zeros(5), zeros((5, 10)), zeros(10), zeros(10)],
    ):
        np.savez(path, *arrays)
        assert "is no chain of dense layers" in refused(path)
    np.savez(path, zeros((784, 10)), np.full(10, np.nan))
    assert "no finite numbers" in refused(path)
    np.savez(path, description=np.array("{"), a=zeros(10))
    assert "is no JSON" in refused(path)
    np.savez(path, description=np.array("{}"), a=zeros(10))
    assert "description cannot be read" in refused(path)


def test_files_of_another_kind_are_refused(plain: Path, tmp_path: Path) -> None:
    for end in ("keras", "h5", "npz"):
        path = tmp_path / f"net.{end}"
        for content in (b"", b"no network", (plain / "net.h5").read_bytes()[:2000]):
            path.write_bytes(content)
            assert "cannot be read" in refused(path)
    assert "is no .keras, .h5 or .npz" in refused(plain)
    unpacks_to_much = zipped(tmp_path / "a.keras", **{"config.json": b" " * 3_000_000})
    assert "longer than 2,000,000 bytes" in refused(unpacks_to_much)
    large = tmp_path / "large.h5"
    with large.open("wb") as file:
        file.truncate(300_000_000)  # of no size on the disk
    assert "has 300,000,000 bytes" in refused(large)
