"""What visitors drew comes out as the files that training reads."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from inkling.cli.main import inkling
from inkling.data.datasets import read_strokes
from inkling.data.export import export_images, export_strokes
from inkling.data.image_folder import read_image_folder
from inkling.journal import reader as journal_room
from inkling.journal.writer import Journal, open_journal
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, Drawing, State
from inkling.settings import Settings
from testing.pen import draw
from testing.places import REJECTION

STROKES: list[list[list[float]]] = [[[0.5, 10, 20], [1, 2, 3.25], [0, 16, 33]], [[7], [8], [50]]]


@pytest.fixture
def journal(settings: Settings) -> Journal:
    return open_journal(settings)


def add(journal: Journal, label: int, state: State = QUEUED, strokes: bool = True) -> Drawing:
    return journal.add(
        replace(
            Drawing.of(label, draw(max(0, label))),
            state=state,
            strokes=STROKES if strokes else None,
        )
    )


def test_strokes_come_out_as_they_were_drawn(journal: Journal, tmp_path: Path) -> None:
    first, second = add(journal, 7), add(journal, 3, COLLECTED)
    add(journal, 5, strokes=False)
    assert export_strokes(journal, tmp_path / "all.ndjson.gz") == (2, 1)
    found = read_strokes(tmp_path / "all.ndjson.gz")
    assert [(d.digit, d.writer) for d in found] == [
        (7, f"visitor/{first.id}"),
        (3, f"visitor/{second.id}"),
    ]
    for stroke, (x, y, _) in zip(found[0].strokes, STROKES, strict=True):
        np.testing.assert_array_equal(stroke, np.array([x, y], np.float32))


def test_images_come_out_with_their_labels(journal: Journal, tmp_path: Path) -> None:
    added = [add(journal, label, strokes=False) for label in (4, 9, 4)]
    assert export_images(journal, tmp_path / "images").written == 3
    found = read_image_folder(tmp_path / "images")
    assert sorted(image.digit for image in found) == [4, 4, 9]
    assert {image.path.stem for image in found} == {drawing.id for drawing in added}
    np.testing.assert_array_equal(found[-1].grey, draw(9))


def test_what_is_no_digit_comes_as_an_image_alone(journal: Journal, tmp_path: Path) -> None:
    digit, none = add(journal, 7), add(journal, NOT_A_DIGIT, COLLECTED)
    assert export_strokes(journal, tmp_path / "all.ndjson") == (1, 0)
    assert [d.writer for d in read_strokes(tmp_path / "all.ndjson")] == [f"visitor/{digit.id}"]
    assert export_images(journal, tmp_path / "images").written == 2
    assert (tmp_path / "images" / "none" / f"{none.id}.png").read_bytes() == none.png
    found = read_image_folder(tmp_path / "images")
    assert [(image.digit, image.path.stem) for image in found] == [(7, digit.id)]


def test_rejected_drawings_stay_inside(journal: Journal, tmp_path: Path) -> None:
    kept, rejected = add(journal, 1), add(journal, 2)
    journal.reject(rejected.id, REJECTION)
    export_strokes(journal, tmp_path / "all.ndjson")
    assert [d.writer for d in read_strokes(tmp_path / "all.ndjson")] == [f"visitor/{kept.id}"]


def test_more_drawings_than_a_page_come_out_once_and_in_order(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_room, "PAGE", 3)
    added = [add(journal, number % 10) for number in range(9)]
    assert export_strokes(journal, tmp_path / "all.ndjson").written == 9
    writers = [d.writer for d in read_strokes(tmp_path / "all.ndjson")]
    assert writers == [f"visitor/{drawing.id}" for drawing in added]


def test_the_command_needs_somewhere_to_write_to(journal: Journal, tmp_path: Path) -> None:
    add(journal, 7)
    environ = {
        "INSTANCE_FOLDER": str(tmp_path / "instance"),
        "DATABASE_URL": str(journal.engine.url),
    }
    failed = CliRunner().invoke(inkling, ["export"], env=environ)
    assert failed.exit_code == 1
    assert "Give --out FILE" in failed.output
    out = tmp_path / "mine.ndjson"
    done = CliRunner().invoke(inkling, ["export", "--out", str(out)], env=environ)
    assert done.output == f"Wrote 1 drawings to {out}; 0 came without strokes.\n"
    assert len(read_strokes(out)) == 1
