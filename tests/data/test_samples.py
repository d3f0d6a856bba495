"""Samples of any count: written, read back, refused where they are wrong; MNIST's own files."""

import gzip
import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inkling.data import datasets
from inkling.data.datasets import read_mnist, read_mnist_test
from inkling.data.idx import FILES, read_idx
from inkling.data.samples import read_sample, write_sample
from inkling.errors import InvalidInput

RNG = np.random.default_rng(0)


def some(count: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    digits = np.random.default_rng(count).integers(0, 256, (count, 28, 28)).astype(np.uint8)
    return digits, (np.arange(count) % 10).astype(np.uint8)


@pytest.mark.parametrize(("train", "test"), [(1, None), (7, None), (12, 3)])
def test_any_count_of_digits_is_written_and_read(
    tmp_path: Path, train: int, test: int | None
) -> None:
    paths = tmp_path / "new" / "a.npz", tmp_path / "b.npz"
    for path in paths:
        write_sample(path, some(train), some(test) if test else None)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    found = read_sample(paths[0])
    assert found.name == "a.npz"
    np.testing.assert_array_equal(found.train.digits, some(train)[0])
    np.testing.assert_array_equal(found.train.labels, some(train)[1])
    assert (found.test is None) == (test is None)
    for part in filter(None, (found.train, found.test)):
        np.testing.assert_array_equal(part.seen() * 255, part.digits)
        assert part.seen().dtype == np.float32
        assert part.labels.dtype == np.int64
    if found.test:
        assert found.test.digits.shape == (test, 28, 28)
        assert found.test.labels.shape == (test,)
    with np.load(paths[0], allow_pickle=False) as file:
        assert {name: file[name].dtype for name in file} == dict.fromkeys(file, np.dtype(np.uint8))
        assert sorted(file) == sorted(["x_train", "y_train"] + ["x_test", "y_test"] * bool(test))


@pytest.mark.parametrize("kind", ["<i8", "<u4", "i1"])
def test_labels_may_be_any_whole_numbers(tmp_path: Path, kind: str) -> None:
    digits, labels = some(12)
    np.savez(tmp_path / "s.npz", x_train=digits, y_train=labels.astype(kind), more=np.zeros(3))
    np.testing.assert_array_equal(read_sample(tmp_path / "s.npz").train.labels, labels)


X, Y = some(6)
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"x_train": None, "y_train": None}, "s.npz has no array x_train"),
    "no labels": ({"y_train": None}, "has no array y_train"),
    "half a test": ({"x_test": X}, "has no array y_test"),
    "no digits": ({"x_train": X[:0], "y_train": Y[:0]}, "x_train is empty"),
    "flat": ({"x_train": X.reshape(6, 784)}, "x_train is uint8 (6, 784), not uint8 (6, 28, 28)"),
    "large": ({"x_train": np.zeros((6, 32, 32), np.uint8)}, "not uint8 (6, 28, 28)"),
    "colour": ({"x_train": np.zeros((6, 28, 28, 3), np.uint8)}, "not uint8 (6, 28, 28)"),
    "shares of ink": ({"x_train": X / 255}, "x_train is float64 (6, 28, 28), not uint8"),
    "no counts": ({"x_train": np.array(7, np.uint8)}, "x_train is uint8 ()"),
    "other labels": ({"y_train": Y + 5}, "y_train has the label 10, which is none of 0 to 9"),
    "below": ({"y_train": Y.astype(int) - 1}, "has the label -1"),
    "half labels": ({"y_train": Y / 2}, "y_train is float64 (6,), not whole numbers (n,)"),
    "one-hot": ({"y_train": np.eye(10, dtype=np.uint8)[Y]}, "not whole numbers (n,)"),
    "too few labels": ({"y_train": Y[:5]}, "are 6 digits and 5 labels (x_train, y_train)"),
    "too few digits": ({"x_test": X[:2], "y_test": Y}, "are 2 digits and 6 labels"),
    "wrong test": ({"x_test": X, "y_test": Y + 9}, "y_test has the label 10"),
    "objects": ({"y_train": np.array([None] * 6)}, "s.npz cannot be read as .npz"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_is_no_sample_is_told_why(tmp_path: Path, case: str) -> None:
    changes, message = WRONG[case]
    arrays: dict[str, Any] = {"x_train": X, "y_train": Y} | changes
    path = tmp_path / "s.npz"
    np.savez(path, allow_pickle=True, **{n: a for n, a in arrays.items() if a is not None})
    with pytest.raises(InvalidInput, match=re.escape(message)):
        read_sample(path)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x05\x06" + bytes(18), b"\x93NUMPY\1\0"])
def test_no_npz_at_all_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.npz").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"s\.npz (cannot be read|has no array)"):
        read_sample(tmp_path / "s.npz")


def test_an_array_that_claims_more_than_there_is_memory_is_told(tmp_path: Path) -> None:
    head = io.BytesIO()
    shape = (10**12, 28, 28)
    claim: Any = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(head, claim)
    with zipfile.ZipFile(tmp_path / "s.npz", "w") as archive:
        archive.writestr("x_train.npy", head.getvalue() + bytes(100))
        archive.writestr("y_train.npy", head.getvalue())
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_sample(tmp_path / "s.npz")


def test_damaged_samples_are_read_or_refused_but_never_crash(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    write_sample(path, some(4), some(2))
    whole, refused = path.read_bytes(), 0
    for _ in range(300):
        content = bytearray(whole)
        for at in RNG.integers(len(content), size=RNG.integers(1, 6)):
            content[at] = RNG.integers(256)
        path.write_bytes(content[: RNG.integers(len(content))] if RNG.random() < 0.2 else content)
        try:
            read_sample(path)
        except InvalidInput:
            refused += 1
    assert refused > 100


# --- IDX ---


def idx(array: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">HBB{array.ndim}L", 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_idx(folder: Path, mark: str = "-", pack: Callable[[bytes], bytes] = bytes) -> None:
    """The four files, of six and two digits."""
    folder.mkdir()
    arrays = dict(zip(FILES, (*some(6), *some(2)), strict=True))
    for name, (stem, dimensions) in FILES.items():
        file = f"{stem}{mark}idx{dimensions}-ubyte{'.gz' if pack is gzip.compress else ''}"
        (folder / file).write_bytes(pack(idx(arrays[name])))


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"train": 6, "test": 2}
    shapes = {n: (counts[n[2:]], *s[1:]) for n, s in datasets.MNIST_SHAPES.items()}
    monkeypatch.setattr(datasets, "MNIST_SHAPES", shapes)


@pytest.mark.usefixtures("small_mnist")
@pytest.mark.parametrize("mark", ["-", "."])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_mnist_is_read_from_its_four_files(
    tmp_path: Path, mark: str, pack: Callable[[bytes], bytes]
) -> None:
    write_idx(tmp_path / "m", mark, pack)
    mnist, sample = read_mnist(tmp_path / "m"), read_sample(tmp_path / "m")
    assert sample.test is not None
    for digits in (mnist.train_digits, sample.train.seen()):
        np.testing.assert_array_equal(digits * 255, some(6)[0])
    for labels in (mnist.test_labels, sample.test.labels):
        np.testing.assert_array_equal(labels, some(2)[1])
    np.testing.assert_array_equal(read_mnist_test(tmp_path / "m")[0], some(2)[0])


def test_idx_files_of_another_count_are_a_sample_and_no_mnist(tmp_path: Path) -> None:
    write_idx(tmp_path / "m")
    assert len(read_sample(tmp_path / "m").train) == 6
    with pytest.raises(InvalidInput, match=r"x_train is uint8 \(6, 28, 28\), not uint8 \(60000"):
        read_mnist(tmp_path / "m")
    (tmp_path / "m" / "t10k-images-idx3-ubyte").unlink()
    with pytest.raises(InvalidInput, match="m has no array x_test"):
        read_sample(tmp_path / "m")
    with pytest.raises(InvalidInput, match=r"m has no t10k-images-idx3-ubyte, nor .*\.gz\. Put"):
        read_mnist(tmp_path / "m")
    (tmp_path / "m" / "t10k-labels-idx1-ubyte").unlink()
    assert read_sample(tmp_path / "m").test is None


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "is no IDX file"),
        (b"\0\0\x08\x03\0\0", "is no IDX file"),
        (b"\0\0\x0d\x01\0\0\0\1\0\0\0\0", "is no IDX file of bytes"),
        (b"\0\1\x08\x01\0\0\0\1\0", "is no IDX file of bytes"),
        (b"\0\0\x08\x00", "is no IDX file of bytes"),
        (b"\0\0\x08\x01\0\0\0\3\1\2", "has 2 bytes, not the 3 that it announces"),
        (b"\0\0\x08\x01\0\0\0\1\1\2", "has 2 bytes, not the 1"),
        (b"\0\0\x08\xff" + b"\xff" * 1020, "has 0 bytes"),
        (gzip.compress(bytes(99), mtime=0)[:-9], "is a damaged gzip file"),
        (b"\x1f\x8b", "is a damaged gzip file"),
    ],
)
def test_a_file_that_is_no_idx_is_told(tmp_path: Path, content: bytes, wrong: str) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(InvalidInput, match=rf"f {wrong}.*Copy it again"):
        read_idx(tmp_path / "f")
