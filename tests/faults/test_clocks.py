"""Clocks an hour apart: nothing depends on the time of day."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sql

from inkling.journal.schema import drawings, versions
from testing.deployments import Deployment, apart
from testing.faulty_s3 import FaultyS3
from testing.live import wait_until
from testing.postgres import Cluster, needs_postgres

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
needs_faketime = pytest.mark.skipif(
    not LIBRARIES and not os.environ.get("CI"),
    reason="libfaketime is not installed (on Debian: apt-get install faketime).",
)
pytestmark = [pytest.mark.proof, pytest.mark.long, needs_postgres, needs_faketime]


def clock(hours: int) -> dict[str, str]:
    """The environment of a process whose clock is so far ahead."""
    return {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME": f"{3600 * hours:+d}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def minutes_ahead(deployment: Deployment, table: sql.Table) -> float:
    """How far the clock is ahead of ours of the process that wrote the table's newest row."""
    order = next(iter(table.primary_key)).desc()
    query = sql.select(table.c.created_at).order_by(order).limit(1)
    with deployment.journal.read() as connection:
        written = connection.execute(query).scalar_one()
    return float((written - datetime.now(UTC)).total_seconds() / 60)


def test_trainers_whose_clocks_are_an_hour_away_learn_as_every_other(
    tmp_path: Path, cluster: Cluster, s3: FaultyS3
) -> None:
    """One is ahead of the web process; the standby that takes over from it is behind."""
    with apart(tmp_path, cluster, s3, {"RECEIPT_WAIT": "20"}, workers=0) as deployment:
        for n, hours in enumerate((1, -1)):
            deployment.workers.append(deployment.add_worker(n, **clock(hours)))
            wait_until(lambda: "The trainer is ready" in deployment.workers[-1].log())
            for _ in range(5):
                assert deployment.visitors.label()
            assert len(deployment.visitors.receipts) == len(deployment.visitors.answered)
            assert abs(minutes_ahead(deployment, drawings)) < 30
            assert abs(minutes_ahead(deployment, versions) - 60 * hours) < 30
            deployment.check()
            deployment.kill("trainer")
            deployment.workers.pop()
