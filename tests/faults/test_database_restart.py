"""PostgreSQL restarted while labels come in: nothing is lost, and all goes on by itself."""

from collections.abc import Iterator

import pytest

from testing.deployments import QUICK, Deployment, apart
from testing.live import wait_until
from testing.postgres import Cluster, needs_postgres

pytestmark = [pytest.mark.proof, needs_postgres]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Deployment]:
    with apart(tmp_path_factory.mktemp("restart"), cluster, None, QUICK) as found:
        found.wait_for_trainer()
        yield found


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_postgresql_under_load_loses_nothing(
    deployment: Deployment, cluster: Cluster, mode: str
) -> None:
    answered = len(deployment.visitors.answered)
    processes = [deployment.server.process.pid, deployment.workers[0].process.pid]
    with deployment.labelling(60):
        wait_until(lambda: len(deployment.visitors.answered) > answered + 10)
        cluster.restart(mode)
    deployment.check()
    assert processes == [deployment.server.process.pid, deployment.workers[0].process.pid]


def test_visitors_have_answers_while_postgresql_is_away(
    deployment: Deployment, cluster: Cluster
) -> None:
    version = len(deployment.visitors.answered)
    cluster.control("-m", "fast", "stop")
    try:
        assert deployment.visitors.predict()["version"] == version
        assert not deployment.visitors.label()  # 503 in words, and not stored
    finally:
        cluster.control("start")
    assert deployment.visitors.refused[-1][1]["error"].startswith("The journal does not answer.")
    with deployment.labelling(3):
        pass
    deployment.check()
