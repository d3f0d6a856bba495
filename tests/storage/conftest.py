"""What the tests of stores share: each kind of store, empty, and a faulty S3."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from inkling.storage.base import ObjectStore
from testing.faulty_s3 import FaultyS3, faulty_s3
from testing.s3_server import TEST_KEYS, s3_url
from tests.storage.kinds import BUCKET, ENDPOINT, STORES, Opener, in_a_bucket, other_device, prefix

OTHERS_KEYS = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")


@pytest.fixture(scope="package")
def bucket() -> Iterator[Any]:
    """boto3's client of a bucket on the caller's server or the tests' own, made if need be."""
    with pytest.MonkeyPatch.context() as patch:
        if ENDPOINT not in os.environ:
            use_keys(patch)
            patch.setenv(ENDPOINT, s3_url())
        patch.setenv(BUCKET, os.environ.get(BUCKET) or "inkling-tests")
        client = boto3.session.Session().client("s3", endpoint_url=os.environ[ENDPOINT])
        made = False
        try:
            client.head_bucket(Bucket=os.environ[BUCKET])
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404, error
            client.create_bucket(Bucket=os.environ[BUCKET])
            made = True
        yield client
        if made:
            client.delete_bucket(Bucket=os.environ[BUCKET])  # which fails where anything is left


def use_keys(patch: pytest.MonkeyPatch) -> None:
    """The tests' own keys, as boto3 reads them."""
    for name in OTHERS_KEYS:
        patch.delenv(name, raising=False)
    for name, value in TEST_KEYS.items():
        patch.setenv(name, value)


@pytest.fixture(params=STORES)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    opener = STORES[request.param]
    client = request.getfixturevalue("bucket") if opener is in_a_bucket else None
    yield opener
    if client:
        where = {"Bucket": os.environ[BUCKET]}
        for row in client.list_objects_v2(**where, Prefix=prefix(tmp_path)).get("Contents", ()):
            client.delete_object(**where, Key=row["Key"])
    left = other_device(tmp_path) / "inkling-tests"
    if left.exists():
        (left / "create.part").unlink(missing_ok=True)  # whose lock serves every process
        left.rmdir()  # which fails where a store left anything else in it


@pytest.fixture
def store(opener: Opener, tmp_path: Path) -> ObjectStore:
    return opener(tmp_path)


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyS3]:
    """A bucket whose server can be told to misbehave."""
    use_keys(monkeypatch)
    with faulty_s3() as s3:
        yield s3
