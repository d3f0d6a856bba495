"""SIGTERM under load: what is in flight is finished, the process ends, and nothing is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from testing.deployments import Deployment, apart
from testing.live import wait_until
from testing.postgres import Cluster, needs_postgres
from tests.faults.test_kills import every_fault, reached, switch

pytestmark = [pytest.mark.proof, needs_postgres]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("stopping")
    environ = {"FAULT": every_fault(folder), "RECEIPT_WAIT": "0.3"}
    with apart(folder, cluster, None, environ) as found:
        found.wait_for_trainer()
        yield found


@pytest.mark.parametrize(
    "place", [pytest.param("label inserted", marks=pytest.mark.long), "label committed"]
)
def test_a_web_server_that_is_stopped_answers_who_has_asked(
    deployment: Deployment, place: str
) -> None:
    file = paused_at(deployment, place)
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(deployment.visitors.label)  # once, and never again
        wait_until(lambda: reached(file) != 0)
        deployment.server.process.terminate()
        wait_until(lambda: "Handling signal: term" in deployment.server.log())
        file.unlink()
        assert asked.result()
    assert deployment.server.process.wait(30) == 0
    deployment.check()


def paused_at(deployment: Deployment, place: str) -> Path:
    """The file that must go for whoever comes to this place to go on."""
    file = switch(deployment.folder, place, "wait")
    file.with_name(f"{file.name}.reached").unlink(missing_ok=True)
    file.touch()
    return file


@pytest.mark.parametrize(
    "place",
    [  # the last is within a transaction; each costs the start of a trainer
        pytest.param("steps taken", marks=pytest.mark.long),
        pytest.param("weights stored", marks=pytest.mark.long),
        "version inserted",
    ],
)
def test_a_trainer_that_is_stopped_finishes_the_step_in_flight(
    deployment: Deployment, place: str
) -> None:
    file, worker = paused_at(deployment, place), deployment.workers[0]
    before = deployment.journal.current_version()
    with deployment.labelling(10):
        wait_until(lambda: reached(file) != 0)
        worker.process.terminate()
        file.unlink()
        assert worker.process.wait(30) == 0
        assert deployment.journal.current_version() > before
        stopped = f"The trainer stops at version {deployment.journal.current_version()}."
        assert stopped in worker.log()
    deployment.check()


def test_both_are_stopped_under_load_and_nothing_is_lost(deployment: Deployment) -> None:
    answered = len(deployment.visitors.answered)
    processes = [deployment.server.process, deployment.workers[0].process]
    children = psutil.Process(processes[0].pid).children(recursive=True)
    with deployment.labelling(40, clients=8):
        wait_until(lambda: len(deployment.visitors.answered) > answered + 10)
        for process in processes:
            process.terminate()
        assert [process.wait(30) for process in processes] == [0, 0]
        assert not any(child.is_running() for child in children)
    deployment.check()
