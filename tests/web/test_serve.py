"""`python main.py`, with real processes: where it listens, one trainer, and that all of it ends."""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from inkling.settings import ROOT
from testing.live import wait_until
from testing.started import NETWORK, Started, needs_ipv6, needs_network
from tests.web.posting import SEVEN

ALONE = {"TRAINER": "separate", "WEB_CONCURRENCY": "1", "RECEIPT_WAIT": "0"}


def ask(server: Started, path: str, fields: dict[str, Any] | None = None) -> Any:
    body = None if fields is None else json.dumps(fields).encode()
    asked = urllib.request.Request(
        f"{server.url}{path}", body, {"Content-Type": "application/json"}
    )
    context = ssl.create_default_context(cafile=str(server.pem)) if server.pem.exists() else None
    with urllib.request.urlopen(asked, timeout=60, context=context) as answer:
        return json.load(answer)


def has_trainer(server: Started) -> bool:
    return bool(ask(server, "/readyz")["trainer"] == "running")


@pytest.mark.parametrize(
    ("words", "environ", "wanted"),
    [
        (["127.0.0.1:0"], {"PORT": "1"}, "http://127.0.0.1:"),
        pytest.param(["-s", "localaddr:0"], {}, f"https://{NETWORK}:", marks=needs_network),
        ([], {"PORT": "0", "HOST": "127.0.0.2"}, "http://127.0.0.2:"),
        pytest.param(["-s", "[::1]:0"], {}, "https://[::1]:", marks=needs_ipv6),
        pytest.param(["-ds", "[::1]:0"], {}, "https://[::1]:", marks=needs_ipv6),
        pytest.param(["-d", "localaddr:0"], {}, f"http://{NETWORK}:", marks=needs_network),
        (["-ds"], {"PORT": "0", "HOST": "127.0.0.2"}, "https://127.0.0.2:"),
    ],
)
def test_it_listens_where_it_is_told_and_says_so(
    tmp_path: Path, words: list[str], environ: dict[str, str], wanted: str
) -> None:
    """From a folder with another main.py, which it must not take for its own."""
    (tmp_path / "main.py").write_text("raise SystemExit('the wrong one')")
    server = Started(tmp_path, words, ALONE | environ, cwd=tmp_path)
    try:
        assert server.url.startswith(wanted)
        assert ask(server, "/predict", {"imageBase64": SEVEN})["answer"] == "7"
        assert server.trainers() == []
        server.interrupt()
        server.process.wait(30)
        wait_until(lambda: server.all() == [])
        assert "Traceback" not in server.log()
    finally:
        server.stop()


@pytest.mark.parametrize("words", [["-d"], []], ids=["development", "gunicorn"])
def test_an_address_in_use_is_told_in_one_line(tmp_path: Path, words: list[str]) -> None:
    server = Started(tmp_path, ["127.0.0.1:0"], ALONE)
    try:
        done = subprocess.run(
            [sys.executable, "main.py", *words, f"127.0.0.1:{server.port}"],
            cwd=ROOT,
            env=os.environ | {"INSTANCE_FOLDER": str(tmp_path / "other")},
            capture_output=True,
            text=True,
        )
    finally:
        server.stop()
    assert done.returncode == 1
    (told,) = [line for line in done.stderr.splitlines() if "INFO" not in line]
    assert told == (
        f"Error: PORT is {server.port}, where another program listens. "
        "Stop that one, or set PORT to another."
    )


def test_the_debugger_is_there_for_this_machine_alone(tmp_path: Path) -> None:
    for host, there in (("127.0.0.1", True), ("0.0.0.0", False)):  # noqa: S104
        server = Started(tmp_path, ["-d", f"{host}:0"], ALONE)
        try:
            url = f"http://127.0.0.1:{server.port}/?__debugger__=yes&cmd=resource&f=debugger.js"
            with urllib.request.urlopen(url, timeout=60) as answer:
                assert ("javascript" in answer.headers["Content-Type"]) is there
            assert ("Debugger PIN" in server.log()) is there
        finally:
            server.stop()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what serves, to change a file in."""
    for name in ("inkling", "templates", "static", "models"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.glob("*.py"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_development_keeps_one_trainer_through_changes_and_ends_with_all(project: Path) -> None:
    server = Started(project, ["-d", "127.0.0.1:0"], {}, main=project / "main.py")
    try:
        wait_until(lambda: has_trainer(server))
        (before,) = server.trainers()
        label = ask(server, "/train", {"imageBase64": SEVEN, "digit": 7})
        assert label["state"] in ("trained", "queued")
        with (project / "inkling" / "overview.py").open("a") as code:
            code.write("\n")
        wait_until(lambda: before not in server.trainers() and len(server.trainers()) == 1)
        wait_until(lambda: answers(server) and has_trainer(server))
        assert len(server.trainers()) == 1
        server.interrupt()
        server.process.wait(30)
        wait_until(lambda: server.all() == [], 30)
        assert "Traceback" not in server.log()
    finally:
        server.stop()


def answers(server: Started) -> bool:
    try:
        return bool(ask(server, "/healthz"))
    except (urllib.error.URLError, ConnectionError):
        return False


def test_development_ends_where_only_its_first_process_is_told(tmp_path: Path) -> None:
    server = Started(tmp_path, ["-d", "127.0.0.1:0"], {})
    try:
        wait_until(lambda: len(server.trainers()) == 1)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
        wait_until(lambda: server.all() == [], 60)
    finally:
        server.stop()


LONG = {"test_an_address_in_use_is_told_in_one_line[development]"}
