"""A training of a network that is killed: the same command goes on, to the very same weights."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inkling.settings import ROOT
from testing.live import wait_until

EPOCHS = 40


def start(folder: Path, sample: Path, log: Path) -> subprocess.Popen[bytes]:
    words = ("dense", "--hidden", "30", "--data", str(sample), "--epochs", str(EPOCHS))
    watched = ("--validation-split", "0.2", "--early-stopping", "50", "--batch", "40")
    environ = {"INSTANCE_FOLDER": str(folder / "instance"), "TMP_FOLDER": str(folder / "tmp")}
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "inkling", "network", "train", *words, *watched],
            cwd=ROOT,
            env=os.environ | environ,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


def weights(folder: Path) -> bytes:
    (found,) = (folder / "instance" / "objects" / "networks" / "dense-30").glob("*.npz")
    return found.read_bytes()


@pytest.fixture(scope="module")
def straight(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The weights of a training that nobody stops."""
    folder = tmp_path_factory.mktemp("straight")
    assert start(folder, sample, folder / "log").wait(120) == 0, (folder / "log").read_text()
    return weights(folder)


LONG = ["test_a_killed_training_ends_at_the_very_same_weights[2]"]  # the other one is harder


@pytest.mark.proof
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_training_ends_at_the_very_same_weights(
    end: signal.Signals, straight: bytes, sample: Path, tmp_path: Path
) -> None:
    killed, log = tmp_path / "killed", tmp_path / "log"
    process = start(killed, sample, log)
    wait_until(lambda: "Epoch 3/" in log.read_text() or process.poll() is not None, 120)
    os.killpg(process.pid, end)
    assert process.wait(30) != 0, log.read_text()
    assert len([*(killed / "tmp").glob("*.checkpoint.npz")]) == 1
    assert not (killed / "instance" / "objects" / "networks").exists()

    assert start(killed, sample, log).wait(120) == 0, log.read_text()
    assert "Epoch 3/" not in log.read_text()
    assert f"Epoch {EPOCHS}/{EPOCHS}" in log.read_text()
    assert [*(killed / "tmp").iterdir()] == []
    assert weights(killed) == straight
