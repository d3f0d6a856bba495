"""Datasets in the formats that others read: read here as they would read them."""

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from inkling.cli.main import inkling
from inkling.data.dataset.digits import is_for_testing
from inkling.data.dataset.formats import FORMATS, write_dataset
from inkling.data.idx import read_idx_folder
from inkling.journal.writer import Journal
from inkling.records import COLLECTED, NOT_A_DIGIT, Drawing
from testing.pen import draw
from testing.places import REJECTION
from tests.data.test_export import STROKES, add, journal

__all__ = ["journal"]  # a fixture


@pytest.fixture
def given(journal: Journal) -> list[Drawing]:
    """Forty digits, one of them without strokes; and one drawing that is none, one rejected."""
    found = [add(journal, n % 10, COLLECTED, strokes=n > 0) for n in range(40)]
    add(journal, NOT_A_DIGIT, COLLECTED)
    journal.reject(add(journal, 2).id, REJECTION)
    return found


def is_test(drawing: Drawing) -> bool:
    return is_for_testing(drawing.id)


def lines(path: Path) -> list[dict[str, Any]]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.gz"])
def test_strokes_have_the_keys_of_quick_draw(
    journal: Journal, given: list[Drawing], tmp_path: Path, name: str
) -> None:
    counts = write_dataset(journal, "ndjson", tmp_path / name, "")
    found = lines(tmp_path / name)
    assert [line["key_id"] for line in found] == [drawing.id for drawing in given[1:]]
    assert [line["word"] for line in found] == [str(drawing.label) for drawing in given[1:]]
    for line in found:
        keys = ["word", "countrycode", "timestamp", "recognized", "key_id", "drawing"]
        assert [*line] == keys
        assert line["drawing"] == STROKES
        assert line["timestamp"].endswith(" UTC")
    assert counts.left_out == {"came without strokes": 1, "were called no digit": 1}


def test_recognized_is_what_the_app_had_said(journal: Journal, tmp_path: Path) -> None:
    for answer in (7, 1, None):
        drawing = replace(Drawing.of(7, draw(7)), strokes=STROKES, answer=answer)
        journal.add(replace(drawing, state=COLLECTED))
    write_dataset(journal, "ndjson", tmp_path / "a.ndjson", "")
    assert [line["recognized"] for line in lines(tmp_path / "a.ndjson")] == [True, False, False]


def test_npz_is_as_keras_has_mnist(journal: Journal, given: list[Drawing], tmp_path: Path) -> None:
    write_dataset(journal, "npz", tmp_path / "all.npz", "")
    with np.load(tmp_path / "all.npz", allow_pickle=False) as found:
        assert sorted(found) == ["x_test", "x_train", "y_test", "y_train"]
        for part, wanted in (("train", False), ("test", True)):
            of_it = [drawing for drawing in given if is_test(drawing) == wanted]
            images, labels = found[f"x_{part}"], found[f"y_{part}"]
            assert (images.dtype, labels.dtype) == (np.uint8, np.uint8)
            assert images.shape == (len(of_it), 28, 28)
            assert labels.tolist() == [drawing.label for drawing in of_it]
            assert images.tobytes() == b"".join(drawing.digit for drawing in of_it)


def test_idx_is_read_as_mnists_own_files(
    journal: Journal, given: list[Drawing], tmp_path: Path
) -> None:
    write_dataset(journal, "idx", tmp_path / "idx", "")
    write_dataset(journal, "npz", tmp_path / "all.npz", "")
    found = read_idx_folder(tmp_path / "idx", ["x_train", "y_train", "x_test", "y_test"])
    with np.load(tmp_path / "all.npz") as wanted:
        for name, array in found.items():
            np.testing.assert_array_equal(array, wanted[name])


def test_csv_has_the_columns_of_kaggle(
    journal: Journal, given: list[Drawing], tmp_path: Path
) -> None:
    write_dataset(journal, "csv", tmp_path / "all.csv", "")
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = [*csv.reader(file)]
    assert rows[0] == ["label", *(f"pixel{n}" for n in range(784))]
    assert [int(row[0]) for row in rows[1:]] == [drawing.label for drawing in given]
    assert bytes(map(int, rows[1][1:])) == given[0].digit


def test_an_image_folder_has_every_picture_and_its_metadata(
    journal: Journal, given: list[Drawing], tmp_path: Path
) -> None:
    counts = write_dataset(journal, "imagefolder", tmp_path / "all", "")
    with (tmp_path / "all" / "metadata.csv").open(newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [*rows[0]] == ["file_name", "label", "answer", "made"]
    assert [row["label"] for row in rows] == [*(str(d.label) for d in given), "none"]
    for row, drawing in zip(rows, given, strict=False):
        part = "test" if is_test(drawing) else "train"
        assert row["file_name"] == f"{part}/{drawing.label}/{drawing.id}.png"
        assert (tmp_path / "all" / row["file_name"]).read_bytes() == drawing.png
    assert Image.open(tmp_path / "all" / rows[0]["file_name"]).size == (280, 280)
    assert counts.labels[NOT_A_DIGIT] == 1


@pytest.mark.parametrize("name", FORMATS)
def test_each_has_a_data_card(
    journal: Journal, given: list[Drawing], tmp_path: Path, name: str
) -> None:
    format = FORMATS[name]
    out = tmp_path / f"all{format.ending}"
    path = tmp_path / "all.card.md" if format.ending else out / "README.md"
    counts = write_dataset(journal, name, out, "CC-BY-4.0")
    card = path.read_text()
    assert card.startswith("---\nlicense: cc-by-4.0\n")
    assert f"{counts.written:,} drawings of 20" in card
    assert "| 3 | 4 |" in card
    assert format.held in card
    assert card.endswith("CC-BY-4.0\n")
    write_dataset(journal, name, out, "")
    assert path.read_text().startswith("---\nlicense: other\n")
    assert "has stated none" in path.read_text()


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_journal_makes_an_empty_dataset(
    journal: Journal, tmp_path: Path, name: str
) -> None:
    counts = write_dataset(journal, name, tmp_path / f"all{FORMATS[name].ending}", "")
    assert counts.written == 0


@pytest.mark.parametrize("name", ["ndjson", "npz", "csv"])
def test_the_same_drawings_make_the_same_bytes(
    journal: Journal, given: list[Drawing], tmp_path: Path, name: str
) -> None:
    files = [tmp_path / f"{n}{FORMATS[name].ending}" for n in ("one", "two")]
    for file in files:
        write_dataset(journal, name, file, "")
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_command_tells_what_it_wrote(
    journal: Journal, given: list[Drawing], tmp_path: Path
) -> None:
    environ = {
        "INSTANCE_FOLDER": str(tmp_path / "instance"),
        "DATABASE_URL": str(journal.engine.url),
    }
    out = str(tmp_path / "all.npz")
    words = ["export", "--format", "npz", "--out", out]
    done = CliRunner().invoke(inkling, words, env=environ)
    assert done.output == (
        f"Wrote 40 drawings to {out}, with a data card.\nLeft out 1 that were called no digit.\n"
    )
