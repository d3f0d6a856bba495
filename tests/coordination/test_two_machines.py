"""Web machines that share nothing but PostgreSQL: each serves what was learned through another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.faulty_s3 import FaultyS3, faulty_s3
from testing.live import Server, Worker, wait_until
from testing.postgres import needs_postgres, new_database
from testing.visitors import Visitors

pytestmark = [pytest.mark.proof, needs_postgres]


@pytest.fixture
def s3() -> Iterator[FaultyS3]:
    with faulty_s3() as s3:
        yield s3


@pytest.fixture
def machines(tmp_path: Path, postgres_server: str, s3: FaultyS3) -> Iterator[list[Server]]:
    """Two web machines and a worker, each with a disk of its own; the store answers nobody."""
    environ = {"DATABASE_URL": new_database(postgres_server), "TRAINER": "separate", **s3.environ}
    s3.mode = "hang"
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    servers = [Server(folder, WEB_CONCURRENCY="1", **environ) for folder in folders[:2]]
    worker = Worker(folders[2], **environ)
    wait_until(lambda: "The trainer is ready" in worker.log())
    yield servers
    worker.stop()
    for server in servers:
        server.stop()


def test_every_web_machine_serves_a_new_version_without_asking_the_store(
    machines: list[Server], s3: FaultyS3
) -> None:
    visitors = [Visitors(machine.url) for machine in machines]
    for version in (1, 2, 3, 4):
        assert visitors[version % 2].label()
        for visitor in visitors:
            wait_until(lambda: visitor.predict()["version"] == version)  # noqa: B023
    assert s3.requests["GET"] == s3.requests["HEAD"] == 0
