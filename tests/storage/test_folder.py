"""The store in a folder: what only files can get wrong."""

import errno
import fcntl
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inkling.errors import InvalidInput
from inkling.storage.folder import FolderStore
from testing.live import wait_until
from tests.storage.kinds import in_a_folder, with_tmp_on_another_device


@pytest.fixture(params=[in_a_folder, with_tmp_on_another_device])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FolderStore]:
    store = request.param(tmp_path)
    assert isinstance(store, FolderStore)
    yield store
    (store._tmp / "create.part").unlink(missing_ok=True)  # may lie outside this test's folder


def test_a_finished_or_failed_put_leaves_no_part_behind(store: FolderStore, tmp_path: Path) -> None:
    store.put("a/b", b"content")
    assert not store.create("a/b", b"other")
    with pytest.raises(OSError, match=r"(?i)directory"):
        store.put("a", b"a folder is in the way")
    with pytest.raises(OSError, match=r"(?i)directory"):
        store.create("a", b"a folder is in the way")
    with pytest.raises(OSError, match=r"(?i)directory|exists"):
        store.put("a/b/c", b"an object is in the way")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / "objects" / "a" / "b"]
    assert not list(store._tmp.glob("*.part"))


def test_folders_of_deleted_objects_do_not_pile_up(tmp_path: Path) -> None:
    store = in_a_folder(tmp_path)
    for version in range(5):
        store.put(f"weights/{version}/fnn.npz", b"")
        store.delete(f"weights/{version}/fnn.npz")
    assert not list((tmp_path / "objects").glob("weights/*"))


def test_a_link_that_leads_out_of_the_store_is_refused(tmp_path: Path) -> None:
    store = in_a_folder(tmp_path)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "objects" / "out").symlink_to(tmp_path)
    with pytest.raises(InvalidInput, match="no object name"):
        store.get("out/secret")


@pytest.fixture
def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a memory card with FAT."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("without_links")
def test_a_file_system_without_links_has_one_winner_of_a_name(store: FolderStore) -> None:
    for turn in range(10):
        contents = [f"{thread}".encode() * 1000 for thread in range(8)]
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda content, n=turn: store.create(f"a/{n}", content), contents))
        assert won.count(True) == 1
        assert store.get(f"a/{turn}") == contents[won.index(True)]
    assert list(store.names()) == [f"a/{turn}" for turn in range(10)]


@pytest.mark.usefixtures("without_links")
def test_without_links_processes_create_one_after_the_other(store: FolderStore) -> None:
    with (store._tmp / "create.part").open("wb") as turn, ThreadPoolExecutor() as pool:
        fcntl.flock(turn, fcntl.LOCK_EX)  # as another process does while it creates
        created = pool.submit(store.create, "a/b", b"second")
        wait_until(lambda: len(list(store._tmp.glob("*.part"))) > 1)
        store.put("a/b", b"first")
        fcntl.flock(turn, fcntl.LOCK_UN)
        assert created.result() is False
    assert store.get("a/b") == b"first"


def test_another_failure_of_a_link_is_told(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        store.create("a", b"content")
    assert list(store.names()) == []
