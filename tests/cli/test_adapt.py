"""`inkling adapt`, run as a person would run it, and what it measures."""

import json
from pathlib import Path

import numpy as np
import pytest

from inkling import checkpoints
from inkling.data.datasets import write_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.evaluation.adaptation import adapt, split
from inkling.evaluation.evaluate import drawn_set
from inkling.learning.learner import Learner
from inkling.learning.rule import LEARNING_RULES
from inkling.settings import ROOT
from testing.data import PEN_DIGITS, needs_data
from testing.pen import STROKES
from tests.cli.test_main import run
from two_layer_net import TwoLayerNet

ORIGINALS = checkpoints.originals(ROOT / "models")


def stretched(factor: float) -> list[StrokeDrawing]:
    """Ten digits by one writer, wider by a factor."""
    scale = np.array([[factor], [1]], np.float32)
    return [
        StrokeDrawing(digit, f"pen/{factor}", [stroke * scale for stroke in strokes])
        for digit, strokes in STROKES.items()
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "drawings.ndjson.gz"
    write_strokes(path, [*stretched(1), *stretched(1.2), *stretched(0.8)])
    return path


def test_it_tells_errors_before_and_after_on_the_others_and_what_is_retained(
    file: Path, tmp_path: Path
) -> None:
    told = run(
        "adapt", f"--drawings={file}", "--writers=pen/1.2", "--writers=pen/0.8", "--labels=5",
        f"--retain={file}", "--json", INSTANCE_FOLDER=str(tmp_path / "instance"),
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert (found["labels"], found["own"]["count"]) == (5, 15)
    assert found["writers"] == ["pen/1.2", "pen/0.8"]
    assert found["retained"][str(file)]["count"] == 30
    assert {*found["own"]["after"]} == {"fnn", "cnn", "answer"}
    assert not (tmp_path / "instance").exists()  # nothing of a server's is touched


def test_labels_may_share_a_step(file: Path) -> None:
    words = ("adapt", f"--drawings={file}", "--writers=pen/1.2", "--labels=5", "--json")
    one, three = (json.loads(run(*words, f"--batch={n}").stdout) for n in (1, 3))
    assert (one["batch"], three["batch"], three["labels"]) == (1, 3, 5)
    assert one["own"]["before"] == three["own"]["before"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--writers=pen/1.2", "--labels=5", "--batch=2", "--rule=sgd"], "one drawing at a time"),
        (["--writers=nobody", "--labels=5"], "name begins with 'nobody'"),
        (["--writers=pen/1.2", "--labels=10"], "Of 10 drawings 10 cannot be labelled"),
    ],
)
def test_it_says_what_cannot_be_measured(file: Path, options: list[str], problem: str) -> None:
    told = run("adapt", f"--drawings={file}", *options)
    assert told.returncode == 1
    assert problem in told.stderr
    assert "Traceback" not in told.stderr


def test_a_split_takes_each_drawing_once_and_follows_its_seed() -> None:
    drawings = [*stretched(1), *stretched(1.2)]
    one, again, other = (split(drawings, 8, seed) for seed in (1, 1, 2))
    assert {id(d) for d in (*one.labelled, *one.others)} == {id(d) for d in drawings}
    assert (len(one.labelled), len(one.others)) == (8, 12)
    assert [id(d) for d in one.labelled] == [id(d) for d in again.labelled]
    assert [id(d) for d in one.labelled] != [id(d) for d in other.labelled]


@needs_data
def test_labels_help_a_writer_whom_the_originals_read_badly_and_more_than_by_sgd() -> None:
    from inkling.data.datasets import read_strokes

    drawings = [d for d in read_strokes(PEN_DIGITS) if d.writer == "unipen/syn/syn1/tds-dig21"]
    left = {}
    for name, rule in LEARNING_RULES.items():
        learner = Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, rule)
        found = adapt(learner, ORIGINALS, [split(drawings, 60, 0)], {}, seed=0)
        left[name] = (1 - found.own.after["fnn"]) / (1 - found.own.before["fnn"])
    assert left["memory2"] < 0.8 < left["sgd"] + 0.1


def test_a_set_is_measured_as_the_app_sees_it() -> None:
    digits = drawn_set(stretched(1))
    assert digits.digits.shape == (10, 28, 28)
    assert digits.labels.tolist() == [*STROKES]


LONG = {"test_labels_help_a_writer_whom_the_originals_read_badly_and_more_than_by_sgd"}
