"""The readers: whole files read back, broken ones named; the split by writer."""

import gzip
import importlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inkling.data import datasets
from inkling.data.datasets import (
    download_mnist,
    held_out,
    read_mnist,
    read_strokes,
    validation,
    write_strokes,
)
from inkling.data.image_folder import read_image_folder
from inkling.data.strokes import StrokeDrawing
from inkling.errors import InvalidInput
from testing.data import MNIST, PEN_DIGITS, needs_data

GOOD = {"digit": 7, "writer": "a", "strokes": [[[0, 5.5], [1, 2]], [[3], [4], [120]]]}


def lines(*rows: Any) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


@pytest.fixture
def mnist_file(tmp_path: Path) -> Callable[..., Path]:
    """A small file in the layout of MNIST, and the writer of variants of it."""

    def write(**changes: Any) -> Path:
        arrays = {n: np.full(shape, 3, np.uint8) for n, shape in datasets.MNIST_SHAPES.items()}
        arrays |= changes
        np.savez(
            tmp_path / "m.npz",
            allow_pickle=True,
            **{n: a for n, a in arrays.items() if a is not None},
        )
        return tmp_path / "m.npz"

    return write


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = {n: (s[0] // 10000, *s[1:]) for n, s in datasets.MNIST_SHAPES.items()}
    monkeypatch.setattr(datasets, "MNIST_SHAPES", shapes)


@pytest.mark.usefixtures("small_mnist")
def test_mnist_comes_in_the_nets_units(mnist_file: Callable[..., Path]) -> None:
    digits = np.zeros((6, 28, 28), np.uint8)
    digits[5, 2, 3] = 255
    mnist = read_mnist(mnist_file(x_train=digits, y_train=np.arange(6, dtype=np.uint8)))
    assert mnist.train_digits.dtype == mnist.test_digits.dtype == np.float32
    assert mnist.train_digits[5, 2, 3] == mnist.train_digits.max() == 1
    assert mnist.train_labels.dtype == np.int64
    assert mnist.train_labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert mnist.test_digits.shape == (1, 28, 28)
    assert mnist.test_labels.tolist() == [3]


@pytest.mark.usefixtures("small_mnist")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, "m.npz has no array y_test"),
        (
            {"x_train": np.zeros((6, 784), np.uint8)},
            "m.npz, x_train is uint8 (6, 784), not uint8 (6, 2",
        ),
        ({"x_test": np.zeros((1, 28, 28))}, "x_test is float64"),
        ({"y_train": np.array([None] * 6)}, "m.npz cannot be read as .npz"),  # would need pickle
    ],
)
def test_a_file_that_is_not_mnist_is_named(
    mnist_file: Callable[..., Path], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        read_mnist(mnist_file(**changes))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"plain text"])
def test_a_broken_mnist_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"m\.npz cannot be read"):
        read_mnist(tmp_path / "m.npz")


def test_an_npy_file_is_not_mnist(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.zeros(3))
    with pytest.raises(InvalidInput, match=r"m\.npy cannot be read"):
        read_mnist(tmp_path / "m.npy")


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_stroke_files_are_read_plain_and_compressed(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "digits"
    path.write_bytes(compress(lines(GOOD, "", {**GOOD, "digit": 0, "more": 1}).encode()))
    first, second = read_strokes(path)
    assert (first.digit, first.writer, second.digit) == (7, "a", 0)
    assert [s.tolist() for s in first.strokes] == [[[0, 5.5], [1, 2]], [[3], [4]]]  # times left out
    assert {s.dtype for s in first.strokes} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "Not JSON"),
        (b"\xff".decode("latin-1"), "Not JSON"),
        ("[]", "Not a JSON object"),
        ({**GOOD, "digit": 10}, "The digit is 10"),
        ({**GOOD, "digit": -1}, "The digit is -1"),
        ({**GOOD, "digit": "7"}, "The digit is '7'"),
        ({**GOOD, "digit": True}, "The digit is True"),
        ({"digit": 1, "strokes": GOOD["strokes"]}, "The writer is None"),
        ({**GOOD, "writer": 3}, "The writer is 3"),
        ({**GOOD, "strokes": []}, "The strokes are no list"),
        ({**GOOD, "strokes": [[[1, 2]]]}, "A stroke is not"),
        ({**GOOD, "strokes": [[[1, 2], [1]]]}, "A stroke is not"),
        ({**GOOD, "strokes": [[[], []]]}, "A stroke is not"),
        ({**GOOD, "strokes": [[[1], ["x"]]]}, "A stroke is not"),
        ({**GOOD, "strokes": [[[1], [None]]]}, "A stroke is not"),
        ({**GOOD, "strokes": [[1, 2]]}, "A stroke is not"),
        ({**GOOD, "strokes": [[[1], [float("inf")]]]}, "A stroke is not"),
        ({**GOOD, "strokes": [[[[1]], [[1]]]]}, "A stroke is not"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(
    tmp_path: Path, line: Any, wrong: str
) -> None:
    path = tmp_path / "digits.ndjson"
    path.write_text(lines(GOOD, "", line), encoding="latin-1")
    with pytest.raises(InvalidInput, match=rf"digits\.ndjson, line 3: {wrong}.*remove the line"):
        read_strokes(path)


def test_a_cut_off_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "digits.ndjson.gz"
    path.write_bytes(gzip.compress(lines(*[GOOD] * 50).encode())[:-20])
    with pytest.raises(InvalidInput, match=r"digits\.ndjson\.gz is a damaged"):
        read_strokes(path)


@pytest.mark.parametrize("name", ["d.ndjson", "d.ndjson.gz"])
def test_strokes_written_read_back_the_same(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(0)
    paths = [
        np.array([[0, 1000], [5, -3]], np.float32),
        rng.normal(0, 99, (2, 9)).astype(np.float32),
    ]
    drawings = [StrokeDrawing(0, "Zoë/1", paths), StrokeDrawing(9, "b", paths[1:])]
    write_strokes(tmp_path / name, drawings)
    again = read_strokes(tmp_path / name)
    assert [(d.digit, d.writer) for d in again] == [(0, "Zoë/1"), (9, "b")]
    for drawing, same in zip(drawings, again, strict=True):
        assert all((a == b).all() for a, b in zip(drawing.strokes, same.strokes, strict=True))
    assert [p.name for p in tmp_path.iterdir()] == [name]
    compressed = (tmp_path / name).read_bytes()[:2] == b"\x1f\x8b"
    assert compressed == name.endswith(".gz")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "d.ndjson"
    path.write_text("old")
    with pytest.raises(AttributeError):
        write_strokes(path, [None])  # type: ignore[list-item]
    assert path.read_text() == "old"


def save_image(path: Path, level: int | tuple[int, ...] = 0, mode: str = "L") -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new(mode, (6, 4), level).save(path)


def test_images_take_their_label_from_their_folder_or_their_name(tmp_path: Path) -> None:
    save_image(tmp_path / "3_anna.png", 10)
    save_image(tmp_path / "7" / "0001.jpg", 20)  # its folder counts, not its number
    save_image(tmp_path / "more" / "5.webp", (30, 30, 30), "RGB")
    save_image(tmp_path / "more" / "6.BMP", 40)
    save_image(tmp_path / "more" / "8.tif", 50)
    (tmp_path / "notes.txt").write_text("no image")
    images = read_image_folder(tmp_path)
    assert [(i.digit, i.path.name) for i in images] == [
        (3, "3_anna.png"),
        (7, "0001.jpg"),
        (5, "5.webp"),
        (6, "6.BMP"),
        (8, "8.tif"),
    ]
    assert [i.grey.shape for i in images] == [(4, 6)] * 5
    assert [round(int(i.grey[0, 0]), -1) for i in images] == [10, 20, 30, 40, 50]


def test_transparent_images_lie_on_white_paper(tmp_path: Path) -> None:
    save_image(tmp_path / "0.png", (0, 0, 0, 0), "RGBA")
    assert read_image_folder(tmp_path)[0].grey.min() == 255


@pytest.mark.parametrize("name", ["x.png", "٣.png"])
def test_an_image_without_a_label_is_named(tmp_path: Path, name: str) -> None:
    save_image(tmp_path / name)
    with pytest.raises(InvalidInput, match=rf"{name} has no label"):
        read_image_folder(tmp_path)


def test_a_broken_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "3.png").write_bytes(b"no image")
    with pytest.raises(InvalidInput, match=r"3\.png: "):
        read_image_folder(tmp_path)


def test_a_file_that_is_too_large_is_named_and_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "3.png").open("wb") as file:
        file.truncate(10**12)  # takes no place on the disk
    with pytest.raises(InvalidInput, match=r"3\.png: The image has more than 6,000,000 bytes"):
        read_image_folder(tmp_path)


def test_a_folder_without_images_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no"):
        read_image_folder(tmp_path)


def test_the_split_never_moves() -> None:
    writers = [f"writer/{i}" for i in range(600)]
    assert [i for i in range(20) if held_out(writers[i])] == [6, 8, 19]
    assert [i for i in range(60) if validation(writers[i])] == [1, 15, 30, 53, 58]
    assert 70 < sum(map(held_out, writers)) < 130
    assert 30 < sum(map(validation, writers)) < 70
    assert not any(held_out(w) and validation(w) for w in writers)


@needs_data
def test_the_pen_digits_and_their_split() -> None:
    drawings = read_strokes(PEN_DIGITS)
    writers = {d.writer for d in drawings}
    assert (len(drawings), len(writers)) == (19552, 525)
    assert sum(map(held_out, writers)) == 98
    assert sum(held_out(d.writer) for d in drawings) == 3705


@needs_data
def test_the_real_mnist() -> None:
    mnist = read_mnist(MNIST)
    assert mnist.train_digits.max() == 1
    assert np.bincount(mnist.train_labels).tolist()[:3] == [5923, 6742, 5958]


def test_a_download_gives_what_keras_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    pairs = [
        (rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n, np.uint8))
        for n in (5, 3)
    ]
    loader = importlib.import_module("keras.datasets").mnist
    monkeypatch.setattr(loader, "load_data", lambda: pairs)
    found = download_mnist()
    for digits, labels, (grey, said) in zip(found[::2], found[1::2], pairs, strict=True):
        assert digits.dtype == np.float32
        np.testing.assert_array_equal(digits, grey.astype(np.float32) / 255)
        np.testing.assert_array_equal(labels, said)
        assert labels.dtype == np.int64
