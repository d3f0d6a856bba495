"""`make originals`: from data to a folder that a server can serve, with nothing missing in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inkling.data.datasets import write_strokes
from inkling.evaluation.robustness import row_names
from inkling.settings import ROOT
from testing.live import Server
from tests.pretraining.material import HELD_OUT, LEARNERS, WATCHED, drawings, write_mnist

NETS = ("fnn", "cnn", "unlike-digits")
FILES = {
    *("README.md", "evaluation.json", "cnn.tflite"),
    *(f"{net}.{suffix}" for net in NETS for suffix in ("npz", "history.json")),
    *(
        f"plots/{net}-{kind}{dark}.svg"
        for net in ("fnn", "cnn")
        for kind in ("diagram", "history")
        for dark in ("", "-dark")
    ),
}


# The commands as they are, but for the size that a file of MNIST must have: it is trained on in
# seconds. It stands where the Makefile looks for its environment's programs.
SMALL = """#!{python}
from inkling.cli.main import main
from inkling.data import datasets

if __name__ == "__main__":
    datasets.MNIST_SHAPES = {shapes}
    main()
"""


@pytest.mark.proof
@pytest.mark.long
def test_make_originals_makes_everything_that_the_server_shows(tmp_path: Path) -> None:
    mnist, programs = tmp_path / "mnist.npz", tmp_path / "programs"
    shapes = write_mnist(mnist, train=11, test=1)  # of which training keeps 5,000 to watch
    programs.mkdir()
    program = programs / "inkling"
    program.write_text(SMALL.format(python=sys.executable, shapes=shapes))
    program.chmod(0o755)
    make_and_serve_originals(tmp_path, mnist, 500, f"BIN={programs}")


@pytest.mark.proof
@pytest.mark.long
def test_make_originals_does_so_with_as_much_as_mnist_has(mnist: Path, tmp_path: Path) -> None:
    make_and_serve_originals(tmp_path, mnist, 10_000)


@pytest.mark.proof
@pytest.mark.long
def test_make_originals_does_without_mnist(tmp_path: Path) -> None:
    make_and_serve_originals(tmp_path, "", 0)


def make_and_serve_originals(folder: Path, mnist: Path | str, tested: int, *more: str) -> None:
    """`make teacher originals`, with `more` words for make, and a server on what they made."""
    pens, models, work = folder / "pens.ndjson", folder / "models", folder / "work"
    write_strokes(pens, drawings(*LEARNERS[:3], WATCHED[0], *HELD_OUT[:2]))
    words = (
        f"MNIST={mnist}",
        f"DRAWINGS={pens}",
        f"MODELS={models}",
        f"TEACHER={folder / 'teacher'}",
        "EPOCHS=1",
        "GENERATED=40",
        *more,
    )
    done = subprocess.run(
        ["make", "teacher", "originals", *words],
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
    counts = {"MNIST test": tested} if tested else {}
    assert {name: s["cnn"]["count"] for name, s in evaluation["sets"].items()} == {
        **counts,
        "validation writers": 20,
    }
    assert [*evaluation["robustness"]] == row_names()
    for net in ("fnn", "cnn"):
        history = json.loads((models / f"{net}.history.json").read_text())
        assert history["teacher"].startswith("teacher-")
    server = Server(folder, MODELS_FOLDER=str(models), TRAINER="separate")
    server.stop()


@pytest.mark.parametrize("target", ["teacher", "originals"])
def test_without_drawings_make_says_what_to_give(target: str) -> None:
    done = subprocess.run(["make", target], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert f'make {target} DRAWINGS="file …"' in done.stderr


def test_without_a_teacher_make_originals_says_what_makes_one(tmp_path: Path) -> None:
    words = ["make", "originals", "DRAWINGS=pens.ndjson", f"TEACHER={tmp_path}"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "`make teacher`" in done.stderr
