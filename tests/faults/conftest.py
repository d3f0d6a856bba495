"""What the fault tests share: a PostgreSQL and an S3 of their own, and deployments on them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.deployments import Deployment
from tests.postgres import Cluster, new_database, restartable_cluster
from tests.s3 import FaultyS3, faulty_s3

EMPTY: Mapping[str, str] = {}
QUICK = {"RECEIPT_WAIT": "0.3"}  # for visitors whose trainer is dead


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that tests restart: nobody else's."""
    with restartable_cluster() as found:
        yield found


@pytest.fixture(scope="module")
def s3() -> Iterator[FaultyS3]:
    with faulty_s3() as found:
        yield found


@contextmanager
def embedded(
    folder: Path, environ: Mapping[str, str] = EMPTY, workers: int = 0
) -> Iterator[Deployment]:
    """The default: one server with its trainer, SQLite and a folder."""
    deployment = Deployment(folder, environ, workers)
    try:
        yield deployment
    finally:
        deployment.stop()


@contextmanager
def apart(
    folder: Path,
    cluster: Cluster,
    s3: FaultyS3 | None,
    environ: Mapping[str, str] = EMPTY,
    workers: int = 1,
) -> Iterator[Deployment]:
    """A web process and dedicated trainers on PostgreSQL and, if given, S3."""
    chosen = {"DATABASE_URL": new_database(cluster.url), "TRAINER": "separate"}
    chosen |= (s3.environ if s3 else {}) | dict(environ)
    deployment = Deployment(folder, chosen, workers, cluster, s3)
    try:
        yield deployment
    finally:
        deployment.stop()
