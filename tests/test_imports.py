"""Who imports whom: web workers without TensorFlow, no circles, leaves that import none of ours."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT

HEAVY = {"tensorflow", "keras", "skimage", "scipy", "boto3", "botocore", "threadpoolctl"}
PACKAGES = ("history", "learning", "measuring", "originals", "plots")
FILES = [*ROOT.glob("*.py"), *(path for name in PACKAGES for path in ROOT.glob(f"{name}/*.py"))]
MODULES = {path.stem: path for path in sorted(FILES) if path.stem != "__init__"}
LEAVES = ("functions", "two_layer_net", "settings", "lock", "bell")


def imported(path: Path) -> set[str]:
    """All modules that a file imports, anywhere in it: ours by their file's name, others by their
    first word."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            first, _, rest = (node.module or "").partition(".")
            if first not in PACKAGES:
                found.add(first)
            else:
                found |= {rest} if rest else {alias.name for alias in node.names}
    return found


OURS = {name: imported(path) & MODULES.keys() for name, path in MODULES.items()}

ANSWER = """
import json, sys, tempfile
import main
at_import = sorted({name.split(".")[0] for name in sys.modules})
from settings import load_settings
from functions import to_data_url
from tests.conftest import draw

with tempfile.TemporaryDirectory() as folder:
    environ = {"INSTANCE_FOLDER": folder, "TMP_FOLDER": folder, "RECEIPT_WAIT": "0"}
    client = main.create_app(load_settings(environ)).test_client()
    fields = {"imageBase64": to_data_url(draw(7)), "digit": "7"}
    statuses = [client.post(f"/{p}", data=fields).status_code for p in ("predict", "train")]
at_work = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps([at_import, statuses, at_work]))
"""


def test_a_web_worker_imports_and_answers_without_the_heavy_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", ANSWER], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    at_import, statuses, at_work = json.loads(done.stdout)
    assert {"main", "numpy", "ai_edge_litert"} <= set(at_import)
    assert HEAVY & set(at_import) == set()
    assert statuses == [200, 200]
    assert HEAVY & set(at_work) == set()


def test_conv_net_alone_imports_tensorflow() -> None:
    importing = {name for name, path in MODULES.items() if "tensorflow" in imported(path)}
    assert importing == {"conv_net"}
    # Its loader of MNIST, within the function that downloads.
    importing = {name for name, path in MODULES.items() if "keras" in imported(path)}
    assert importing == {"datasets"}


def test_no_two_modules_share_a_name() -> None:
    assert len(MODULES) == len([path for path in FILES if path.stem != "__init__"])


def test_no_room_imports_a_command() -> None:
    importing = {name for name, path in MODULES.items() if "commands" in imported(path)}
    assert importing == {"cli"}


def test_no_module_imports_pickle() -> None:
    unsafe = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}
    assert {name for name, path in MODULES.items() if imported(path) & unsafe} == set()


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_imports_none_of_ours(leaf: str) -> None:
    assert OURS[leaf] == set()


def test_imports_have_no_circles() -> None:
    left = dict(OURS)
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}, "These modules import each other, or one that does."


def rooms() -> dict[str, set[str]]:
    """What each module may import of ours, from the table of rooms in the design."""
    table = (ROOT / "docs" / "design.md").read_text().split("## Rooms")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(?:\w+/)?([\w.]+)\.py` \|.*\| ([^|]*) \|$", table, re.MULTILINE)
    words = {"both nets": {"two_layer_net", "conv_net"}, "any": set(MODULES), "–": set[str]()}
    return {
        name: {module for word in allowed.split(", ") for module in words.get(word, {word})}
        for name, allowed in rows
    }


def test_every_module_is_a_room_of_the_design() -> None:
    assert rooms().keys() == MODULES.keys()


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_what_the_design_lets_it(name: str) -> None:
    assert OURS[name] <= rooms().get(name, set())


def test_nothing_but_tests_imports_tests() -> None:
    assert {name for name, path in MODULES.items() if "tests" in imported(path)} == set()
