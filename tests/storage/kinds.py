"""The kinds of store that the battery runs on, and how to open an empty one of each."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

from inkling.storage.base import ObjectStore
from inkling.storage.folder import FolderStore
from inkling.storage.s3 import S3Store

Opener = Callable[[Path], ObjectStore]

# `make test-s3` sets these; else the tests' own server does. Processes that a test starts get them.
ENDPOINT, BUCKET = "TEST_S3_ENDPOINT_URL", "TEST_S3_BUCKET"


def in_a_folder(folder: Path) -> ObjectStore:
    return FolderStore(folder / "objects", folder / "tmp")


def with_tmp_on_another_device(folder: Path) -> ObjectStore:
    """Where there is no other file system, the same as `in_a_folder`."""
    return FolderStore(folder / "objects", other_device(folder) / "inkling-tests")


def other_device(folder: Path) -> Path:
    shared_memory = Path("/dev/shm")  # noqa: S108 - a file system of its own, on Linux
    if shared_memory.is_dir() and shared_memory.stat().st_dev != folder.stat().st_dev:
        return shared_memory
    return folder


def in_a_bucket(folder: Path) -> ObjectStore:
    return S3Store(os.environ[BUCKET], prefix(folder), os.environ[ENDPOINT])


def prefix(folder: Path) -> str:
    """One for each folder: the same in every process, and no other test's."""
    return f"inkling-tests/{socket.gethostname()}{folder}/"


# To test another kind of store, add how to open an empty one.
STORES: dict[str, Opener] = {
    "folder": in_a_folder,
    "folder, tmp elsewhere": with_tmp_on_another_device,
    "s3": in_a_bucket,
}
