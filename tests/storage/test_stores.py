"""The settings choose the store, and nothing is asked of a network before its first use."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from inkling.records import COLLECTED, NOT_A_DIGIT
from inkling.settings import ROOT, Settings, load_settings
from inkling.storage import keys
from inkling.storage.folder import FolderStore
from inkling.storage.late import LateStore
from inkling.storage.s3 import S3Store
from inkling.storage.stores import open_store
from inkling.trainer.trainer import Trainer
from testing.faulty_s3 import FaultyS3
from testing.networks import publish_copy
from testing.places import BOTH, both, labelled, open_place
from testing.s3_server import KEY

BUCKETEER = {
    "BUCKETEER_BUCKET_NAME": "bucketeer-1",
    "BUCKETEER_AWS_ACCESS_KEY_ID": "AKIABUCKETEER",
    "BUCKETEER_AWS_SECRET_ACCESS_KEY": "bucketeers-secret",
    "BUCKETEER_AWS_REGION": "us-east-1",
}


def test_without_a_bucket_the_settings_open_a_folder(settings: Settings) -> None:
    store = open_store(settings)
    assert isinstance(store, FolderStore)
    assert not store.remote
    store.put("a/b.txt", b"here")
    assert (settings.instance_folder / "objects" / "a" / "b.txt").read_bytes() == b"here"


def test_a_bucket_is_opened_with_the_keys_that_boto3_finds(faulty: FaultyS3) -> None:
    store = open_store(load_settings(faulty.environ | {"S3_PREFIX": "x"}))
    assert isinstance(store, LateStore)
    assert store.remote
    assert not faulty.requests
    store.put("a/b", b"there")
    assert store.get("a/b") == b"there"
    assert [*store.names()] == ["a/b"]
    assert not store.create("a/b", b"another")
    store.delete("a/b")
    assert [*store.names()] == []
    opened = store.open()
    assert isinstance(opened, S3Store)
    assert (opened.bucket, opened.prefix, faulty.keys) == (faulty.bucket, "x/", {KEY})


def test_bucketeers_bucket_is_opened_with_bucketeers_keys(faulty: FaultyS3) -> None:
    environ = BUCKETEER | {"S3_ENDPOINT_URL": faulty.url, "BUCKETEER_BUCKET_NAME": faulty.bucket}
    open_store(load_settings(environ)).put("a/b", b"there")
    assert faulty.keys == {"AKIABUCKETEER"}


def test_a_bucket_of_ones_own_wins_over_bucketeers(faulty: FaultyS3) -> None:
    store = open_store(load_settings(BUCKETEER | faulty.environ))
    store.put("a/b", b"there")
    assert isinstance(store, LateStore)
    opened = store.open()
    assert isinstance(opened, S3Store)
    assert (opened.bucket, faulty.keys) == (faulty.bucket, {KEY})


def test_opening_a_bucket_waits_for_nobody(settings: Settings, faulty: FaultyS3) -> None:
    faulty.mode = "hang"
    settings = dataclasses.replace(settings, s3_bucket=faulty.bucket, s3_endpoint_url=faulty.url)
    store = open_store(settings)
    assert not faulty.requests
    faulty.mode = "ok"
    store.put("a/b", b"there")
    assert faulty.requests["PUT"] == 1


@pytest.mark.parametrize(("bucket", "told"), [("", "False"), ("b", "False True")])
def test_boto3_is_imported_for_a_bucket_alone_and_at_its_first_use(
    settings: Settings, bucket: str, told: str
) -> None:
    program = (
        "import sys; from inkling.settings import load_settings; "
        "from inkling.storage.stores import open_store; "
        f"store = open_store(load_settings({{'S3_BUCKET': {bucket!r}, 'INSTANCE_FOLDER':"
        f" {str(settings.instance_folder)!r}}}));"
        "found = ['boto3' in sys.modules];"
        "store.remote and store.open() and found.append('boto3' in sys.modules);"
        "print(*found)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == told, done.stderr


def test_the_table_of_object_names_has_what_a_store_has(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    section = page.partition("## What lies in the object store")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    listed = {name for cell in cells for name in re.findall(r"`([^`]+)`", cell) if "/" in name}
    with open_place("SQLite", tmp_path, request) as place:
        for number in (1, 2):
            place.journal.add(labelled(number))
        place.journal.add(labelled(3, label=NOT_A_DIGIT, state=COLLECTED))
        Trainer(place.outbox, BOTH, both()).work()
        place.deliver()
        publish_copy(place.outbox, "mine")
        place.store.put(keys.checkpoint_key(1, 10, "0123456789abcdef"), b"")
        found = {_described(name) for name in place.store.names()}
    assert found - {"drawings/none/<id>.json"} == listed


def _described(name: str) -> str:
    """A name with words in the place of what differs."""
    name = re.sub(r"^drawings/\d/", "drawings/<digit>/", name)
    name = re.sub(r"/[0-9a-f-]{36}\.", "/<id>.", name)
    name = re.sub(r"^networks/\w+/[0-9a-f]{32}\.", "networks/<name>/<hash>.", name)
    name = re.sub(r"^jobs/\d+/\d+-[0-9a-f]+\.", "jobs/<id>/<epoch>-<hash>.", name)
    return re.sub(r"^weights/\d+/(\w+)-[0-9a-f]{32}\.", r"weights/<version>/\1-<hash>.", name)
