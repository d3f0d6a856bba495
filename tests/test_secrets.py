"""No secret of a setting is ever said: not in a log, an answer or a figure, whatever fails."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inkling.settings import ROOT
from testing.live import free_port, wait_until
from testing.postgres import needs_postgres
from tests.web.posting import SEVEN
from tests.web.test_admin import basic

SECRETS = {
    "DATABASE": "geheim-database",
    "REDIS": "geheim-redis",
    "ADMIN": "geheim-admin-password",
    "API": "geheim-api-password",
    "S3_KEY": "geheim-s3-secret-key",
    "BUCKETEER": "geheim-bucketeer-secret",
}


@contextmanager
def serving(folder: Path, **environ: str) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """A real server in which all that can be set is set, and nothing of it can be reached."""
    port, nobody = free_port(), free_port()
    log = folder / "server.log"
    everything = {
        "INSTANCE_FOLDER": str(folder / "instance"),
        "TMP_FOLDER": str(folder / "tmp"),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "RECEIPT_WAIT": "0",
        "RATE_LIMIT": "100/second",
        "REDIS_URL": f"redis://:{SECRETS['REDIS']}@127.0.0.1:{nobody}/0",
        "ADMIN_PASSWORD": SECRETS["ADMIN"],
        "API_LOGIN": "programs",
        "API_PASSWORD": SECRETS["API"],
        "S3_BUCKET": "drawings",
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{nobody}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRETS["S3_KEY"],
        "AWS_DEFAULT_REGION": "eu-central-1",
        "BUCKETEER_AWS_SECRET_ACCESS_KEY": SECRETS["BUCKETEER"],
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "main:create_app()"],
            cwd=ROOT,
            env=os.environ | everything | environ,
            stdout=out,
            stderr=out,
        )
    try:
        yield f"http://127.0.0.1:{port}", process, log
    finally:
        process.terminate()
        process.wait(30)


def ask(url: str, fields: dict[str, object] | None = None, /, **headers: str) -> str:
    """Headers and body of an answer, whatever its status; nothing where nobody answers."""
    body = None if fields is None else json.dumps(fields).encode()
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return f"{answer.headers}{answer.read()!r}"
    except urllib.error.HTTPError as error:
        return f"{error.headers}{error.read()!r}"
    except OSError:
        return ""


def tell_no_secret(*texts: str) -> None:
    for text in texts:
        assert [name for name, secret in SECRETS.items() if secret in text] == []


def test_a_server_whose_every_service_fails_tells_no_secret(tmp_path: Path) -> None:
    with serving(tmp_path) as (url, process, log):
        wait_until(lambda: bool(ask(f"{url}/healthz")) or process.poll() is not None)
        label: dict[str, object] = {"imageBase64": SEVEN, "digit": 7}
        said = [ask(f"{url}{path}", label) for path in ("/predict", "/train", "/collect", "/x")]
        said += [ask(f"{url}{path}") for path in ("/readyz", "/metrics", "/", "/models")]
        for password in (SECRETS["ADMIN"], "a wrong password"):
            for path in ("/admin/export", "/admin/backup"):
                said.append(ask(f"{url}{path}", None, **basic(password)))
        for password in (SECRETS["API"], "another wrong one"):
            for path in ("/list_nn", "/lenet/about", "/lenet/train"):
                said.append(ask(f"{url}{path}", None, **basic(password, "programs")))
        assert all(said), "It answered nothing."
        assert "Redis is unreachable" in log.read_text()
        tell_no_secret(*said)
    tell_no_secret(log.read_text())


def test_a_server_without_its_database_tells_no_secret(tmp_path: Path) -> None:
    address = f"postgres://inkling:{SECRETS['DATABASE']}@127.0.0.1:{free_port()}/inkling"
    with serving(tmp_path, DATABASE_URL=address) as (url, process, log):
        wait_until(lambda: "refused" in log.read_text() or process.poll() is not None)
        said = ask(f"{url}/readyz")
    assert log.stat().st_size > 0
    tell_no_secret(said, log.read_text())


@needs_postgres
def test_a_database_that_lets_nobody_in_is_told_no_secret(
    tmp_path: Path, postgres_server: str
) -> None:
    refused = postgres_server.replace("inkling@", f"stranger:{SECRETS['DATABASE']}@")
    with serving(tmp_path, DATABASE_URL=refused) as (url, process, log):
        wait_until(lambda: "stranger" in log.read_text() or process.poll() is not None)
        said = ask(f"{url}/readyz")
    assert "stranger" in log.read_text()
    tell_no_secret(said, log.read_text())


@pytest.mark.parametrize(
    "environ",
    [
        {"ADMIN_PASSWORD": "geheim"},
        {"RATE_LIMIT": "1/hour", "REDIS_URL": "http://:geheim@h"},
        {"DATABASE_URL": "geheim://geheim@h"},
    ],
)
def test_a_setting_that_cannot_be_used_is_told_without_its_value(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with serving(tmp_path, **environ) as (_, process, log):
        wait_until(lambda: process.poll() is not None)
    assert process.returncode != 0
    assert log.stat().st_size > 0
    assert "geheim@" not in log.read_text()
    assert "'geheim'" not in log.read_text()
