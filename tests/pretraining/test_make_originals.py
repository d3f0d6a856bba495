"""`make originals`: from data to a folder that a server can serve, with nothing missing in it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from inkling.data.datasets import write_strokes
from inkling.evaluation.robustness import row_names
from inkling.settings import ROOT
from testing.live import Server
from tests.pretraining.material import HELD_OUT, LEARNERS, WATCHED, drawings

FILES = {
    *("README.md", "evaluation.json", "cnn.tflite"),
    *(f"{net}.{suffix}" for net in ("fnn", "cnn") for suffix in ("npz", "history.json")),
    *(
        f"plots/{net}-{kind}{dark}.svg"
        for net in ("fnn", "cnn")
        for kind in ("diagram", "history")
        for dark in ("", "-dark")
    ),
}


@pytest.mark.proof
def test_make_originals_makes_everything_that_the_server_shows(mnist: Path, tmp_path: Path) -> None:
    pens, models, work = tmp_path / "pens.ndjson", tmp_path / "models", tmp_path / "work"
    write_strokes(pens, drawings(*LEARNERS[:3], WATCHED[0], *HELD_OUT[:2]))
    words = (f"MNIST={mnist}", f"DRAWINGS={pens}", f"MODELS={models}", "EPOCHS=1")
    done = subprocess.run(
        ["make", "originals", *words],
        cwd=ROOT,
        env=os.environ | {"TMP_FOLDER": str(work)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {str(p.relative_to(models)) for p in models.rglob("*") if p.is_file()}
    assert found == FILES
    assert not any(work.iterdir())
    evaluation = json.loads((models / "evaluation.json").read_text())
    assert evaluation["version"] == 0
    assert {name: s["cnn"]["count"] for name, s in evaluation["sets"].items()} == {
        "MNIST test": 10_000,
        "held-out writers": 20,
    }
    assert [*evaluation["robustness"]] == row_names()
    assert json.loads((models / "fnn.history.json").read_text())["teacher"].startswith("cnn-")
    server = Server(tmp_path, MODELS_FOLDER=str(models))
    server.stop()


def test_make_originals_without_drawings_says_what_to_give() -> None:
    done = subprocess.run(["make", "originals"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert 'make originals DRAWINGS="file …"' in done.stderr
