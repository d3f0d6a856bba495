"""The model card: every figure in it is the folder's own."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from inkling.cli.main import inkling
from inkling.errors import InvalidInput
from inkling.evaluation.metrics import ANSWER, score, score_answer, scores_to_json
from inkling.pretraining import recipes
from inkling.pretraining.model_card import model_card
from inkling.settings import load_settings

SHIPPED = load_settings({}).models_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A models folder with made-up histories and figures: 20 digits, 3 of them wrong."""
    for name in ("fnn.npz", "cnn.npz", "cnn.tflite", "unlike-digits.npz"):
        shutil.copy(SHIPPED / name, tmp_path)
    for net in ("fnn", "cnn"):
        history: dict[str, Any] = {
            "net": net,
            "seed": 5,
            "recipe": recipes.RECIPES[net].to_json(),
            "teacher": "cnn-0123" if net == "fnn" else None,
            "data": {"digits": 55000, "drawings": 14447, "writers": 376, "validation": 6400},
        }
        (tmp_path / f"{net}.history.json").write_text(json.dumps(history))
    labels = np.arange(20) % 10
    said = np.full((20, 10), 0.02, np.float32)
    said[np.arange(20), [*labels[:17], 1, 1, 1]] = 0.82
    found = {"fnn": score(said, labels), "cnn": score(said, labels)}
    found[ANSWER] = score_answer(said, said, labels)
    sets = {"MNIST test": found}
    evaluation = {
        "sets": scores_to_json(sets),
        "robustness": scores_to_json({"tilt 20": found}),
        "refused": {"MNIST test": 0.0021},
    }
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluation))
    return tmp_path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "pens.ndjson"
    path.write_bytes(b"some drawings")
    return path


def test_the_card_tells_accuracy_by_writer_where_writers_are_known(
    folder: Path, data: Path
) -> None:
    path = folder / "evaluation.json"
    assert "By writer" not in model_card(folder, [data])
    labels = np.arange(20) % 10
    said = np.full((20, 10), 0.02, np.float32)
    said[np.arange(20), [*labels[:17], 1, 1, 1]] = 0.82
    writers = ["anna"] * 10 + ["bela"] * 10
    found = {net: score(said, labels, writers) for net in ("fnn", "cnn")}
    found[ANSWER] = score_answer(said, said, labels, writers)
    evaluation = json.loads(path.read_text())
    evaluation["sets"] |= scores_to_json({"pens": found})
    path.write_text(json.dumps(evaluation))
    card = model_card(folder, [data])
    assert "| pens, 2 writers, mean | 85.00 % | 85.00 % | 85.00 % |" in card
    assert "| the mean's interval | 70.00 to 100.00 | 70.00 to 100.00 | 70.00 to 100.00 |" in card
    assert "Misread by the app most often, of pens: bela (3 of 10)." in card


def test_the_card_tells_files_recipes_and_accuracies(folder: Path, data: Path) -> None:
    (folder / "about.md").write_text("## Limits\n\nOnly digits.\n")
    card = model_card(folder, [data])
    digest = hashlib.sha256((folder / "cnn.npz").read_bytes()).hexdigest()
    size = (folder / "cnn.npz").stat().st_size
    assert f"| `cnn.npz` | 995,381 | {size:,} | `{digest}` |" in card
    assert "| `fnn.npz` | 79,510 |" in card
    assert f"| `pens.ndjson` | 13 | `{hashlib.sha256(b'some drawings').hexdigest()}` |" in card
    assert "| MNIST test (20) | 85.00 % | 85.00 % | 85.00 % |" in card
    assert "| its worst digit | 7: 50.00 % | 7: 50.00 % | 7: 50.00 % |" in card
    assert "| calibration error | 3.00 % | 3.00 % | – |" in card
    assert "| tilt 20 | 85.00 % |" in card
    assert "Taken for no digit, whatever the nets say: MNIST test 0.21 %." in card
    assert "| pen drawings | 14,447 | 14,447 |" in card
    assert "| teacher | cnn-0123 | – |" in card
    dropout = ", ".join(map(str, recipes.RECIPES["cnn"].dropout))
    assert f"| dropout |  | {dropout} |" in card
    assert "plots/fnn-diagram-dark.svg" in card
    assert card.endswith("Only digits.\n")


def test_a_folder_of_data_has_one_row_that_tells_all_of_it(folder: Path, tmp_path: Path) -> None:
    def row() -> str:
        (found,) = [line for line in model_card(folder, [images]).splitlines() if "`own/`" in line]
        return found

    images = tmp_path / "own"
    (images / "7").mkdir(parents=True)
    (images / "7" / "x.png").write_bytes(b"abc")
    first = row()
    assert first.startswith("| `own/` | 3 | `")
    (images / "7" / "x.png").rename(images / "7" / "y.png")
    assert row() != first
    (images / "7" / "y.png").rename(images / "7" / "x.png")
    assert row() == first


@pytest.mark.parametrize("name", ["evaluation.json", "fnn.history.json"])
@pytest.mark.parametrize("content", [None, "half a fi"])
def test_what_is_missing_or_damaged_is_named_with_its_command(
    folder: Path, data: Path, name: str, content: str | None
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(InvalidInput, match=rf"{name} cannot be read .*`inkling \w+") as told:
        model_card(folder, [data])
    assert "writes it" in str(told.value)


def test_the_command_writes_the_card_beside_the_models(folder: Path, data: Path) -> None:
    environ = {"MODELS_FOLDER": str(folder)}
    done = CliRunner().invoke(inkling, ["card", str(data)], env=environ)
    assert done.exit_code == 0, done.output
    assert (folder / "README.md").read_text() == model_card(folder, [data])


def test_the_shipped_card_agrees_with_the_shipped_files() -> None:
    card = (SHIPPED / "README.md").read_text()
    for name in ("fnn.npz", "cnn.npz", "cnn.tflite"):
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() in card
