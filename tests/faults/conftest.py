"""What the fault tests share: a PostgreSQL and an S3 of their own, and deployments on them."""

from collections.abc import Iterator

import pytest

from testing.faulty_s3 import FaultyS3, faulty_s3
from testing.postgres import Cluster, restartable_cluster


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that tests restart: nobody else's."""
    with restartable_cluster() as found:
        yield found


@pytest.fixture(scope="module")
def s3() -> Iterator[FaultyS3]:
    with faulty_s3() as found:
        yield found
