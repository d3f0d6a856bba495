"""The audit of libraries: what is known fails it, what cannot be asked does not."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from inkling.settings import ROOT
from testing.live import free_port

LIBRARY = "a-library-of-inkling-s-tests"  # in no registry, so that only the server below knows it


class Advisories(BaseHTTPRequestHandler):
    """What api.osv.dev answers."""

    vulns: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"vulns": self.vulns}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def advisories() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def audit(folder: Path, url: str, line: str = f"{LIBRARY}==1.0") -> tuple[int, str]:
    (folder / "requirements.txt").write_text(line + "\n")
    done = subprocess.run(
        [sys.executable, "bin/audit", str(folder / "requirements.txt")],
        cwd=ROOT,
        env=os.environ | {"PIP_AUDIT_OSV_URL": url, "XDG_CACHE_HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def vulnerability(*events: dict[str, str]) -> dict[str, Any]:
    package = {"name": LIBRARY, "ecosystem": "PyPI"}
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, *events]}]
    affected = [{"package": package, "ranges": ranges, "versions": ["1.0"]}]
    return {"id": "PYSEC-1", "summary": "Bad.", "details": "Bad.", "affected": affected}


def test_a_known_vulnerability_with_a_fix_fails(
    advisories: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Advisories, "vulns", [vulnerability({"fixed": "1.1"})])
    status, said = audit(tmp_path, advisories)
    assert (status, f"{LIBRARY} 1.0: PYSEC-1, update to 1.1" in said) == (1, True), said


def test_one_without_a_fix_is_told(
    advisories: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Advisories, "vulns", [vulnerability()])
    status, said = audit(tmp_path, advisories)
    assert (status, "PYSEC-1, no fix yet" in said) == (0, True), said


def test_nothing_known_is_told_with_how_many_were_asked_about(
    advisories: str, tmp_path: Path
) -> None:
    status, said = audit(tmp_path, advisories)
    assert (status, "1 of 1 libraries audited (osv); 0 must be updated." in said) == (0, True), said


def test_where_nobody_can_be_asked_it_says_so(tmp_path: Path) -> None:
    status, said = audit(tmp_path, f"http://127.0.0.1:{free_port()}")
    assert (status, "The libraries were NOT audited" in said) == (0, True), said


def test_a_file_that_cannot_be_read_fails(tmp_path: Path) -> None:
    status, said = audit(tmp_path, "http://127.0.0.1:1", "flask==1.0 ; nonsense")
    assert (status, "pip-audit fails" in said) == (1, True), said
