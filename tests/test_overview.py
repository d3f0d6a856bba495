"""What is said at the start: where everything lies, in one block, and never a secret."""

import subprocess
import sys
from pathlib import Path

import pytest

from inkling.overview import overview, warnings
from inkling.settings import ROOT, load_settings
from testing.live import Server, environment, wait_until

SECRET = "geheim"
SERVICES = {
    "DATABASE_URL": f"postgres://inkling:{SECRET}@db.example:5433/site?password={SECRET}",
    "S3_BUCKET": "drawings",
    "S3_ENDPOINT_URL": "https://s3.example.org:9000",
    "S3_PREFIX": "/inkling/",
    "TRAINER": "separate",
}


def test_a_server_says_where_everything_lies(server: Server) -> None:
    folder = server.folder
    told = (
        "Inkling\n"
        f"  address   http://127.0.0.1:{server.port}\n"
        f"  database  SQLite, {folder}/instance/journal.sqlite\n"
        f"  objects   the folder {folder}/instance/objects\n"
        "  rule      memory2\n"
        "  trainer   embedded: a child of this server, which learns while no worker does\n"
    )
    assert server.log().count(told) == 1


def test_services_are_named_without_their_secrets() -> None:
    environ = SERVICES | {"LEARNING_RULE": "sgd", "SCREEN": "no"}
    assert overview(load_settings(environ), "http://0.0.0.0:5000") == (
        "Inkling\n"
        "  address   http://0.0.0.0:5000\n"
        "  database  PostgreSQL, db.example:5433/site\n"
        "  objects   the bucket drawings at https://s3.example.org:9000, below inkling/\n"
        "  rule      sgd; whatever is labelled is learned\n"
        "  trainer   separate: labels wait until a worker runs, `inkling trainer`\n"
        "Open http://127.0.0.1:5000"
    )


@pytest.mark.parametrize(
    ("address", "opened"),
    [
        ("http://127.0.0.1:5001", "http://127.0.0.1:5001"),
        ("https://0.0.0.0:443", "https://127.0.0.1:443"),
        ("http://[::]:5000", "http://[::1]:5000"),
    ],
)
def test_what_to_open_is_the_last_line(address: str, opened: str) -> None:
    assert overview(load_settings({}), address).splitlines()[-1] == f"Open {opened}"


def test_a_worker_says_it_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "-m", "inkling", "trainer"],
            cwd=ROOT,
            env=environment(tmp_path) | {"AWS_ACCESS_KEY_ID": "key"},
            stderr=out,
        )
    try:
        wait_until(lambda: "Set S3_BUCKET." in log.read_text())
        assert "  address   none: this is a worker\n" in log.read_text()
        assert "  trainer   this process\n" in log.read_text()
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, []),
        ({"AWS_ACCESS_KEY_ID": SECRET}, ["AWS_ACCESS_KEY_ID is set, S3_BUCKET is not"]),
        (
            {"AWS_ACCESS_KEY_ID": SECRET, "AWS_SECRET_ACCESS_KEY": SECRET},
            ["AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set, S3_BUCKET is not"],
        ),
        ({"AWS_ACCESS_KEY_ID": SECRET, "S3_BUCKET": "drawings"}, []),
        ({"AWS_ACCESS_KEY_ID": SECRET, "BUCKETEER_BUCKET_NAME": "drawings"}, []),
        ({"DYNO": "web.1"}, ["Every label lies on", "Every object lies on"]),
        ({"DYNO": "web.1", **SERVICES}, []),
        ({"DYNO": "web.1", "S3_BUCKET": "drawings"}, ["Every label lies on"]),
        ({"DYNO": "web.1", "DATABASE_URL": "postgres://h/x"}, ["Every object lies on"]),
    ],
)
def test_what_is_probably_not_meant_is_warned_of(environ: dict[str, str], told: list[str]) -> None:
    found = [*warnings(load_settings(environ), environ)]
    assert len(found) == len(told)
    for warning, start in zip(found, told, strict=True):
        assert warning.startswith(start)
        assert SECRET not in warning


def test_a_server_on_a_dyno_without_a_database_warns(tmp_path: Path) -> None:
    server = Server(tmp_path, DYNO="web.1", WEB_CONCURRENCY="1", TRAINER="separate")
    try:
        assert "Add heroku-postgresql" in server.log()
    finally:
        server.stop()
