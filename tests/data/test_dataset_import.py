"""Datasets taken in again: a round trip changes nothing, a broken row is named and skipped."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from functions import FloatArray
from inkling.cli.main import inkling
from inkling.data.dataset.formats import FORMATS, write_dataset
from inkling.data.dataset.importing import Imported, import_dataset
from inkling.data.dataset.reading import Broken
from inkling.errors import InvalidInput
from inkling.journal.writer import Journal, open_journal
from inkling.nets.registry import MODELS
from inkling.records import COLLECTED, NOT_A_DIGIT, Drawing
from inkling.settings import Settings
from testing.pen import draw
from tests.data.test_export import STROKES, journal

__all__ = ["journal"]  # a fixture

Other = Callable[[], Journal]


@pytest.fixture
def other(settings: Settings, tmp_path: Path) -> Iterator[Other]:
    """Makes empty journals."""
    made: list[Journal] = []

    def make() -> Journal:
        folder = tmp_path / f"other-{len(made)}"
        made.append(open_journal(replace(settings, instance_folder=folder, database_url="")))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def given(journal: Journal) -> Journal:
    """A journal of thirty digits, of which the app knew two in three, and one that is none."""
    for n in range(30):
        label = n % 10
        answer = (label, (label + 1) % 10, None)[n % 3]
        drawing = Drawing.of(label, draw(label))
        drawing = replace(drawing, strokes=STROKES, state=COLLECTED, answer=answer)
        journal.add(drawing)
    journal.add(replace(Drawing.of(NOT_A_DIGIT, draw(0)), state=COLLECTED))
    return journal


def says(answer: int) -> Callable[[FloatArray], dict[str, Any]]:
    """Models that say this of everything."""
    told = {"predictions": {}, "predicted_version": 0, "said": dict.fromkeys(MODELS, answer)}
    return lambda digit: told | {"answer": answer}


def take(journal: Journal, path: Path) -> tuple[Imported, list[Broken]]:
    told: list[Broken] = []
    return import_dataset(journal, path, says(4), told.append), told


def contents(path: Path) -> dict[str, bytes]:
    """The files of a dataset by name, but for its card."""
    files = [path] if path.is_file() else [*path.rglob("*")]
    return {
        str(file.relative_to(path.parent)).partition("/")[2]: file.read_bytes()
        for file in files
        if file.is_file() and file.suffix != ".md"
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_round_trip_changes_nothing(
    given: Journal, other: Other, tmp_path: Path, name: str
) -> None:
    first, second = (tmp_path / f"{n}{FORMATS[name].ending}" for n in ("first", "second"))
    write_dataset(given, name, first, "")
    there = other()
    done, told = take(there, first)
    assert (done.known, told) == (0, [])
    assert done.added == write_dataset(there, name, second, "").written >= 30
    assert contents(first) == contents(second)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_again_adds_nothing(
    given: Journal, other: Other, tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"all{FORMATS[name].ending}"
    write_dataset(given, name, path, "")
    there = other()
    added = take(there, path)[0].added
    assert take(there, path)[0] == Imported(0, added)


def test_what_is_taken_in_is_collected_and_shown_to_the_models_first(
    given: Journal, other: Other, tmp_path: Path
) -> None:
    write_dataset(given, "npz", tmp_path / "all.npz", "")
    there = other()
    take(there, tmp_path / "all.npz")
    found = [*there.labelled([COLLECTED])]
    assert len(found) == 30
    assert {drawing.answer for drawing in found} == {4}
    assert {tuple(drawing.said.values()) for drawing in found} == {(4,) * len(MODELS)}
    assert not there.queued(1)


def test_files_of_quick_draw_are_read(other: Other, tmp_path: Path) -> None:
    """Their drawings are simplified to 256 units, without times, under numbers as keys."""
    line = {
        "word": "7",
        "countrycode": "DE",
        "timestamp": "2017-03-01 20:41:36.70725 UTC",
        "recognized": True,
        "key_id": "",
        "drawing": [[[0, 255, 100], [0, 0, 255]]],
    }
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(json.dumps(line).encode()))
    there = other()
    assert take(there, tmp_path / "a.ndjson.gz")[0].added == 1
    (drawing,) = there.labelled([COLLECTED])
    assert (drawing.label, drawing.answer) == (7, 7)
    assert drawing.strokes == line["drawing"]


LINES = {
    "not JSON": ("{", "truncated"),
    "no drawing": ('{"word": "7"}', "drawing"),
    "a letter": ('{"word": "x", "drawing": [[[1, 9], [1, 9]]]}', "'x' is none of 0 to 9"),
    "unequal axes": ('{"word": "7", "drawing": [[[1, 2], [1]]]}', "more of x"),
    "no strokes": ('{"word": "7", "drawing": []}', "concatenate"),
    "a bad key": ('{"word": "7", "key_id": "7", "drawing": [[[1, 9], [1, 9]]]}', "UUID"),
}


@pytest.mark.parametrize("case", LINES)
def test_a_broken_line_is_named_and_skipped(other: Other, tmp_path: Path, case: str) -> None:
    broken, why = LINES[case]
    good = '{"word": "1", "drawing": [[[140, 140], [40, 240]]]}'
    path = tmp_path / "a.ndjson"
    path.write_text(f"{good}\n{broken}\n\n{good.replace('240', '200')}\n")
    done, (told,) = take(other(), path)
    assert (done.added, done.broken) == (2, 1)
    assert told.where == f"{path}, line 2"
    assert why in told.why


def test_broken_rows_of_the_other_formats_are_named(
    given: Journal, other: Other, tmp_path: Path
) -> None:
    write_dataset(given, "csv", tmp_path / "a.csv", "")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    lines[3], lines[5] = lines[3][:-4], "11" + lines[5][1:]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    _, told = take(other(), tmp_path / "a.csv")
    assert [broken.where for broken in told] == [f"{tmp_path / 'a.csv'}, line {n}" for n in (4, 6)]

    write_dataset(given, "imagefolder", tmp_path / "a", "")
    pictures = sorted((tmp_path / "a" / "train").rglob("*.png"))
    pictures[0].write_bytes(b"no picture")
    pictures[1].unlink()
    table = tmp_path / "a" / "metadata.csv"
    table.write_text(table.read_text() + "../../outside.png,7,,\n")
    done, told = take(other(), tmp_path / "a")
    assert (done.added, len(told)) == (29, 3)
    assert "outside of the folder" in told[-1].why

    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 5:20, 10] = 255
    np.savez(tmp_path / "b.npz", x_train=images, y_train=np.array([1, 2]))
    done, (one,) = take(other(), tmp_path / "b.npz")
    assert (done.added, one.why) == (1, "Nothing is drawn.")
    assert one.where == f"{tmp_path / 'b.npz'}, x_train, row 2"


def test_what_is_no_dataset_is_refused(other: Other, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("7")
    (tmp_path / "a.npz").write_text("7")
    for name in ("a.txt", "a.npz"):
        with pytest.raises(InvalidInput):
            take(other(), tmp_path / name)


def test_the_command_tells_what_it_did(given: Journal, tmp_path: Path) -> None:
    write_dataset(given, "ndjson", tmp_path / "a.ndjson", "")
    with (tmp_path / "a.ndjson").open("a") as file:
        file.write("{\n")
    environ = {"INSTANCE_FOLDER": str(tmp_path / "another")}
    done = CliRunner().invoke(inkling, ["import", str(tmp_path / "a.ndjson")], env=environ)
    assert done.exit_code == 0, done.output
    assert "Added 30 drawings; 0 were there already.\nSkipped 1 broken rows.\n" in done.output
    assert f"{tmp_path / 'a.ndjson'}, line 31: " in done.output
