"""Robustness: the table's rows, and that each is drawn as it says."""

import pytest

from inkling.data.rendering import CANVAS, Rendering
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.evaluation import robustness
from inkling.evaluation.evaluate import DigitSet, evaluate, pipeline_digits
from inkling.evaluation.models import Models, load_models
from inkling.evaluation.robustness import AT_RANDOM, BASE, renderings, row_names
from inkling.settings import Settings
from testing.pen import STROKES

DRAWINGS = [StrokeDrawing(digit, "anna", STROKES[digit]) for digit in (3, 8)]


@pytest.fixture
def originals(settings: Settings) -> Models:
    return load_models(settings, "original")


def test_the_rows() -> None:
    rows = renderings()
    assert [*rows, AT_RANDOM] == row_names()
    assert rows[BASE] == Rendering()
    assert rows["pen 3"] == Rendering(width=3)
    assert rows["size 140, pen 14"] == Rendering(14, 140)
    assert rows["size 42, pen 16"] == Rendering(16, 42)
    assert rows["tilt -10"] == Rendering(tilt=-10)
    assert len(rows) == 1 + 4 + 4 + 2 + 4 + 4


def test_drawings_reach_into_all_four_corners_but_not_beyond() -> None:
    corners = [row for name, row in renderings().items() if "left" in name or "right" in name]
    edges = {
        (x - reach == 0, y - reach == 0, x + reach == CANVAS, y + reach == CANVAS)
        for row in corners
        for (x, y), reach in [(row.place, (row.size + row.width) / 2)]
    }
    assert len(edges) == 4
    assert all(sum(edge) == 2 for edge in edges)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_row_is_what_evaluate_says_of_that_rendering(
    workers: int, originals: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robustness, "CHUNK", 15)
    done: list[int] = []
    found = robustness.robustness(originals, DRAWINGS, workers=workers, done=done.append)
    assert [*found] == row_names()
    assert sum(done) == len(found) * len(DRAWINGS)
    for name in (BASE, "pen 40", "size 42, pen 16", "tilt 20"):
        digits = pipeline_digits(DRAWINGS, renderings()[name])
        sets = {name: DigitSet(digits, labels_of(DRAWINGS))}
        assert found[name] == evaluate(originals, sets)[name]


def test_the_seed_decides_what_is_random(originals: Models) -> None:
    first, again, other = (
        robustness.robustness(originals, DRAWINGS, seed, workers=1)[AT_RANDOM] for seed in (0, 0, 1)
    )
    assert first == again
    assert first["fnn"].calibration_error != other["fnn"].calibration_error


def test_no_drawings_have_no_rows(originals: Models) -> None:
    assert robustness.robustness(originals, []) == {}
