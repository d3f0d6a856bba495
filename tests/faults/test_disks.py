"""A disk that is full or has become read-only: refused in words, and nothing answered is lost."""

from pathlib import Path

import pytest

from inkling.journal.outbox import Unstored
from inkling.web.errors import JOURNAL_AWAY
from testing.deployments import QUICK, Deployment, embedded
from testing.disks import FailingDisk, filled, needs_disks, read_only, small_disk
from testing.live import wait_until
from testing.visitors import Visitors

# The disks here are small, and it is about what happens when nothing at all is left.
UNRESERVED = QUICK | {"DISK_RESERVE": "0"}

pytestmark = [pytest.mark.proof, needs_disks]


def label_until_refused(visitors: Visitors) -> None:
    """Some may be stored still, where SQLite has room in its files; predictions always come."""

    def is_refused() -> bool:
        visitors.predict()
        return not visitors.label()

    wait_until(is_refused)
    assert {status for status, _ in visitors.refused} == {503}
    assert {said["error"] for _, said in visitors.refused} == {JOURNAL_AWAY}


def test_a_full_disk_refuses_labels_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "instance", 200) as disk,
        embedded(tmp_path, UNRESERVED) as deployment,
    ):
        label_some(deployment)
        with filled(disk):
            label_until_refused(deployment.visitors)
        label_some(deployment)
        deployment.check()


def label_some(deployment: Deployment) -> None:
    deployment.wait_for_trainer()
    with deployment.labelling(6):
        pass


def test_labels_are_refused_before_the_disk_is_full(tmp_path: Path) -> None:
    reserve = QUICK | {"DISK_RESERVE": "100000000"}
    with small_disk(tmp_path / "instance", 200) as disk, embedded(tmp_path, reserve) as deployment:
        label_some(deployment)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(120_000_000))
        assert not deployment.visitors.label()
        assert [status for status, _ in deployment.visitors.refused] == [507]
        deployment.visitors.predict()
        ballast.unlink()
        label_some(deployment)
        deployment.check()


def test_a_disk_that_becomes_read_only_loses_nothing(tmp_path: Path) -> None:
    """Such a file system must be mounted anew, and so the server started anew."""
    disk = FailingDisk(tmp_path / "instance", tmp_path / "image", 200)
    with disk.mounted(), embedded(tmp_path, UNRESERVED) as deployment:
        label_some(deployment)
        disk.fail()
        label_until_refused(deployment.visitors)
        visitors = deployment.visitors
    with disk.mounted(), embedded(tmp_path, UNRESERVED) as deployment:
        deployment.visitors.answered |= visitors.answered
        label_some(deployment)
        deployment.check()


def test_nobody_notices_when_only_the_objects_have_no_disk(tmp_path: Path) -> None:
    objects = tmp_path / "instance" / "objects"
    with small_disk(objects, 150) as disk, embedded(tmp_path) as deployment:
        deployment.wait_for_trainer()
        for number, fault in enumerate((filled, read_only), 1):
            with fault(disk):
                for _ in range(3):
                    assert deployment.visitors.label()
                assert len(deployment.visitors.receipts) == 3 * number
                unstored = Unstored(drawings=3, versions=1)  # the journal holds one set of weights
                assert deployment.outbox.counts() == unstored
            deployment.check()
