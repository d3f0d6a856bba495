"""Several trainers on one journal: one learns, the others wait, and take over when it is gone."""

from collections.abc import Iterator

import psutil
import psycopg
import pytest

from testing.deployments import QUICK, Deployment, apart, embedded
from testing.live import Worker, wait_until
from testing.postgres import Cluster, needs_postgres

pytestmark = pytest.mark.proof

READY = "The trainer is ready"


KINDS = ("one machine", pytest.param("postgres", marks=needs_postgres))


@pytest.fixture(scope="module", params=KINDS)
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Two dedicated trainers beside the server's own, on file locks or on advisory ones."""
    folder = tmp_path_factory.mktemp("trainers")
    if request.param == "one machine":
        with embedded(folder, QUICK, workers=2) as found:
            yield found
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        with apart(folder, cluster, None, QUICK | {"TRAINER": "embedded"}, workers=2) as found:
            yield found


def active(deployment: Deployment) -> Worker:
    """The worker that learns; waits until there is exactly one, and the others are warm."""
    wait_until(lambda: len(learning(deployment)) == 1)
    wait_until(lambda: all(is_warm(worker) for worker in deployment.workers))
    assert len(learning(deployment)) == 1
    return learning(deployment)[0]


def learning(deployment: Deployment) -> list[Worker]:
    return [w for w in deployment.workers if w.log().count(READY) > w.log().count("trainer stops")]


def is_warm(worker: Worker) -> bool:
    """Whether it has both nets in memory: LiteRT is there, and it answers signals itself."""
    process = psutil.Process(worker.process.pid)
    return any("/ai_edge_litert/" in m.path for m in process.memory_maps())


def test_a_trainer_that_was_frozen_goes_on_and_does_no_harm(deployment: Deployment) -> None:
    first = active(deployment)
    process = psutil.Process(first.process.pid)
    answered = deployment.visitors.answered
    before = len(answered)  # by other tests, which may run in any order
    with deployment.labelling(6):
        process.suspend()
        wait_until(lambda: len(answered) == before + 6)  # stored, not learned
        process.resume()
    deployment.check()
    assert learning(deployment) == [first]


@needs_postgres
@pytest.mark.parametrize("deployment", ["postgres"], indirect=True)
@pytest.mark.parametrize("labels", [1, 30])
def test_a_trainer_that_lost_its_lock_steps_back(deployment: Deployment, labels: int) -> None:
    first = active(deployment)
    (second,) = [w for w in deployment.workers if w is not first]
    before = first.log().count(READY), second.log().count(READY)
    with deployment.labelling(labels):
        end_lock_holders(deployment.environ["DATABASE_URL"])
        wait_until(lambda: (first.log().count(READY), second.log().count(READY)) != before)
    deployment.check()
    wait_until(lambda: len(learning(deployment)) == 1)
    assert first.process.poll() is None


def test_one_of_several_trainers_learns_and_a_standby_takes_over(deployment: Deployment) -> None:
    first = active(deployment)
    with deployment.labelling(6):
        pass
    (second,) = [w for w in deployment.workers if w is not first]
    assert learning(deployment) == [first]
    with deployment.labelling(6):
        first.process.kill()
        first.process.wait()
        deployment.workers.remove(first)  # it does not come back
        wait_until(lambda: learning(deployment) == [second])
    deployment.check()

    with deployment.labelling(6):  # the last worker dies: the server's own trainer learns
        second.process.kill()
        second.process.wait()
        deployment.workers.remove(second)
        ready = deployment.server.log().count(READY)
        wait_until(lambda: deployment.server.log().count(READY) > ready)
    deployment.check()

    deployment.workers.append(deployment.add_worker(3))  # and steps aside when a worker comes
    wait_until(lambda: READY in deployment.workers[0].log())
    stopped = deployment.server.log().count("The trainer stops")
    assert stopped >= 1
    with deployment.labelling(6):
        pass
    deployment.check()
    deployment.workers.append(deployment.add_worker(4))  # two again, as the other tests expect


LONG = {
    f"{test.__name__}[one machine]"
    for test in (
        test_a_trainer_that_was_frozen_goes_on_and_does_no_harm,
        test_one_of_several_trainers_learns_and_a_standby_takes_over,
    )
} | {"test_a_trainer_that_lost_its_lock_steps_back[30-postgres]"}


def end_lock_holders(url: str) -> None:
    """End the sessions that hold an advisory lock in this database."""
    query = """
        SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute(query).fetchall()
