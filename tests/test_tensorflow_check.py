"""Whether TensorFlow can be loaded here, and what is told where it cannot."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inkling import tensorflow_check
from inkling.settings import ROOT, SettingError, load_settings
from inkling.tensorflow_check import NoTensorFlow, check_tensorflow, most_memory

# Python runs a file of this name at its start; this one hides what `make run` does not install.
HIDING = """
import sys

NAMES = ("tensorflow", "keras")

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in NAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
import importlib.util
finding = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name in NAMES else finding(name, *more)
"""
INSTALL = "TensorFlow is not installed. Install it: make training."


@pytest.fixture
def without(tmp_path: Path) -> dict[str, str]:
    """The environment of a process without TensorFlow, on folders of its own."""
    (tmp_path / "hiding").mkdir()
    (tmp_path / "hiding" / "sitecustomize.py").write_text(HIDING)
    return os.environ | {
        "PYTHONPATH": f"{tmp_path / 'hiding'}:{ROOT}",
        "INSTANCE_FOLDER": str(tmp_path / "instance"),
        "TMP_FOLDER": str(tmp_path / "tmp"),
        "DATABASE_URL": "",
    }


def run(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "inkling", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)


def no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorflow_check, "most_memory", lambda: 512_000_000)


def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def test_it_is_there_where_tests_run() -> None:
    check_tensorflow()


def test_what_is_missing_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    no_memory(monkeypatch)
    with pytest.raises(NoTensorFlow, match="takes 900 MB of memory, this machine has 512") as small:
        check_tensorflow()
    assert "dyno of 1 GB or more" in small.value.remedy
    not_installed(monkeypatch)
    with pytest.raises(NoTensorFlow, match=r"not installed\. Install it: make training"):
        check_tensorflow()


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    (tmp_path / "none").write_text("max\n")
    (tmp_path / "some").write_text("536870912\n")
    whole = most_memory((tmp_path / "missing", tmp_path / "none"))
    assert whole == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert most_memory((tmp_path / "none", tmp_path / "some")) == 536_870_912


@pytest.mark.parametrize("missing", [not_installed, no_memory])
def test_the_plain_rule_is_refused_at_start(
    monkeypatch: pytest.MonkeyPatch, missing: object
) -> None:
    missing(monkeypatch)  # type: ignore[operator]
    with pytest.raises(SettingError, match="LEARNING_RULE is 'sgd', which takes TensorFlow"):
        load_settings({"LEARNING_RULE": "sgd"})
    load_settings({})


@pytest.mark.parametrize(
    "words",
    [
        ["train", "cnn"],
        ["network", "train", "lenet"],
        ["network", "export", "lenet", "--format", "keras"],
        ["search", "cnn", "--trials", "1"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_command_that_needs_it_says_so_in_one_line(
    without: dict[str, str], words: list[str]
) -> None:
    done = run(without, *words)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"Error: {INSTALL}"


def test_all_that_looks_back_does_without_it(without: dict[str, str], tmp_path: Path) -> None:
    for words in (
        ["history"],
        ["verify"],
        ["replay"],
        ["predict", "inkling/samples/7.png"],
        ["network", "predict", "lenet", "inkling/samples/7.png"],
        ["network", "export", "lenet", "--format", "tfjs", "--out", str(tmp_path / "lenet")],
    ):
        done = run(without, *words)
        assert done.returncode == 0, (words, done.stderr)


WALK = """
import base64, json, sys
from inkling.settings import ROOT, load_settings
from main import create_app

client = create_app(load_settings()).test_client()
login = {"auth": ("test_nn", "lenet")}
names = [row.rpartition("/")[2] for row in client.get("/list_nn", **login).get_json()["text"]]
picture = {"image": base64.b64encode((ROOT / "inkling/samples/7.png").read_bytes()).decode()}
answers = {n: client.post(f"/{n}/classify", json=picture, **login).get_json() for n in names}
print(json.dumps({n: a.get("number", a.get("error")) for n, a in answers.items()}))
assert "tensorflow" not in sys.modules
"""


@pytest.mark.long
@pytest.mark.parametrize("setup", ["make run", "make training"])
def test_every_network_answers_in_both_setups(setup: str, tmp_path: Path) -> None:
    """What each installs is installed here, into an environment of its own."""
    uv, python = str(Path(sys.executable).with_name("uv")), tmp_path / "venv" / "bin" / "python"
    pinned = {"make run": "requirements-serving.txt", "make training": "requirements.txt"}[setup]
    for words in (
        ["venv", "-q", "--python", sys.executable, str(tmp_path / "venv")],
        ["pip", "install", "-q", "--python", str(python), "-r", pinned],
    ):
        subprocess.run([uv, *words], cwd=ROOT, check=True)
    environ = os.environ | {
        "PYTHONPATH": str(ROOT),
        "INSTANCE_FOLDER": str(tmp_path / "instance"),
        "TMP_FOLDER": str(tmp_path / "tmp"),
        "DATABASE_URL": "",
    }

    def done(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(python), *words]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)

    walked = done("-c", WALK)
    assert walked.returncode == 0, walked.stderr
    said = json.loads(walked.stdout.splitlines()[-1])
    assert {"lenet", "bn-cnn", "dense", "fnn", "cnn", "fnn_retrained", "cnn_retrained"} <= {*said}
    trained = {name: number for name, number in said.items() if name != "dense"}
    assert {*trained.values()} == {"7"}
    assert "not trained yet" in said["dense"]
    trained_too = done("-m", "inkling", "network", "train", "dense", "--epochs", "1")
    assert (INSTALL in trained_too.stderr) == (setup == "make run"), trained_too.stderr
