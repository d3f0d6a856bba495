"""Another make's S3 server, Ceph: what the store promises, and labels while it freezes or dies."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inkling.journal.outbox import Unstored
from inkling.settings import ROOT
from testing.ceph import DISK, GATEWAY, MONITOR, Ceph, ceph, needs_ceph
from testing.deployments import Deployment, apart
from testing.live import wait_until
from testing.postgres import Cluster, needs_postgres
from testing.s3_server import TEST_KEYS

pytestmark = [pytest.mark.proof, pytest.mark.long, needs_ceph, needs_postgres]

BATTERY = ["tests/storage/test_battery.py", "tests/storage/test_together.py"]
LABELS, CLIENTS = 100, 3
NOT_STORED = "Not stored yet, kept in the journal. S3 bucket"

# How it goes away and comes back, and what of it.
Fault = Callable[[Ceph], None]
FAULTS: dict[str, tuple[Fault, Fault]] = {
    "gateway frozen": (lambda s3: s3.freeze(GATEWAY), lambda s3: s3.thaw(GATEWAY)),
    "gateway killed": (lambda s3: s3.kill(GATEWAY), lambda s3: s3.start(GATEWAY)),
    "disk frozen": (lambda s3: s3.freeze(DISK), lambda s3: s3.thaw(DISK)),
    "all killed": (
        lambda s3: s3.kill(GATEWAY, DISK, MONITOR),
        lambda s3: s3.start(MONITOR, DISK, GATEWAY),
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Ceph]:
    with ceph() as found:
        yield found


def test_a_store_in_ceph_passes_the_battery_of_all_stores(server: Ceph) -> None:
    environ = TEST_KEYS | {"TEST_S3_ENDPOINT_URL": server.url, "TEST_S3_BUCKET": server.bucket}
    words = [sys.executable, "-m", "pytest", "-k", "s3", "-p", "no:cacheprovider", *BATTERY]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout and " skipped" not in done.stdout


@pytest.fixture(scope="module")
def deployment(
    tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, server: Ceph
) -> Iterator[Deployment]:
    folder: Path = tmp_path_factory.mktemp("ceph")
    with apart(folder, cluster, server, {"RECEIPT_WAIT": "60", "WEB_CONCURRENCY": "1"}) as found:
        found.wait_for_trainer()
        yield found


@pytest.mark.parametrize("fault", FAULTS)
def test_each_of_100_labels_has_its_receipt_and_its_objects(
    deployment: Deployment, server: Ceph, fault: str
) -> None:
    goes, comes = FAULTS[fault]
    visitors, complaints = deployment.visitors, deployment.log().count(NOT_STORED)
    answered = len(visitors.answered)
    with deployment.labelling(LABELS, CLIENTS):
        wait_until(lambda: len(visitors.answered) >= answered + LABELS // 4)
        goes(server)
        wait_until(lambda: len(visitors.answered) >= answered + LABELS // 2)
        wait_until(lambda: deployment.log().count(NOT_STORED) > complaints)
        waiting = deployment.outbox.counts()
        comes(server)
    assert waiting.drawings > 0
    deployment.check()
    assert deployment.outbox.counts() == Unstored(0, 0)
    assert len(visitors.answered) == answered + LABELS
    assert visitors.receipts.keys() == visitors.answered.keys()
    assert visitors.refused == []
