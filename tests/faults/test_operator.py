"""What the operator is told of a trainer that was killed, and who ends it after a reload."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from testing.deployments import QUICK, Deployment, apart, embedded
from testing.live import wait_until
from testing.postgres import Cluster, needs_postgres
from testing.visitors import ask

pytestmark = pytest.mark.proof

READY = "The trainer is ready"
KINDS = (
    ("SQLite", "embedded"),
    ("SQLite", "separate"),
    pytest.param(("PostgreSQL", "embedded"), marks=needs_postgres),
    pytest.param(("PostgreSQL", "separate"), marks=needs_postgres),
)


@pytest.fixture(params=KINDS, ids=lambda kind: ", ".join(kind))
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """A server whose trainer is its child, or a worker beside it."""
    database, trainer = request.param
    environ, workers = QUICK | {"TRAINER": trainer}, int(trainer == "separate")
    if database == "SQLite":
        with embedded(tmp_path, environ, workers) as found:
            yield found
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        with apart(tmp_path, cluster, None, environ, workers) as found:
            yield found


def told(deployment: Deployment) -> str:
    """What /readyz says of the trainer."""
    return str(ask(f"{deployment.server.url}/readyz")[1]["trainer"])


def test_a_trainer_that_was_killed_runs_no_more_until_another_one_is_ready(
    deployment: Deployment,
) -> None:
    deployment.wait_for_trainer()
    wait_until(lambda: told(deployment) == "running")
    deployment.kill("trainer")
    wait_until(lambda: told(deployment) == "not running")
    assert deployment.log().count(READY) == 1
    for worker in deployment.workers:
        worker.start()
    while (said := told(deployment)) == "not running":
        pass
    assert said == "running"
    assert deployment.log().count(READY) == 2  # and not before


def test_a_server_that_was_reloaded_still_ends_its_trainer(tmp_path: Path) -> None:
    with embedded(tmp_path, QUICK | {"WEB_CONCURRENCY": "2"}) as deployment:
        deployment.wait_for_trainer()
        server = deployment.server
        (trainer,) = server.trainers()
        before = {worker.pid for worker in server.workers()}
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len({w.pid for w in server.workers()} - before) == 2)
        wait_until(lambda: not before & {w.pid for w in server.workers()})
        assert server.trainers() == [trainer]  # a reload leaves it alone
        deployment.visitors.label_until_answered()
        server.process.terminate()
        assert server.process.wait(60) == 0
        assert not psutil.pid_exists(trainer.pid)  # it ended before the server did
        assert "The trainer stops at version" in deployment.log()
        assert server.log().count("Shutting down: Master") == 1


LONG = {
    f"{test_a_trainer_that_was_killed_runs_no_more_until_another_one_is_ready.__name__}[{case}]"
    for case in ("PostgreSQL, embedded", "SQLite, separate")
}
