"""`inkling review`: what it prints, and the contact sheet that it draws."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from inkling.cli.main import inkling
from inkling.cli.review_sheet import LINE, caption, review_sheet
from inkling.history.review import Reviewed, to_review
from inkling.records import QUEUED, REJECTED
from inkling.rejections import Code, Rejection
from testing.places import Place, labelled, open_place
from tests.history.test_review import drawn, sure_of


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with open_place("SQLite", tmp_path, request) as place:
        yield place


def review(place: Place, *words: str) -> str:
    done = CliRunner().invoke(inkling, ["review", *words], env=place.environ)
    assert done.exit_code == 0, done.output
    return done.output


def test_it_prints_and_draws_what_is_rejected_suspicious_or_both(
    place: Place, tmp_path: Path
) -> None:
    bad, both = place.journal.add(labelled(5, png=b"no image")), place.journal.add(drawn(4, 9))
    place.journal.reject(bad.id, Rejection(Code.UNREADABLE, {"error": "no image"}))
    place.journal.reject(both.id, Rejection(Code.ROLLED_BACK, {"version": 0}))
    place.journal.add(drawn(4, 9))
    out = tmp_path / "sheet.png"
    told = review(place, "--out", str(out))
    assert f"{bad.id}  a {bad.label}  rejected  The picture cannot be read (no image).  [" in told
    assert f"{both.id}  a 9  rejected, suspicious  Rolled back to version 0.  [" in told
    assert told.endswith(f"2 rejected, 2 suspicious, 1 both.\nWrote {out}.\n")
    sheet = review_sheet(to_review(place.journal))
    assert Image.open(out).size == sheet.size
    assert sheet.width > 3 * 112
    drawings = json.loads(review(place, "--json"))["drawings"]
    assert [one["suspicious"] for one in drawings] == [False, True, True]
    assert drawings[1]["said"]["fnn"] == {"digit": 4, "probability": 0.995}


def test_where_there_is_nothing_nothing_is_drawn(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    told = review(place, "--out", str(out))
    assert told == "0 rejected, 0 suspicious.\nThere is nothing to draw.\n"
    assert not out.exists()


@pytest.mark.parametrize("reason", ["", "Short.", "Unpronounceablelongword and more " * 5])
def test_a_caption_fits_beneath_its_digit(reason: str) -> None:
    lines = caption(Reviewed(labelled(4, state=REJECTED), False, {}, reason)).split("\n")
    assert len(lines) <= 6
    assert all(len(line) <= LINE + 2 for line in lines)


def test_a_caption_tells_what_the_nets_said_and_both_reasons() -> None:
    said = {model: (4, max(p)) for model, p in sure_of(4).items()}
    one = Reviewed(drawn(4, 9, state=REJECTED), True, said, "Rolled back to version 0.")
    assert caption(one).split("\n") == [
        f"a 9  {one.drawing.id[:8]}",
        "FNN 4:100 4:100",
        "CNN 4:100 4:100",
        "suspicious:",
        "Rolled back to",
        "version 0.",
    ]


def test_a_person_s_verdict_is_carried_out_and_told(place: Place) -> None:
    wrong, other = place.journal.add(drawn(4, 9)), place.journal.add(drawn(4, 9))
    for drawing in (wrong, other):
        place.journal.reject(drawing.id, Rejection(Code.NOT_BELIEVED, {"label": 9}))
    told = review(place, "--accept", wrong.id, other.id)
    assert told == "Accepted 2 drawings. What was rejected is learned next.\n"
    told = review(place, "--reject", other.id)
    assert told.startswith("Rejected 1 drawing. The nets are as if")
    found = [place.journal.find(drawing.id) for drawing in (wrong, other)]
    assert [drawing.state for drawing in found if drawing] == [QUEUED, REJECTED]


@pytest.mark.parametrize("words", [["--accept"], ["--reject"], ["0"]])
def test_a_verdict_needs_drawings_and_drawings_a_verdict(place: Place, words: list[str]) -> None:
    done = CliRunner().invoke(inkling, ["review", *words], env=place.environ)
    assert done.exit_code == 2
    assert "Name drawings after --accept or --reject" in done.output
