"""What is shown for review: rejected drawings, and labels that no model believes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from functions import encode_png, process_image, to_bytes
from inkling.cli.main import inkling
from inkling.history.review import LINE, caption, review_sheet, to_review
from inkling.history.rollback import rollback
from inkling.nets.registry import MODELS
from inkling.records import COLLECTED, Drawing
from inkling.rejections import Code, Rejection
from testing.pen import draw
from testing.places import ORIGINALS, Place, fnn, labelled
from tests.history.conftest import teach


def sure_of(digit: int, probability: float = 0.995) -> dict[str, list[float]]:
    others = (1 - probability) / 9
    return {m: [probability if n == digit else others for n in range(10)] for m in MODELS}


def drawn(digit: int, label: int, **more: object) -> Drawing:
    said = {f"said_{model}": digit for model in MODELS}
    seen = process_image(draw(digit))
    assert seen is not None
    fields = {"predictions": sure_of(digit), "digit": to_bytes(seen)} | said
    return labelled(digit, label=label, **fields | more)


def test_only_what_all_four_models_are_sure_of_makes_a_label_suspicious(place: Place) -> None:
    wrong = place.journal.add(drawn(4, label=9, state=COLLECTED))
    unsure = sure_of(4) | {"cnn": sure_of(4, 0.98)["cnn"]}
    divided = sure_of(4) | {"fnn": sure_of(9)["fnn"]}
    for drawing in (
        drawn(4, label=4),
        drawn(4, label=9, predictions=unsure),
        drawn(4, label=9, predictions=divided, said_fnn=9),
        drawn(4, label=-1, state=COLLECTED),
    ):
        place.journal.add(drawing)
    (found,) = to_review(place.journal)
    assert found.drawing.id == wrong.id
    assert found.suspicious
    assert found.said["cnn"] == (4, 0.995)
    assert found.reason == "All four models were sure that it is no 9."


def test_rejected_drawings_are_shown_with_their_reason(place: Place, tmp_path: Path) -> None:
    drawings = teach(place, 3)
    rollback(place.outbox, ORIGINALS, fnn(), 1)
    bad = place.journal.add(labelled(5, png=b"no image"))
    place.learn()
    place.journal.add(drawn(4, label=9))
    found = to_review(place.journal)
    assert [one.drawing.id for one in found[:3]] == [drawings[1].id, drawings[2].id, bad.id]
    assert [one.suspicious for one in found] == [False, False, False, True]
    assert found[0].reason == "Rolled back to version 1."
    assert next(one.drawing.id for one in to_review(place.journal, 2)) == bad.id
    assert review_sheet(found).width > 4 * 112
    out = tmp_path / "sheet.png"
    done = CliRunner().invoke(inkling, ["review", "--out", str(out)], env=place.environ)
    assert done.exit_code == 0, done.output
    assert "3 rejected, 1 suspicious." in done.output
    assert f"{drawings[1].id}  a {drawings[1].label}  rejected  Rolled back to" in done.output
    assert Image.open(out).size == review_sheet(found).size
    told = json.loads(CliRunner().invoke(inkling, ["review", "--json"], env=place.environ).output)
    assert told["drawings"][3]["said"]["fnn"] == {"digit": 4, "probability": 0.995}


def test_a_label_that_is_rolled_back_stays_suspicious(place: Place) -> None:
    said: dict[str, object] = {f"said_{model}": 9 for model in MODELS}  # and then it was learned
    wrong = place.journal.add(drawn(4, label=4, predictions=sure_of(9), **said))
    teach(place, 1)
    rollback(place.outbox, ORIGINALS, fnn(), 0)
    found = to_review(place.journal)
    assert [(one.rejected, one.suspicious) for one in found] == [(True, True), (True, False)]
    assert caption(found[0]).endswith("suspicious:\nRolled back to\nversion 0.")
    done = CliRunner().invoke(inkling, ["review"], env=place.environ)
    assert f"{wrong.id}  a 4  rejected, suspicious  Rolled back to version 0." in done.output
    assert "2 rejected, 1 suspicious, 1 both." in done.output


def test_where_there_is_nothing_nothing_is_drawn(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    done = CliRunner().invoke(inkling, ["review", "--out", str(out)], env=place.environ)
    assert done.output == "0 rejected, 0 suspicious.\nThere is nothing to draw.\n"
    assert not out.exists()


@pytest.mark.parametrize("error", ["", "Short", "Unpronounceablelongword and more " * 5])
def test_a_caption_fits_beneath_its_digit(place: Place, error: str) -> None:
    drawing = place.journal.add(labelled(4, png=encode_png(draw(4))))
    place.journal.reject(drawing.id, Rejection(Code.UNREADABLE, {"error": error}))
    (one,) = to_review(place.journal)
    lines = caption(one).split("\n")
    assert len(lines) <= 6
    assert all(len(line) <= LINE + 2 for line in lines)
