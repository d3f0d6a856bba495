"""Who imports whom: the layers of pyproject.toml, and web workers without heavy libraries."""

import ast
import json
import subprocess
import sys
from pathlib import Path

from inkling.settings import ROOT

HEAVY = {"tensorflow", "keras", "boto3", "botocore", "threadpoolctl"}
PACKAGE = sorted((ROOT / "inkling").rglob("*.py"))
# The modules beside the package, and what of ours each may import.
BESIDE = {
    "functions": {"inkling"},  # of it `photograph` alone: see below
    "two_layer_net": set[str](),
    "conv_net": {"two_layer_net"},
    "main": {"inkling"},
    "gunicorn.conf": {"inkling"},
}
OURS = {*BESIDE, "inkling", "testing", "tests", "benchmarks"}


def imported(path: Path) -> set[str]:
    """The first words of all modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found.add((node.module or "").split(".")[0])
    return found


ANSWER = """
import json, sys, tempfile
import main
at_import = sorted({name.split(".")[0] for name in sys.modules})
ours = sorted(name for name in sys.modules if name.startswith("inkling."))
from inkling.settings import load_settings
from functions import to_data_url
from testing.pen import draw

with tempfile.TemporaryDirectory() as folder:
    environ = {"INSTANCE_FOLDER": folder, "TMP_FOLDER": folder, "RECEIPT_WAIT": "0"}
    client = main.create_app(load_settings(environ)).test_client()
    fields = {"imageBase64": to_data_url(draw(7)), "digit": "7"}
    statuses = [client.post(f"/{p}", data=fields).status_code for p in ("predict", "train")]
at_work = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps([at_import, ours, statuses, at_work]))
"""


def test_a_web_worker_imports_and_answers_without_the_heavy_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", ANSWER], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    at_import, ours, statuses, at_work = json.loads(done.stdout)
    assert {"main", "numpy"} <= set(at_import)
    assert HEAVY & set(at_import) == set()
    # What describes the API is imported by whoever asks for it.
    assert [name for name in ours if name.startswith("inkling.web.openapi")] == []
    assert statuses == [200, 200]
    assert "ai_edge_litert" in at_work
    assert HEAVY & set(at_work) == set()


def test_imports_point_downwards_and_have_no_circles() -> None:
    """The contracts are in pyproject.toml."""
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_these_modules_alone_lie_at_the_root() -> None:
    assert {path.stem for path in ROOT.glob("*.py")} == BESIDE.keys()


def test_a_module_at_the_root_imports_only_what_it_may() -> None:
    found = {name: imported(ROOT / f"{name}.py") & OURS for name in BESIDE}
    assert {name: ours - BESIDE[name] for name, ours in found.items() if ours - BESIDE[name]} == {}


def test_functions_brings_nothing_but_the_way_of_photographs() -> None:
    """It is below everything: what it imports must import none of the rest."""
    script = "import json, sys, functions; print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours = {name for name in json.loads(done.stdout) if name.split(".")[0] in OURS}
    lowest = {"inkling", "inkling.photograph", "inkling.ruled_lines"}
    assert ours == {"functions", *lowest}


def test_few_modules_import_tensorflow() -> None:
    files = [*PACKAGE, *ROOT.glob("*.py")]
    importing = {path.name for path in files if {"tensorflow", "keras"} & imported(path)}
    assert importing == {
        "conv_net.py",
        "keras_models.py",
        "large_net.py",
        "compiled_nets.py",
        "junk_net.py",
    }


def test_no_module_imports_pickle() -> None:
    unsafe = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}
    files = [*PACKAGE, *ROOT.glob("*.py")]
    assert {path.name for path in files if imported(path) & unsafe} == set()


def test_the_package_imports_no_tests_and_tests_and_benchmarks_not_each_other() -> None:
    apart = {"inkling": {"testing", "tests", "benchmarks", "main"}}
    apart |= {"testing": {"tests", "benchmarks"}}
    apart |= {"tests": {"benchmarks"}, "benchmarks": {"tests"}}
    for folder, others in apart.items():
        wrong = [p for p in (ROOT / folder).rglob("*.py") if imported(p) & others]
        assert wrong == []
