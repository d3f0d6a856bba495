"""The commands, run as a person would run them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import weights
from datasets import read_mnist
from settings import ROOT
from tests.data import MNIST, PEN_DIGITS, needs_data
from two_layer_net import TwoLayerNet


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "cli.py", *words],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.parametrize("command", ["trainer", "train", "evaluate"])
def test_every_command_tells_what_it_does(command: str) -> None:
    told = run(command, "--help")
    assert told.returncode == 0
    assert "Usage:" in told.stdout
    assert command in run("--help").stdout


def test_the_installed_command_is_the_same() -> None:
    inkling = Path(sys.executable).parent / "inkling"
    told = subprocess.run([inkling, "--help"], capture_output=True, text=True, check=True)
    assert "evaluate" in told.stdout


def test_a_bad_setting_is_told_in_one_line() -> None:
    failed = run("trainer", PORT="many")
    assert failed.returncode == 1
    assert failed.stderr == "Error: PORT is 'many'. Set it to a whole number.\n"


def test_a_file_of_another_kind_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "mnist.npz"
    file.write_text("no arrays")
    failed = run("evaluate", "--mnist", str(file), INSTANCE_FOLDER=str(tmp_path))
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith(f"Error: {file} cannot be read")


@pytest.mark.data
@needs_data
def test_the_shipped_originals_reach_their_floors(tmp_path: Path) -> None:
    measured = run(
        "evaluate",
        "--json",
        f"--mnist={MNIST}",
        f"--drawings={PEN_DIGITS}",
        INSTANCE_FOLDER=str(tmp_path),
    )
    assert measured.returncode == 0, measured.stderr
    found = json.loads(measured.stdout)
    assert found["version"] == 0
    mnist, drawn = found["accuracy"]["MNIST test"], found["accuracy"]["held-out writers"]
    assert mnist["fnn"] >= 0.975
    assert mnist["cnn"] >= 0.992
    assert drawn["fnn"] >= 0.96
    assert drawn["cnn"] >= 0.983
    assert mnist["fnn_retrained"] == mnist["fnn"]


@pytest.mark.data
@needs_data
def test_training_from_scratch_writes_weights_that_serve(tmp_path: Path) -> None:
    out = tmp_path / "models"
    trained = run("train", "fnn", f"--mnist={MNIST}", "--epochs=1", f"--out={out}")
    assert trained.returncode == 0, trained.stderr
    assert "epoch   1" in trained.stdout
    assert [path.name for path in out.iterdir()] == ["fnn.npz"]
    net = TwoLayerNet(weights.unpack((out / "fnn.npz").read_bytes()))
    test = read_mnist(MNIST)
    assert net.accuracy(test.test_digits, test.test_labels) > 0.9
