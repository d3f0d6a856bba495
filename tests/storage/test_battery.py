"""One battery for every object store: names, contents, bad names, what is created once."""

from pathlib import Path

import pytest

from inkling.errors import InvalidInput
from inkling.storage.base import ObjectMissing, ObjectStore, store_once
from tests.storage.kinds import Opener


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


BAD_NAMES = ["../x", "a/../../x", "/etc/x", "", ".", "a/..", "..", "a\0b", "a//b", "a/", "a/./b"]
WORSE_NAMES = ["a\\b", "a\nb", "a\ud800", "a" * 256, "a.part"]


@pytest.mark.parametrize("use", ["put", "create", "get", "delete"])
def test_a_name_outside_the_store_is_refused(store: ObjectStore, tmp_path: Path, use: str) -> None:
    (tmp_path / "x").write_text("not the store's")
    for name in BAD_NAMES + WORSE_NAMES:
        with pytest.raises(InvalidInput, match="no object name"):
            getattr(store, use)(name, *([b""] if use in ("put", "create") else []))
    assert (tmp_path / "x").read_text() == "not the store's"
    assert not Path("/etc/x").exists()
    assert list(store.names()) == []


def test_another_opening_sees_the_same_objects(opener: Opener, tmp_path: Path) -> None:
    opener(tmp_path).put("a/b", b"content")
    assert opener(tmp_path).get("a/b") == b"content"
    assert list(opener(tmp_path).names()) == ["a/b"]


def test_names_come_sorted(store: ObjectStore) -> None:
    names = ["a-b", "a/b", "a/c", "b", "é", "…"]
    for name in reversed(names):
        store.put(name, b"")
    assert list(store.names()) == names


@pytest.mark.parametrize("name", ["a", "weights/12/fnn-0f.npz", "é ü/…/#?&=+", "a" * 255])
def test_what_is_created_once_stays(store: ObjectStore, name: str) -> None:
    assert store.create(name, b"first") is True
    assert store.create(name, b"second") is False
    assert store.get(name) == b"first"
    store.put(name, b"third")
    assert store.create(name, b"fourth") is False
    assert store.get(name) == b"third"
    store.delete(name)
    assert store.create(name, b"") is True
    assert store.create(name, b"fifth") is False
    assert (store.get(name), list(store.names())) == (b"", [name])


@pytest.mark.parametrize("before", [None, b"", b"cont", b"content", b"foreign"])
def test_what_is_stored_once_is_there_whole(
    store: ObjectStore, caplog: pytest.LogCaptureFixture, before: bytes | None
) -> None:
    if before is not None:
        store.put("a/b", before)
    store_once(store, "a/b", b"content")
    store_once(store, "a/b", b"content")
    assert store.get("a/b") == b"content"
    told = "a/b held something else than was stored there" in caplog.text
    assert told == (before not in (None, b"content"))
