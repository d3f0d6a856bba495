"""A throwaway PostgreSQL cluster from the installed binaries, on a folder and a port of its own."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from testing.live import free_port

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
INITDB = shutil.which("initdb") or next((str(f / "initdb") for f in FOLDERS), None)

# Continuous integration has PostgreSQL: there, a test fails where it is missing.
needs_postgres = pytest.mark.skipif(
    INITDB is None and not os.environ.get("CI"),
    reason="PostgreSQL's initdb is not installed (on Debian: apt-get install postgresql).",
)


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL: a database's URL, and how to restart it."""

    url: str
    data: Path
    control: Callable[..., None]  # pg_ctl, with the words that are given

    def restart(self, mode: str) -> None:
        """Stop it, `fast` (sessions are ended) or `immediate` (as a crash), and start it again."""
        self.control("-m", mode, "restart")

    @property
    def postmaster(self) -> int:
        """The number of its first process, the parent of all others."""
        return int((self.data / "postmaster.pid").read_text().split()[0])


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of a database that lives as long as the block."""
    with restartable_cluster() as found:
        yield found.url


@contextmanager
def restartable_cluster() -> Iterator[Cluster]:
    """A cluster of its own that lives as long as the block."""
    assert INITDB, "PostgreSQL's initdb is not installed."
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are for its user alone
        yield from _serve(Path(INITDB).parent, Path(folder), free_port())


def _serve(tools: Path, data: Path, port: int) -> Iterator[Cluster]:
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(data, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*words: str) -> None:
        done = subprocess.run([*as_user, *words], cwd="/", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    run(str(tools / "initdb"), "-D", str(data), "-U", "inkling", "-A", "trust", "--no-sync")
    options = f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off"
    pg_ctl = [str(tools / "pg_ctl"), "-D", str(data), "-w"]

    def control(*words: str) -> None:
        run(*pg_ctl, "-l", str(data / "log"), "-o", options, *words)

    control("start")
    try:
        yield Cluster(f"postgres://inkling@127.0.0.1:{port}/postgres", data, control)
    finally:
        run(*pg_ctl, "-m", "immediate", "stop")


def new_database(server: str, encoding: str = "UTF8") -> str:
    """The URL of an empty database of its own on a cluster."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        create = SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0")
        connection.execute(create.format(Identifier(name), Literal(encoding)))
    return server.rpartition("/")[0] + f"/{name}"
