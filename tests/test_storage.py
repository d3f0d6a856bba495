"""One battery for every object store: names, contents, bad names, and nothing half-written."""

import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from settings import ROOT, Settings
from storage import FolderStore, ObjectMissing, ObjectStore, open_store

Opener = Callable[[Path], ObjectStore]


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


# To test another kind of store, add how to open an empty one.
STORES: dict[str, Opener] = {
    "folder": in_a_folder,
    "folder, tmp elsewhere": with_tmp_on_another_device,
}


@pytest.fixture(params=STORES)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    yield STORES[request.param]
    left = other_device(tmp_path) / "inkling-tests"
    if left.exists():
        left.rmdir()  # which fails where a store left anything in it


@pytest.fixture
def store(opener: Opener, tmp_path: Path) -> ObjectStore:
    return opener(tmp_path)


# --- every store ---


@pytest.mark.parametrize("name", ["a", "drawings/7/ab.png", "weights/12/fnn-0f.npz", "é ü/…/#?&=+"])
@pytest.mark.parametrize("content", [b"", b"\x00", b"text\r\n", bytes(range(256)) * 5000])
def test_an_object_comes_back_as_it_was_put(store: ObjectStore, name: str, content: bytes) -> None:
    store.put(name, content)
    assert store.get(name) == content
    assert list(store.names()) == [name]


def test_what_is_put_last_counts(store: ObjectStore) -> None:
    for content in (b"a long one", b"short", b"", b"the last"):
        store.put("a/b", content)
        assert store.get("a/b") == content
    assert list(store.names()) == ["a/b"]


def test_a_missing_object_is_told_by_its_name(store: ObjectStore) -> None:
    store.put("a/b", b"b")
    for name in ("nothing", "a/nothing", "a/b/nothing", "a", "x/y/z"):
        with pytest.raises(ObjectMissing, match=name):
            store.get(name)


def test_a_deleted_object_is_gone_and_its_neighbours_stay(store: ObjectStore) -> None:
    for name in ("a/1", "a/2", "b"):
        store.put(name, name.encode())
    store.delete("a/1")
    with pytest.raises(ObjectMissing):
        store.get("a/1")
    assert list(store.names()) == ["a/2", "b"]
    store.delete("a/2")
    assert list(store.names()) == ["b"]
    store.put("a/1", b"again")
    assert store.get("a/1") == b"again"


def test_to_delete_what_is_not_there_is_no_error(store: ObjectStore) -> None:
    store.put("a/b", b"b")
    for name in ("nothing", "a/nothing", "a/b/nothing", "x/y/z"):
        store.delete(name)
    assert list(store.names()) == ["a/b"]


def test_an_emptied_store_works_on(store: ObjectStore) -> None:
    store.put("only", b"1")
    store.delete("only")
    assert list(store.names()) == []
    store.put("next", b"2")
    assert store.get("next") == b"2"


def test_names_are_all_that_begin_with_a_prefix(store: ObjectStore) -> None:
    names = ["drawings/1/a.png", "drawings/10/b.png", "weights/1/fnn.npz", "weights/2/cnn.npz"]
    for name in names:
        store.put(name, b"")
    assert list(store.names()) == names
    assert list(store.names("weights/")) == names[2:]
    assert list(store.names("drawings/1")) == names[:2]
    assert list(store.names("drawings/1/")) == names[:1]
    assert list(store.names("1")) == []


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "", ".", "a/..", "..", "a\0b"])
@pytest.mark.parametrize("use", ["put", "get", "delete"])
def test_a_name_outside_the_store_is_refused(
    store: ObjectStore, tmp_path: Path, name: str, use: str
) -> None:
    (tmp_path / "x").write_text("not the store's")
    with pytest.raises(ValueError, match=r".+"):
        if use == "put":
            store.put(name, b"")
        else:
            getattr(store, use)(name)
    assert (tmp_path / "x").read_text() == "not the store's"
    assert not Path("/etc/x").exists()
    assert list(store.names()) == []


def test_another_opening_sees_the_same_objects(opener: Opener, tmp_path: Path) -> None:
    opener(tmp_path).put("a/b", b"content")
    assert opener(tmp_path).get("a/b") == b"content"
    assert list(opener(tmp_path).names()) == ["a/b"]


def test_many_threads_may_put_and_delete_side_by_side(store: ObjectStore) -> None:
    def work(thread: int) -> None:
        for turn in range(100):
            content = f"{thread} {turn}".encode()
            store.put(f"shared/{thread}", content)
            assert store.get(f"shared/{thread}") == content
            store.delete(f"shared/{thread}")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert list(store.names()) == []


WRITER = """
import hashlib, os, sys
from pathlib import Path
from tests.test_storage import STORES

store = STORES[sys.argv[1]](Path(sys.argv[2]))
turn = 0
while True:
    turn += 1
    content = os.urandom(64) * (pow(2, turn, 40_009) + 1)
    store.put(f"big/{turn % 3}", hashlib.sha256(content).digest() + content)
    print(turn, flush=True)
"""


def whole(stored: bytes) -> bool:
    return hashlib.sha256(stored[32:]).digest() == stored[:32]


@pytest.fixture
def writers(opener: Opener, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that put big objects under the same names, one after another, until killed."""
    kind = next(name for name, candidate in STORES.items() if candidate is opener)
    command = [sys.executable, "-c", WRITER, kind, str(tmp_path)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    yield started
    for process in started:
        process.kill()
        process.wait()


def test_nothing_half_written_is_ever_visible(
    store: ObjectStore, writers: list[subprocess.Popen[bytes]]
) -> None:
    for process in writers:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"  # it has put its first object
    rng, names = random.Random(3), set[str]()
    for process in writers:
        end = time.monotonic() + rng.uniform(0.02, 0.2)
        while time.monotonic() < end:
            for name in store.names("big/"):
                assert whole(store.get(name))
        process.kill()
        put = process.communicate()[0].split()
        names |= {f"big/{int(turn) % 3}" for turn in [b"1", *put]}
        assert all(whole(store.get(name)) for name in store.names())
    # The one that a writer was killed in may be there or not.
    assert names <= set(store.names()) <= {"big/0", "big/1", "big/2"}


# --- folders alone ---


def test_the_settings_open_a_folder(settings: Settings) -> None:
    open_store(settings).put("a/b.txt", b"here")
    assert (settings.instance_folder / "objects" / "a" / "b.txt").read_bytes() == b"here"


def test_a_finished_or_failed_put_leaves_no_part_behind(store: ObjectStore, tmp_path: Path) -> None:
    assert isinstance(store, FolderStore)
    store.put("a/b", b"content")
    with pytest.raises(OSError, match=r"(?i)directory"):
        store.put("a", b"a folder is in the way")
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
    with pytest.raises(ValueError, match="no object name"):
        store.get("out/secret")
