"""`inkling train` as a person runs it: killed, gone on with, on files of one's own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from functions import encode_png
from inkling import checkpoints
from inkling.data.datasets import write_strokes
from inkling.data.rendering import render_strokes
from inkling.settings import ROOT
from testing.live import wait_until
from testing.pen import STROKES
from tests.pretraining.material import HELD_OUT, LEARNERS, WATCHED, drawings


def start(*words: str, log: Path, **environ: str) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "inkling", "train", *words],
            cwd=ROOT,
            env=os.environ | environ,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


@pytest.mark.proof
@pytest.mark.long  # `test_fit.py` kills a training too, and is done sooner
def test_a_training_killed_by_sigkill_ends_at_the_very_same_weights(
    mnist: Path, tmp_path: Path
) -> None:
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    log, work = tmp_path / "log", tmp_path / "work"
    words = (
        "fnn",
        f"--mnist={mnist}",
        "--epochs=2",
        "--seed=3",
        "--generated=9",
        "--keep-variations",
    )

    process = start(*words, f"--out={killed}", log=log, TMP_FOLDER=str(work))
    wait_until(lambda: "Epoch 1/2" in log.read_text() or process.poll() is not None, 120)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (killed / "fnn.npz").exists(), log.read_text()
    log.unlink()
    assert start(*words, f"--out={killed}", log=log, TMP_FOLDER=str(work)).wait(300) == 0
    assert "Epoch 1/2" not in log.read_text()
    assert start(*words, f"--out={straight}", log=log, TMP_FOLDER=str(work)).wait(300) == 0
    for name in ("fnn.npz", "fnn.history.json"):
        assert (killed / name).read_bytes() == (straight / name).read_bytes()


def test_folders_of_images_are_learned_and_nothing_is_left_behind(
    mnist: Path, tmp_path: Path
) -> None:
    images = tmp_path / "images"
    for digit, strokes in STROKES.items():
        (images / str(digit)).mkdir(parents=True)
        png = encode_png(render_strokes(strokes))
        for number in range(2):
            (images / str(digit) / f"{number}.png").write_bytes(png)
    log, out, work = tmp_path / "log", tmp_path / "out", tmp_path / "work"
    words = (
        "fnn",
        f"--mnist={mnist}",
        f"--drawings={images}",
        "--generated=0",
        "--epochs=1",
        f"--out={out}",
    )
    assert start(*words, log=log, TMP_FOLDER=str(work)).wait(300) == 0, log.read_text()
    assert "Learning from 55,018 digits" in log.read_text()
    assert sorted(path.name for path in out.iterdir()) == ["fnn.history.json", "fnn.npz"]
    assert json.loads((out / "fnn.history.json").read_text())["data"]["validation"] == 5002
    assert set(checkpoints.unpack((out / "fnn.npz").read_bytes())) > {"hidden_kernel"}
    assert list(work.iterdir()) == []


def test_where_drawings_are_named_mnist_is_not_downloaded(tmp_path: Path) -> None:
    pens, log, out = tmp_path / "pens.ndjson", tmp_path / "log", tmp_path / "out"
    write_strokes(pens, drawings(*LEARNERS[:3], WATCHED[0], HELD_OUT[0]))
    environ = {"KERAS_HOME": str(tmp_path / "keras"), "https_proxy": "http://127.0.0.1:9"}
    words = ("fnn", f"--drawings={pens}", "--generated=32", "--epochs=1", f"--out={out}")
    process = start(*words, log=log, TMP_FOLDER=str(tmp_path / "work"), **environ)
    assert process.wait(300) == 0, log.read_text()
    told = "Learning from 0 digits, 30 drawings, 3 writers, 32 generated, 10 validation"
    assert told in log.read_text()
    assert sorted(path.name for path in out.iterdir()) == ["fnn.history.json", "fnn.npz"]
    assert not (tmp_path / "keras").exists()
    # Where nothing is named, it is.
    process = start("fnn", f"--out={tmp_path / 'other'}", log=log, **environ)
    assert process.wait(120) == 1
    assert log.read_text().splitlines()[-1].startswith("Error: MNIST could not be downloaded")


def test_a_file_that_is_no_mnist_is_told_before_anything_is_done(tmp_path: Path) -> None:
    file, log = tmp_path / "mnist.npz", tmp_path / "log"
    file.write_text("no arrays")
    process = start("fnn", f"--mnist={file}", f"--out={tmp_path / 'out'}", log=log)
    assert process.wait(60) == 1
    assert log.read_text().splitlines()[-1].startswith(f"Error: {file} cannot be read")
    assert not (tmp_path / "out").exists()


def test_mnist_that_cannot_be_downloaded_is_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    # A proxy that nobody answers at stands for a machine without a network.
    environ = {"KERAS_HOME": str(tmp_path / "keras"), "https_proxy": "http://127.0.0.1:9"}
    process = start("fnn", "--mnist=download", log=log, **environ)
    assert process.wait(120) == 1
    last = log.read_text().splitlines()[-1]
    assert last.startswith("Error: MNIST could not be downloaded")
    assert last.endswith("Pass --mnist FILE.")


def test_what_tells_digits_from_junk_has_no_teacher(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start("unlike-digits", f"--teacher={tmp_path}", "--mnist=download", log=log)
    assert process.wait(60) == 1
    assert log.read_text().splitlines()[-1] == (
        "Error: unlike-digits learns labels alone. Leave --teacher out."
    )
