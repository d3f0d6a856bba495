"""What a deployment is made of: each file is valid, agrees with the others, and starts the app."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import fields
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from ruamel.yaml import YAML

from inkling.settings import ROOT, Settings
from testing.deployed import deployed_files, export, procfile

TOOLS = Path(sys.executable).parent
IGNORING = (".slugignore", ".dockerignore")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
HOOK = ROOT / "bin" / "post_compile"
SETTINGS = {field.name.upper() for field in fields(Settings)}
SECRET = {field.name.upper() for field in fields(Settings) if field.metadata["secret"]}
OTHERS = re.compile(r"AWS_[A-Z_]+|POSTGRES_(USER|PASSWORD)|REDISCLI_AUTH")  # not read by us

BROWSE = """
import sys
from main import create_app
from inkling.settings import load_settings
from functions import to_data_url
import numpy as np

grey = np.full((280, 280), 255, np.uint8)
grey[40:240, 130:150] = 0
client = create_app(load_settings()).test_client()
for page in ("/", "/contribute", "/models", "/models/plots/cnn-diagram.svg", "/healthz", "/readyz",
             "/static/css/inkling.css", "/static/vendor/bootstrap/css/bootstrap.min.css"):
    assert client.get(page).status_code == 200, page
fields = {"imageBase64": to_data_url(grey), "digit": "1"}
for path in ("/predict", "/train"):
    assert client.post(path, data=fields).status_code == 200, path
import conv_net, inkling.trainer.trainer
"""


def compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(ROOT / "compose.yaml")
    return found


def app_json() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
    return found


def run(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, **options)


@pytest.fixture(scope="module", params=IGNORING)
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is deployed, on Heroku and in a container."""
    folder = tmp_path_factory.mktemp("tree")
    export(folder, request.param)
    return folder


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment on folders of this test alone."""
    return os.environ | {
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "INSTANCE_FOLDER": str(tmp_path / "instance"),
        "TMP_FOLDER": str(tmp_path / "tmp"),
        "RECEIPT_WAIT": "0",
    }


def test_the_dockerfile_passes_its_linter() -> None:
    done = run(TOOLS / "hadolint", "Dockerfile", cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_compose_fits_its_schema() -> None:
    words = ["--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    done = run(TOOLS / "check-jsonschema", *words, cwd=ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["release", "worker"])
def test_a_deployed_tree_has_the_commands_of_the_procfile(
    tree: Path, environ: dict[str, str], name: str
) -> None:
    done = run("bash", "-c", f"{procfile()[name]} --help", cwd=tree, env=environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: python -m inkling")


def test_a_deployed_tree_migrates_and_loads_the_app(tree: Path, environ: dict[str, str]) -> None:
    done = run("bash", "-c", procfile()["release"], cwd=tree, env=environ)
    assert done.returncode == 0, done.stderr
    done = run("bash", "-c", f"{procfile()['web']} --check-config", cwd=tree, env=environ)
    assert done.returncode == 0, done.stderr


def test_a_deployed_tree_serves_every_page(tree: Path, environ: dict[str, str]) -> None:
    done = run(sys.executable, "-c", BROWSE, cwd=tree, env=environ)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("ignored", IGNORING)
def test_no_ignored_path_is_a_thing_of_the_past(ignored: str) -> None:
    made_later = {".env*", "build", "instance", "*.egg-info", "**/__pycache__"}
    lines = set((ROOT / ignored).read_text().split()) - made_later
    names = {line.strip("/") for line in lines if not re.match(r"\.venv|\.\w+_cache", line)}
    assert {name for name in names if not list(ROOT.glob(name))} == set()


@pytest.mark.parametrize("ignored", IGNORING)
def test_tests_and_secrets_are_not_deployed(ignored: str) -> None:
    deployed = deployed_files(ignored)
    assert "main.py" in deployed
    assert [path for path in deployed if re.match(r"tests/|benchmarks/|\.env", path)] == []


def test_one_python_everywhere_that_the_project_allows() -> None:
    version = (ROOT / "runtime.txt").read_text().strip().removeprefix("python-")
    wanted = re.search(r'requires-python = "(.+)"', (ROOT / "pyproject.toml").read_text())
    assert wanted and version in SpecifierSet(wanted[1])
    images = re.findall(r"^FROM python:([\d.]+)-", DOCKERFILE, re.MULTILINE)
    assert len(images) == 2 and set(images) == {version.rpartition(".")[0]}


def test_pip_takes_every_pinned_package_for_that_python() -> None:
    """What the image and Heroku install with; uv, which made this environment, minds no maximum."""
    python = (ROOT / "runtime.txt").read_text().strip().removeprefix("python-")
    where = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = [Requirement(line.partition("#")[0]) for line in lines]
    here = [p.name for p in pinned if p.marker is None or p.marker.evaluate(where)]
    wanted = {name: metadata(name)["Requires-Python"] or "" for name in here}
    assert {n: w for n, w in wanted.items() if python not in SpecifierSet(w)} == {}


def test_the_dockerfile_copies_what_is_there() -> None:
    sources = re.findall(r"^COPY (?!--from)(\S+) /app/$", DOCKERFILE, re.MULTILINE)
    assert sources == ["requirements.txt", "."]
    assert "requirements.txt" in deployed_files(".dockerignore")


def test_the_container_gets_signals_itself_and_is_not_root() -> None:
    assert re.search(r"^USER [1-9]\d+$", DOCKERFILE, re.MULTILINE)
    command = re.search(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)
    assert command and json.loads(command[1]) == ["gunicorn", "main:create_app()"]


def test_the_container_s_healthcheck_asks_the_app(environ: dict[str, str], server_url: str) -> None:
    found = re.search(r"^  CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)
    assert found
    for port, healthy in ((server_url.rpartition(":")[2], True), ("9", False)):
        done = run(*json.loads(found[1]), env=environ | {"PORT": port})
        assert (done.returncode == 0) == healthy, done.stderr


def test_every_variable_of_a_deployment_is_a_setting() -> None:
    names = set(app_json()["env"])
    for service in compose()["services"].values():
        names |= set(service.get("environment", {}))
    assert {name for name in names - SETTINGS if not OTHERS.fullmatch(name)} == set()


def test_no_secret_is_written_down() -> None:
    secrets = SECRET | {"AWS_SECRET_ACCESS_KEY", "POSTGRES_PASSWORD", "REDISCLI_AUTH"}
    for name, service in compose()["services"].items():
        for variable in secrets & set(service.get("environment", {})):
            assert re.search(r"\$\{\w+:\?", service["environment"][variable]), (name, variable)
    for variable in SECRET & set(app_json()["env"]):
        assert app_json()["env"][variable].get("generator") == "secret", variable


def test_app_json_runs_what_the_procfile_names() -> None:
    manifest = app_json()
    assert set(manifest["formation"]) == {"web"} < set(procfile())  # which learns as well
    plans = [addon["plan"] for addon in manifest["addons"]]
    assert [plan.split(":")[0] for plan in plans] == [
        "heroku-postgresql",
        "heroku-redis",
        "bucketeer",
    ]
    assert all(re.fullmatch(r"[a-z-]+:[a-z0-9-]+", plan) for plan in plans)
    assert manifest["buildpacks"] == [{"url": "heroku/python"}]


def test_a_proxy_that_is_counted_stands_before_the_web_workers() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    mounted = services["proxy"]["volumes"][0].split(":")[0]
    nginx = (ROOT / mounted).read_text()
    assert "set $web web:5000;" in nginx
    assert "proxy_request_buffering off" not in nginx
    assert "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" in nginx
    assert "proxy_set_header Host $http_host;" in nginx  # what a page's Origin is compared with
    assert services["web"]["environment"]["TRUSTED_PROXIES"] == "${TRUSTED_PROXIES:-1}"


def test_compose_builds_the_image_once() -> None:
    services = compose()["services"].values()
    ours = [service for service in services if service["image"] == "inkling"]
    assert len(ours) == 4
    assert [service["build"] for service in services if "build" in service] == ["."]
    assert [service for service in ours if "build" in service]


def test_compose_waits_only_for_what_can_become_healthy() -> None:
    services = compose()["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            check = services[other].get("healthcheck", {})
            if how["condition"] == "service_healthy":
                assert "test" in check, f"{name} waits for {other}"
            else:
                assert services[other]["restart"] == "no", f"{name} waits for {other}"


def test_compose_runs_the_worker_and_the_migrations_of_the_procfile() -> None:
    services = compose()["services"]
    for service, process in (("worker", "worker"), ("migrate", "release")):
        assert " ".join(services[service]["command"]) == procfile()[process]


def unused() -> list[str]:
    """What bin/post_compile removes by name."""
    block = HOOK.read_text().split("unused=(\n")[1].split("\n)")[0]
    return [word for line in block.splitlines() for word in line.split("#")[0].split()]


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux is deployed.")
@pytest.mark.parametrize("name", unused())
def test_what_the_build_removes_is_still_a_part_of_the_packages(name: str) -> None:
    assert (Path(sysconfig.get_path("purelib")) / name).exists()


def stand_in(folder: Path, works: bool) -> tuple[dict[str, str], Path]:
    """An interpreter that only tells where its packages lie and whether the app works."""
    packages = folder / "packages"
    for name in [*unused(), "keras", "botocore/data/s3", "botocore/data/ec2", "numpy/tests"]:
        (packages / name).mkdir(parents=True)
    for name in ("keras/kept.py", "keras/x_test.py", "botocore/data/endpoints.json"):
        (packages / name).touch()
    (packages / "ai_edge_litert").mkdir(exist_ok=True)
    python = folder / "python"
    status = "exit 0" if works else "cat >/dev/null; echo No module named clang; exit 1"
    python.write_text(f'#!/bin/bash\n[ "$1" = -c ] && echo {packages} && exit\n{status}\n')
    python.chmod(0o755)
    return os.environ | {"PYTHON": str(python)}, packages


def test_a_build_loses_what_is_not_used_and_keeps_the_rest(tmp_path: Path) -> None:
    environ, packages = stand_in(tmp_path, works=True)
    for _ in range(2):
        done = run(HOOK, env=environ)
        assert done.returncode == 0, done.stderr
        assert "MB after" in done.stdout
    assert [name for name in unused() if (packages / name).exists()] == []
    left = {str(path.relative_to(packages)) for path in packages.rglob("*")}
    assert {"keras/kept.py", "botocore/data/s3", "botocore/data/endpoints.json"} < left
    assert not {"keras/x_test.py", "botocore/data/ec2", "numpy/tests"} & left


def test_a_build_fails_where_the_app_does_not_work_any_more(tmp_path: Path) -> None:
    environ, _ = stand_in(tmp_path, works=False)
    done = run(HOOK, env=environ)
    assert done.returncode == 1
    assert "No module named clang" in done.stderr


def test_the_packages_of_a_developer_are_left_alone() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    done = run(HOOK, env=environ)
    assert done.returncode == 1
    assert "set PYTHON to the interpreter" in done.stderr


LONG = {f"{test_a_deployed_tree_serves_every_page.__name__}[.dockerignore]"}
