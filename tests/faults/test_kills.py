"""SIGKILL at every point of a label's way, and to every process while another one is there.

A trainer that was killed takes seconds of processor time to come back, so `make test` has every
place in one kind of deployment at least, and what a kind's own database must undo in both;
`make test-long` has the rest of every place in both kinds.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inkling.failpoints import PLACES
from inkling.records import QUEUED
from testing.deployments import QUICK, Deployment, apart, embedded, everything
from testing.live import wait_until
from testing.postgres import Cluster, needs_postgres

pytestmark = pytest.mark.proof

IN_WEB = PLACES[:2]
KINDS = ("embedded", pytest.param("apart", marks=needs_postgres))


@pytest.fixture(scope="module", params=KINDS)
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Processes that a file can kill or pause at any place."""
    folder = tmp_path_factory.mktemp("kills")
    environ = QUICK | {"FAULT": every_fault(folder)}
    if request.param == "embedded":
        with embedded(folder, environ) as found:
            yield found
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        with apart(folder, cluster, request.getfixturevalue("s3"), environ) as found:
            yield found


def every_fault(folder: Path) -> str:
    return ",".join(
        f"{place}:{action}:{switch(folder, place, action)}"
        for place in PLACES
        for action in ("kill", "wait")
    )


def switch(folder: Path, place: str, action: str) -> Path:
    """The file whose presence makes it happen."""
    return folder / f"{place}.{action}".replace(" ", "-")


def reached(file: Path) -> int:
    """The number of the process that reached the place; 0 while none did."""
    found = file.with_name(f"{file.name}.reached")
    return int(found.read_text() or 0) if found.exists() else 0


@pytest.mark.parametrize("place", PLACES)
def test_a_kill_anywhere_loses_no_label_and_repeats_none(
    deployment: Deployment, place: str
) -> None:
    file = switch(deployment.folder, place, "kill")
    file.touch()
    with deployment.labelling(6):
        wait_until(lambda: not file.exists())
    deployment.check()
    assert reached(file)


@pytest.mark.parametrize("place", PLACES)
def test_a_kill_of_every_other_process_meanwhile_is_no_harm(
    deployment: Deployment, place: str
) -> None:
    """One process stands still at a place, all others are killed in turn, and it goes on.

    PostgreSQL, of which a process is killed, ends every session and recovers, as after a crash.
    """
    file = switch(deployment.folder, place, "wait")
    file.with_name(f"{file.name}.reached").unlink(missing_ok=True)
    file.touch()
    others = ["web worker", "web server"]  # the server last: then nobody starts the others again
    if place in IN_WEB:
        others.insert(0, "trainer")
    if deployment.cluster:
        others.insert(0, "database")
    try:
        with deployment.labelling(4):
            wait_until(lambda: reached(file) != 0)
            for other in others:
                deployment.kill(other, but=reached(file))
            file.unlink()
        deployment.check()
    finally:
        file.unlink(missing_ok=True)


def test_a_power_cut_under_load_loses_nothing(deployment: Deployment) -> None:
    with deployment.labelling(20):
        wait_until(lambda: bool(deployment.journal.counts()[QUEUED]))
        for worker in deployment.workers:
            worker.process.kill()
        everything(deployment)
    deployment.check()


# Cases for `make test`: in the web, in the trainer and in the uploader, on SQLite and PostgreSQL,
# of those that are killed themselves and of those that stand still meanwhile. The others are long.
KILLED = {
    "embedded": {"label committed", "steps taken"},
    "apart": {"label inserted", "version inserted", "object put"},
}
STILL = {"embedded": {"version inserted"}, "apart": {"weights stored"}}
LONG = {
    f"{test.__name__}[{kind}-{place}]"
    for test, soon in (
        (test_a_kill_anywhere_loses_no_label_and_repeats_none, KILLED),
        (test_a_kill_of_every_other_process_meanwhile_is_no_harm, STILL),
    )
    for kind, places in soon.items()
    for place in {*PLACES} - places
} | {"test_a_power_cut_under_load_loses_nothing[apart]"}
