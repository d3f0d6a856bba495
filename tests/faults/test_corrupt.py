"""A journal that is damaged: said in plain words, and nothing is overwritten or swept away."""

import hashlib
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from inkling.settings import ROOT
from testing.deployments import embedded
from testing.live import Server, Worker, environment, free_port, wait_until
from testing.visitors import Visitors, ask

pytestmark = pytest.mark.proof

MALFORMED = "The journal does not answer: DatabaseError: database disk image is malformed."


def garbage_header(content: bytes) -> bytes:
    return b"This is not a database at all.".ljust(100) + content[100:]


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2 + 100]


def random_middle(content: bytes) -> bytes:
    """Its first page, which says what tables there are, and noise."""
    return content[:200] + random.Random(1).randbytes(len(content) - 200)


def shorter_than_a_header(content: bytes) -> bytes:
    return content[:50]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an Inkling that learned some labels and was stopped."""
    folder = tmp_path_factory.mktemp("corrupt")
    with embedded(folder) as deployment:
        deployment.wait_for_trainer()
        with deployment.labelling(6):
            pass
        deployment.check()
    return folder


def fingerprints(folder: Path) -> dict[str, str]:
    """Of every file that holds something, by its name; SQLite's index of its log is made anew."""
    every = (p for p in (folder / "instance").rglob("*") if p.is_file() and p.stat().st_size)
    files = [p for p in every if not p.name.endswith("-shm")]
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


DAMAGES = [garbage_header, truncated, random_middle, shorter_than_a_header]


def test_a_damaged_journal_is_named_and_nothing_is_overwritten(instance: Path) -> None:
    """The trainer tries again and again; the server ends at once, and says why."""
    journal = instance / "instance" / "journal.sqlite"
    whole, trainer = journal.read_bytes(), None
    complaint = f"{journal} is no usable database"
    try:
        for damage in DAMAGES:
            journal.write_bytes(damage(whole))
            before = fingerprints(instance)
            trainer = trainer or Worker(instance, "damaged")
            complaints = trainer.log().count(complaint)
            server = start_server(instance)
            wait_until(lambda: trainer.log().count(complaint) > complaints + 1)  # noqa: B023
            assert server.returncode != 0
            assert complaint in server.stderr
            assert "inkling restore" in server.stderr
            assert fingerprints(instance) == before
    finally:
        if trainer:
            trainer.stop()
        journal.write_bytes(whole)


def first_byte_of(journal: Path, table: str) -> int:
    """Where the rows of a table begin in SQLite's file."""
    with closing(sqlite3.connect(f"file:{journal}?immutable=1", uri=True)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = connection.execute(query, [table]).fetchone()
    return int(page - 1) * 4096


def test_damage_further_inside_stops_learning_and_sweeping_and_is_told(instance: Path) -> None:
    """SQLite itself tells it only when somebody reads there; `inkling verify` looks everywhere."""
    journal = instance / "instance" / "journal.sqlite"
    whole = journal.read_bytes()
    start = first_byte_of(journal, "versions")  # which servers and trainers read
    noise = random.Random(1).randbytes(4096)
    journal.write_bytes(whole[:start] + noise + whole[start + len(noise) :])
    before = fingerprints(instance)
    environ = {"TRAINER": "separate", "WEB_CONCURRENCY": "1"}
    server = Server(instance, awaited="/healthz", **environ)
    trainer = Worker(instance, "further-inside")
    try:
        wait_until(
            lambda: trainer.log().count(f"Learning waits; trying again in 1.0 s. {MALFORMED}") > 1
        )
        assert MALFORMED in server.log()
        assert ask(f"{server.url}/readyz")[0] == 503
        assert Visitors(server.url).predict()["version"] == 0
    finally:
        trainer.stop()
        server.stop()
    assert fingerprints(instance) == before
    journal.write_bytes(whole)


def start_server(folder: Path) -> "subprocess.CompletedProcess[str]":
    """gunicorn, until it gives up."""
    environ = {"PORT": str(free_port()), "TRAINER": "separate"}
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "main:create_app()"],
        cwd=ROOT,
        env=environment(folder) | environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_empty_journal_beside_a_full_store_does_not_sweep_it(instance: Path) -> None:
    """As after a restore that forgot the journal: it begins anew, the weights stay where they are.

    New drawings and weights get names of their own.
    """
    journal = instance / "instance" / "journal.sqlite"
    whole = journal.read_bytes()
    objects = {n: f for n, f in fingerprints(instance).items() if "objects" in n}
    journal.write_bytes(b"")
    try:
        with embedded(instance) as deployment:
            wait_until(lambda: "Nothing is deleted." in deployment.log())
            with deployment.labelling(3):
                pass
            deployment.check()
            assert objects.items() <= fingerprints(instance).items()
    finally:
        journal.write_bytes(whole)
