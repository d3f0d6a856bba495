"""An object store that misbehaves: visitors notice nothing, and it catches up by itself."""

import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from inkling.journal.outbox import Unstored
from inkling.journal.schema import contents
from inkling.records import Drawing
from testing.deployments import Deployment, apart
from testing.faulty_s3 import FaultyS3
from testing.live import wait_until
from testing.pen import draw
from testing.postgres import Cluster, needs_postgres
from testing.visitors import ask

pytestmark = [pytest.mark.proof, needs_postgres]

LABELS = 4
OLDER_SERVE = "The newest weights cannot be loaded; older ones serve. See the server's log."
OUTAGES = ["refused", "hang", "503", "403", "html", "portal", "half upload", "damaged upload"]
SOON = {"refused", "503", "half upload"}  # outages of `make test`; the others are long


@pytest.fixture(scope="module")
def deployment(
    tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, s3: FaultyS3
) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("s3")
    with apart(folder, cluster, s3, {"RECEIPT_WAIT": "15", "WEB_CONCURRENCY": "1"}) as found:
        found.wait_for_trainer()
        assert found.visitors.label()
        yield found


@pytest.fixture(autouse=True)
def healthy(deployment: Deployment, s3: FaultyS3) -> Iterator[None]:
    wait_until(deployment.is_well)
    yield
    s3.mode = "ok"


def unstored_drawings(deployment: Deployment) -> int:
    """What /readyz says, and /metrics as well."""
    status, said = ask(f"{deployment.server.url}/readyz")
    assert status == 200
    with urllib.request.urlopen(f"{deployment.server.url}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    assert f'inkling_unstored{{what="drawings"}} {said["unstored"]["drawings"]}.0' in page
    return int(said["unstored"]["drawings"])


def label_and_see_it_learned(deployment: Deployment, count: int) -> list[str]:
    """The drawings' ids; each label gets its receipt, and the next answer knows it."""
    visitors, known = deployment.visitors, set(deployment.visitors.answered)
    for _ in range(count):
        assert visitors.label()
        newest = list(visitors.receipts.values())[-1]["version"]
        assert newest == len(visitors.answered)
        wait_until(lambda: visitors.predict()["version"] == newest)  # noqa: B023
    return [id for id in visitors.answered if id not in known]


def delivered(s3: FaultyS3, since: int) -> list[str]:
    """The names that were put while nothing was wrong, in order."""
    return [name for name, mode in s3.puts[since:] if mode in ("ok", "slow", "lost")]


@pytest.mark.parametrize(
    "mode", [m if m in SOON else pytest.param(m, marks=pytest.mark.long) for m in OUTAGES]
)
def test_visitors_notice_nothing_of_an_outage_and_all_is_delivered_once_in_order(
    deployment: Deployment, s3: FaultyS3, mode: str
) -> None:
    s3.mode, since = mode, len(s3.puts)
    ids = label_and_see_it_learned(deployment, LABELS)
    assert unstored_drawings(deployment) == LABELS
    wait_until(lambda: deployment.outbox.counts() == Unstored(LABELS, 1))
    assert delivered(s3, since) == []
    s3.mode = "ok"
    deployment.check()
    names = delivered(s3, since)
    drawn = [f"drawings/{deployment.visitors.answered[id]}/{id}.png" for id in ids]
    assert [name for name in names if name.startswith("drawings/")] == drawn
    assert set(Counter(names).values()) == {1}
    assert unstored_drawings(deployment) == 0


def test_a_store_that_says_nothing_of_what_it_did_is_no_harm(
    deployment: Deployment, s3: FaultyS3
) -> None:
    s3.mode = "lost"
    label_and_see_it_learned(deployment, LABELS)
    s3.mode = "ok"
    deployment.check()


def test_a_store_that_takes_its_time_gets_everything_and_nobody_waits(
    deployment: Deployment, s3: FaultyS3
) -> None:
    s3.mode, s3.seconds = "slow", 3
    label_and_see_it_learned(deployment, 1)
    assert unstored_drawings(deployment) == 1
    wait_until(lambda: deployment.outbox.counts().drawings == 0)
    assert unstored_drawings(deployment) == 0
    deployment.check()


@pytest.mark.parametrize("mode", [pytest.param("refused", marks=pytest.mark.long), "hang"])
def test_who_starts_while_the_store_is_away_has_the_newest_version(
    deployment: Deployment, s3: FaultyS3, mode: str
) -> None:
    s3.mode = mode
    label_and_see_it_learned(deployment, 2)
    version = len(deployment.visitors.answered)
    for process in (deployment.workers[0].process, deployment.server.process):
        process.kill()
        process.wait()
    deployment.mend()
    assert deployment.visitors.predict()["version"] == version
    wait_until(lambda: f"The trainer is ready at version {version}." in deployment.log())
    label_and_see_it_learned(deployment, 1)
    s3.mode = "ok"
    deployment.check()


UNREADABLE = ["truncated", "foreign", "refused", "403", "portal"]


@contextmanager
def server_stopped(deployment: Deployment) -> Iterator[None]:
    """No process of the server runs meanwhile, and so none hears of a new version."""
    server = psutil.Process(deployment.server.process.pid)
    stopped = [server, *server.children()]
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            process.resume()


def learn_one_and_forget_its_weights(deployment: Deployment) -> int:
    """The new version, whose weights nothing but the store has."""
    drawing = Drawing.of(7, draw(7))
    deployment.journal.add(drawing)
    deployment.visitors.answered[drawing.id] = drawing.label
    version = len(deployment.visitors.answered)
    wait_until(lambda: deployment.journal.newest_stored() == version)
    wait_until(lambda: deployment.outbox.counts() == Unstored(0, 0))
    with deployment.journal.engine.begin() as connection:
        connection.execute(contents.delete())
    return version


@pytest.mark.parametrize("mode", UNREADABLE)
def test_weights_that_cannot_be_had_are_refused_and_the_last_good_ones_serve(
    deployment: Deployment, s3: FaultyS3, mode: str
) -> None:
    with server_stopped(deployment):
        version = learn_one_and_forget_its_weights(deployment)
        s3.mode = mode
    last_good = f"No newer version can be had; version {version - 1} serves on."
    wait_until(lambda: last_good in deployment.log())
    assert deployment.visitors.predict()["version"] == version - 1
    status, said = ask(f"{deployment.server.url}/readyz")
    assert (status, said["error"]) == (503, OLDER_SERVE)
    s3.mode = "ok"
    wait_until(lambda: ask(f"{deployment.server.url}/readyz")[0] == 200)
    deployment.check()
    assert deployment.visitors.predict()["version"] == version


def test_a_trainer_waits_for_a_store_whose_answers_are_cut_off(
    deployment: Deployment, s3: FaultyS3
) -> None:
    version = learn_one_and_forget_its_weights(deployment)
    deployment.kill("trainer")
    s3.mode, complaint = "truncated", "Learning waits; trying again in 1.0 s. S3 bucket"
    complained = deployment.workers[0].log().count(complaint)
    deployment.mend()
    assert deployment.visitors.label()
    wait_until(lambda: deployment.workers[0].log().count(complaint) > complained + 1)
    assert deployment.journal.current_version() == version
    s3.mode = "ok"
    deployment.check()


def test_a_trainer_makes_weights_anew_that_are_not_what_was_stored(
    deployment: Deployment, s3: FaultyS3
) -> None:
    version = learn_one_and_forget_its_weights(deployment)
    deployment.kill("trainer")
    s3.mode, made = "foreign", f"The weights of version {version} are there again"
    deployment.mend()
    assert deployment.visitors.label()
    wait_until(lambda: made in deployment.workers[0].log())
    wait_until(lambda: deployment.journal.current_version() == version + 1)
    s3.mode = "ok"
    deployment.check()


LONG = {
    "test_visitors_notice_nothing_of_an_outage_and_all_is_delivered_once_in_order[503]",
    "test_a_store_that_takes_its_time_gets_everything_and_nobody_waits",
    "test_a_trainer_waits_for_a_store_whose_answers_are_cut_off",
}
