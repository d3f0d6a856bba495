"""`inkling plot`: every subcommand on small files, and one line for whatever is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from functions import encode_png
from inkling.cli.main import inkling
from inkling.data.datasets import write_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.evaluation.metrics import Score, scores_to_json
from inkling.settings import ROOT
from testing.pen import STROKES, draw
from tests.plots.svg import size, texts

Run = Callable[..., str]

HISTORY = {
    "net": "fnn",
    "seed": 3,
    "recipe": {"epochs": 2},
    "loss": [0.5, 0.25],
    "accuracy": [0.8, 0.9],
    "validation_accuracy": [0.85, 0.91],
}
COUNTS = tuple(tuple(5 * (row == column) for column in range(11)) for row in range(10))
SETS = scores_to_json(
    {
        "MNIST test": {"fnn": Score(COUNTS, 0.1), "cnn": Score(COUNTS, 0.1)},
        "own": {"cnn": Score(COUNTS)},
    }
)
SCORES = {"weights": "models", "version": 0, "sets": SETS}


@pytest.fixture
def run() -> Run:
    """Runs `inkling plot …`; what it says where it fails, or nothing."""

    def run(*words: object) -> str:
        done = CliRunner().invoke(inkling, ["plot", *map(str, words)])
        return done.stderr.strip() if done.exit_code else ""

    return run


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    """A stroke file with two drawings of each digit."""
    path = tmp_path / "drawings.ndjson"
    write_strokes(path, [StrokeDrawing(d, "anna", STROKES[d]) for d in range(10)] * 2)
    return path


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    path = tmp_path / "seven.png"
    path.write_bytes(encode_png(draw(7)))
    return path


def test_history(tmp_path: Path) -> None:
    file, out = write_json(tmp_path / "fnn.json", HISTORY), tmp_path / "a.svg"
    done = CliRunner().invoke(inkling, ["plot", "history", str(file), str(file), f"--out={out}"])
    assert done.output == f"Wrote {out}.\n"
    assert texts(out).count("FNN, seed 3") == 2
    assert texts(out).count("91.0 %") == 2


def test_samples_of_drawings(run: Run, drawings: Path, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("a.svg", "b.svg")]
    for out in outs:
        assert run("samples", "--drawings", drawings, "--count", 2, "--out", out) == ""
    assert texts(outs[0]) == [str(digit) for digit in range(10)]
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_samples_of_mnist(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mnist.npz"
    arrays = {
        f"{kind}_{split}": np.zeros((count, *shape), np.uint8)
        for split, count in (("train", 60000), ("test", 10000))
        for kind, shape in (("x", (28, 28)), ("y", ()))
    }
    arrays["y_train"][:] = np.arange(60000) % 10
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    assert run("samples", "--mnist", file, "--count", 1, "--out", tmp_path / "a.png") == ""
    assert size(tmp_path / "a.png")[0] == 4 * 340


def test_confusion_shows_all_or_what_is_asked_for(run: Run, tmp_path: Path) -> None:
    file, out = write_json(tmp_path / "scores.json", SCORES), tmp_path / "a.svg"
    assert run("confusion", file, "--out", out) == ""
    assert [w for w in texts(out) if "right" in w] == [
        "MNIST test: 50 of 50 right",
        "MNIST test: 50 of 50 right",
        "own: 50 of 50 right",
    ]
    assert run("confusion", file, "--set=MNIST test", "--model=cnn", "--out", out, "--dark") == ""
    assert [w for w in texts(out) if "original" in w] == ["CNN original"]


def test_variants(run: Run, seven: Path, tmp_path: Path) -> None:
    outs = [tmp_path / f"{seed}.svg" for seed in range(2)]
    for seed, out in enumerate(outs):
        assert run("variants", seven, "--seed", seed, "--out", out) == ""
        assert texts(out) == ["The digit", "24 variants"]
    assert outs[0].read_bytes() != outs[1].read_bytes()


@pytest.mark.parametrize("net", ["fnn", "cnn"])
def test_diagram(net: str, run: Run, tmp_path: Path) -> None:
    light, dark = tmp_path / "a.svg", tmp_path / "b.svg"
    assert run("diagram", net, "--out", light) == ""
    assert run("diagram", net, "--out", dark, "--dark") == ""
    assert texts(light) == texts(dark)
    assert net.upper() in texts(light)
    assert light.read_bytes() != dark.read_bytes()


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"net": "rnn"}, "Its net is 'rnn'"),
        ({"net": None}, "Its net is None"),
        ({"loss": [0.5]}, "Its lists are empty, or one is longer"),
        ({"loss": [], "accuracy": [], "validation_accuracy": []}, "Its lists are empty"),
        ({"loss": [0.5, float("nan")]}, "loss holds what is no number from 0 upwards"),
        ({"loss": [0.5, True]}, "loss holds"),
        ({"loss": 0.5}, "Its shape is another"),
        ({"accuracy": [0.5, 50]}, "An accuracy is not between 0 and 1"),
        ({"seed": "first"}, "Its seed is no whole number"),
    ],
)
def test_a_wrong_history_is_told(
    changes: dict[str, Any], wrong: str, run: Run, tmp_path: Path
) -> None:
    file = write_json(tmp_path / "fnn.json", HISTORY | changes)
    told = run("history", file, "--out", tmp_path / "a.svg")
    assert told.startswith(f"Error: {file} is no training history. ")
    assert wrong in told
    assert told.endswith(" Name one that `inkling train` wrote.")
    assert not (tmp_path / "a.svg").exists()


@pytest.mark.parametrize("value", [[], 7, None, {"loss": [1.0]}, {"sets": {}}])
def test_json_of_another_shape_is_told(value: Any, run: Run, tmp_path: Path) -> None:
    file, out = write_json(tmp_path / "a.json", value), tmp_path / "a.svg"
    assert run("history", file, "--out", out).startswith(f"Error: {file} is no training history. ")
    told = run("confusion", file, "--out", out)
    assert told.startswith(f"Error: {file} is no evaluation. ")
    assert told.endswith(" Name what `inkling evaluate --json` printed.")


@pytest.mark.parametrize(
    "counts", [[], [[0] * 11] * 9, [[0] * 10] * 10, [[0.5] * 11] * 10, [[-1] * 11] * 10, "0"]
)
def test_scores_without_a_matrix_of_counts_are_told(counts: Any, run: Run, tmp_path: Path) -> None:
    value = {"sets": {"own": {"cnn": {"confusion": counts, "calibration_error": None}}}}
    file = write_json(tmp_path / "a.json", value)
    assert "is no evaluation" in run("confusion", file, "--out", tmp_path / "a.svg")


def test_what_is_no_json_is_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    for content in (b"no JSON", b"\xff\xfe"):
        file.write_bytes(content)
        told = run("history", file, "--out", tmp_path / "a.svg")
        assert told.startswith(f"Error: {file} is not JSON (")


def test_an_unknown_set_or_model_is_told_with_those_there_are(run: Run, tmp_path: Path) -> None:
    file, out = write_json(tmp_path / "scores.json", SCORES), tmp_path / "a.svg"
    told = run("confusion", file, "--set", "theirs", "--out", out)
    assert told == f"Error: {file} has no set 'theirs'. Choose from: MNIST test, own."
    told = run("confusion", file, "--model", "fnn", "--out", out)
    assert told == f"Error: {file} has, for own, no model 'fnn'. Choose from: cnn."


def test_an_unknown_suffix_is_told(run: Run, seven: Path, tmp_path: Path) -> None:
    told = run("variants", seven, "--out", tmp_path / "a.pdf")
    assert told == f"Error: {tmp_path / 'a.pdf'} is no picture's name. End it in .png or .svg."


def test_an_image_without_ink_or_pixels_is_told(run: Run, tmp_path: Path) -> None:
    file, out = tmp_path / "a.png", tmp_path / "a.svg"
    file.write_bytes(encode_png(np.full((50, 50), 255, np.uint8)))
    told = run("variants", file, "--out", out)
    assert told == f"Error: {file} shows no ink. Name a picture of a digit, dark on light."
    file.write_bytes(b"no picture")
    assert run("variants", file, "--out", out).startswith(f"Error: {file}: The image cannot be")


def test_samples_come_from_exactly_one_file(run: Run, drawings: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.svg"
    told = "Error: Samples come from one file. Give --drawings FILE or --mnist FILE."
    assert run("samples", "--out", out) == told
    assert run("samples", "--drawings", drawings, "--mnist", drawings, "--out", out) == told
    few = run("samples", "--drawings", drawings, "--count", 3, "--out", out)
    assert few.startswith(f"Error: {drawings} has 2 samples of a 0, not 3.")


def test_weights_that_are_missing_or_of_another_net_are_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELS_FOLDER", str(tmp_path))
    file, out = tmp_path / "cnn.npz", tmp_path / "a.svg"
    for content in (None, b"no arrays", (ROOT / "models" / "fnn.npz").read_bytes()):
        if content:
            file.write_bytes(content)
        told = run("diagram", "cnn", "--out", out)
        assert told.startswith(f"Error: {file} holds no weights of the CNN (")
        assert told.endswith("). Train it: inkling train cnn")


def test_the_cnns_dropout_is_its_historys(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELS_FOLDER", str(tmp_path))
    (tmp_path / "cnn.npz").write_bytes((ROOT / "models" / "cnn.npz").read_bytes())
    file, out = tmp_path / "cnn.history.json", tmp_path / "a.svg"
    write_json(file, {"recipe": {"dropout": [0.15, 0.25, 0.5]}})
    assert run("diagram", "cnn", "--out", out) == ""
    assert {"dropout 0.15", "dropout 0.25", "dropout 0.5"} <= set(texts(out))
    wrong: list[Any] = [{}, {"recipe": {"dropout": [0.1]}}, {"recipe": {"dropout": [0, 0, 1]}}, []]
    for value in wrong:
        write_json(file, value)
        told = run("diagram", "cnn", "--out", out)
        assert told.startswith(f"Error: {file} is no history of the CNN. ")
