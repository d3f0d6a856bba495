"""A throwaway PostgreSQL cluster from the installed binaries, on a folder and a port of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live import free_port

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
INITDB = shutil.which("initdb") or next((str(f / "initdb") for f in FOLDERS), None)

# Continuous integration has PostgreSQL: there, a test fails where it is missing.
needs_postgres = pytest.mark.skipif(
    INITDB is None and not os.environ.get("CI"),
    reason="PostgreSQL's initdb is not installed (on Debian: apt-get install postgresql).",
)


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of a database that lives as long as the block."""
    assert INITDB, "PostgreSQL's initdb is not installed."
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are for its user alone
        yield from _serve(Path(INITDB).parent, Path(folder), free_port())


def _serve(tools: Path, data: Path, port: int) -> Iterator[str]:
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(data, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*words: str) -> None:
        done = subprocess.run([*as_user, *words], cwd="/", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    run(str(tools / "initdb"), "-D", str(data), "-U", "inkling", "-A", "trust", "--no-sync")
    options = f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [str(tools / "pg_ctl"), "-D", str(data), "-w"]
    run(*control, "-l", str(data / "log"), "-o", options, "start")
    try:
        yield f"postgres://inkling@127.0.0.1:{port}/postgres"
    finally:
        run(*control, "-m", "immediate", "stop")
