"""The examples on the API page, run as they stand there against a live server."""

import ast
import html
import json
import re
import shutil
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inkling.journal.writer import open_journal
from inkling.settings import ROOT, load_settings
from inkling.web.openapi.document import AREAS
from inkling.web.openapi.drawing import DRAWING
from testing.client import Client
from testing.live import Server
from testing.rest_examples import put_back
from tests.web.posting import SEVEN

PASSWORD = str(uuid.uuid4())
EXAMPLE = re.compile('aria-label="(curl|Python) for ([^"]+)"><code>(.*?)</code>', re.DOTALL)
ENDPOINTS = [name for area in AREAS for name in area.operations]
BETWEEN = "----- the next -----\n"
RUN_EACH = f"""
import runpy, sys
for path in sys.argv[1:]:
    print({BETWEEN!r}, end="")
    runpy.run_path(path)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environ = {"TRAINER": "separate", "WEB_CONCURRENCY": "1", "RECEIPT_WAIT": "0"}
    environ |= {"API_LOGIN": "somebody", "API_PASSWORD": PASSWORD, "ADMIN_PASSWORD": PASSWORD}
    server = Server(tmp_path_factory.mktemp("api"), **environ)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def examples(server: Server) -> dict[str, dict[str, str]]:
    """By kind and endpoint, from the page; a drawing has the id that they ask for."""
    Client(server.port).post("/collect", {"imageBase64": SEVEN, "digit": 7, "key": DRAWING})
    with urllib.request.urlopen(f"{server.url}/api") as answer:
        page = answer.read().decode()
    found: dict[str, dict[str, str]] = {"curl": {}, "Python": {}}
    for kind, name, text in EXAMPLE.findall(page):
        found[kind][name] = html.unescape(text)
    return found


@pytest.fixture
def folder(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where somebody tries them: with a picture, and the passwords in the environment.

    All is there that they ask about.
    """
    journal = open_journal(load_settings({"INSTANCE_FOLDER": str(server.folder / "instance")}))
    put_back(journal)
    journal.close()
    shutil.copy(ROOT / "static" / "digit.png", tmp_path)
    for name in ("ADMIN_PASSWORD", "API_PASSWORD"):
        monkeypatch.setenv(name, PASSWORD)
    monkeypatch.setenv("API_LOGIN", "somebody")
    return tmp_path


def check(said: dict[str, str], folder: Path, parsed: Callable[[str], Any]) -> None:
    """Each endpoint answered as it should: of a page its text, of a download its file."""
    assert parsed(said["POST /predict"])["answer"] == "7"
    assert parsed(said["POST /train"])["state"] == "queued"
    assert parsed(said["POST /collect"])["state"] == "collected"
    assert parsed(said["GET /drawings/{id}"])["drawing"] == DRAWING
    assert parsed(said["POST /{net}/classify"])["number"] == "7"
    assert "LeNet" in parsed(said["POST /{net}/train"])["text"]
    assert "BN-CNN" in parsed(said["GET /{net}/train"])["text"]
    assert parsed(said["GET /readyz"])["status"] == "ready"
    assert parsed(said["GET /openapi.json"])["paths"].keys() >= {"/predict", "/admin/backup"}
    assert said["GET /"].lstrip().startswith("<!doctype html>")
    assert "<svg" in said["GET /models/plots/{name}.svg"]
    assert (folder / "inkling-backup.zip").read_bytes().startswith(b"PK")
    assert (folder / "inkling-drawings.ndjson.gz").read_bytes().startswith(b"\x1f\x8b")


def test_each_endpoint_has_one_of_each(examples: dict[str, dict[str, str]]) -> None:
    assert examples["curl"].keys() == examples["Python"].keys()
    assert len(examples["curl"]) == len(ENDPOINTS)


def test_those_in_python_work(examples: dict[str, dict[str, str]], folder: Path) -> None:
    programs = [f"{n}.py" for n in range(len(examples["Python"]))]
    for program, text in zip(programs, examples["Python"].values(), strict=True):
        (folder / program).write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", RUN_EACH, *programs], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    said = done.stdout.split(BETWEEN)[1:]
    check(dict(zip(examples["Python"], said, strict=True)), folder, ast.literal_eval)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_those_for_curl_work(examples: dict[str, dict[str, str]], folder: Path) -> None:
    said = {}
    for name, text in examples["curl"].items():
        failing = text.replace("curl ", "curl --silent --show-error --fail ", 1)
        done = subprocess.run(["sh", "-c", failing], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, failing + done.stderr
        said[name] = done.stdout
    check(said, folder, json.loads)
