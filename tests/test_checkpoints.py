"""Weights as objects: packed without pickle, named by their content, checked, thinned."""

import io
import itertools
import math
import pickle
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkling import checkpoints
from inkling.checkpoints import BadWeights, check_shapes, pack, parts, shapes_of, thinned, unpack
from inkling.nets.registry import NETWORKS
from inkling.settings import ROOT
from inkling.storage.base import ObjectMissing
from inkling.storage.folder import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects", tmp_path / "tmp")


def arrays(seed: int = 0) -> checkpoints.Arrays:
    rng = np.random.default_rng(seed)
    return {
        "kernel": rng.normal(size=(30, 20)).astype(np.float32),
        "bias": rng.normal(size=20).astype(np.float64),
        "number": np.array(1.5, np.float32),
        "none": np.empty((0, 3), np.float32),
    }


def assert_same(found: checkpoints.Arrays, expected: checkpoints.Arrays) -> None:
    assert set(found) == set(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array, strict=True)


# --- bytes ---


def test_arrays_come_back_as_they_were_packed() -> None:
    assert_same(unpack(pack(arrays())), arrays())
    assert unpack(pack({})) == {}


def test_equal_arrays_give_equal_bytes() -> None:
    content = pack(arrays())
    backwards = dict(reversed(arrays().items()))
    turned = {name: np.asarray(array, order="F") for name, array in arrays().items()}
    sliced = {name: np.stack([array, array])[1] for name, array in arrays().items()}
    assert pack(backwards) == pack(turned) == pack(sliced) == content
    assert pack(arrays(1)) != content


def test_bytes_do_not_tell_when_they_were_packed() -> None:
    with zipfile.ZipFile(io.BytesIO(pack(arrays()))) as file:
        assert {member.date_time for member in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_numpy_reads_what_was_packed() -> None:
    with np.load(io.BytesIO(pack(arrays())), allow_pickle=False) as found:
        assert_same(dict(found), arrays())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"b": None}, "There is no array b. Restore a backup."),
        ({"b": np.zeros(3, np.float64)}, r"The array b is float64 \(3,\), not float32 \(3,\)\."),
        ({"b": np.zeros((3, 1), np.float32)}, r"The array b is float32 \(3, 1\), not"),
    ],
)
def test_arrays_of_another_shape_are_told(changes: dict[str, Any], told: str) -> None:
    wanted = {"a": np.ones((2, 2), np.float32), "b": np.zeros(3, np.float32)}
    check_shapes(wanted | {"velocity_a": wanted["a"]}, shapes_of(wanted))
    found = {name: array for name, array in (wanted | changes).items() if array is not None}
    with pytest.raises(BadWeights, match=told):
        check_shapes(found, shapes_of(wanted))


def test_objects_are_not_packed() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        pack({"kernel": np.array([{}, None])})


class Trap:
    """An object whose unpickling leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


def saved(save: Callable[..., None], *positional: Any, **named: Any) -> bytes:
    file = io.BytesIO()
    save(file, *positional, **named)
    return file.getvalue()


@pytest.mark.parametrize(
    "kind", ["pickle", "npy of objects", "npz of objects", "npz with a pickle"]
)
def test_no_pickle_is_ever_loaded(kind: str, tmp_path: Path) -> None:
    trap = Trap(tmp_path / "sprung")
    objects = np.array([trap, None])
    content = {
        "pickle": lambda: pickle.dumps({"kernel": trap}),
        "npy of objects": lambda: saved(np.save, objects),
        "npz of objects": lambda: saved(np.savez, kernel=np.ones(3), bias=objects),
        "npz with a pickle": lambda: zipped("kernel", pickle.dumps(trap)),
    }[kind]()
    with pytest.raises(BadWeights):
        unpack(content)
    assert not trap.path.exists()
    pickle.loads(pickle.dumps(trap))  # noqa: S301 - the trap does work
    assert trap.path.exists()


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        b"PK\x03\x04 and no more",
        saved(np.save, np.ones(3)),
        pack(arrays())[:-30],
        pack(arrays())[:100],
        pack(arrays()).replace(b"float", b"flout").replace(b"<f4", b"<z4"),
        zipped("notes.txt", b"no array"),
        zipped("kernel.npy", b"no array"),
    ],
)
def test_what_is_no_npz_of_arrays_is_refused(content: bytes) -> None:
    with pytest.raises(BadWeights, match=r"^These bytes .* Store the weights anew\.$"):
        unpack(content)


@pytest.mark.parametrize("at", [60, 1000, 2000])
def test_a_flipped_bit_is_noticed(at: int) -> None:
    content = bytearray(pack(arrays()))
    content[at] ^= 1
    with pytest.raises(BadWeights):
        unpack(bytes(content))


# --- objects ---


def put(store: FolderStore, version: int, part: str, held: checkpoints.Arrays) -> str:
    name, content = checkpoints.named(version, part, held)
    store.put(name, content)
    return name


def test_an_objects_name_holds_version_part_and_content(store: FolderStore) -> None:
    name = put(store, 12, "cnn_optimizer", arrays())
    assert re.fullmatch(r"weights/12/cnn_optimizer-[0-9a-f]{32}\.npz", name)
    assert list(store.names()) == [name]
    assert_same(checkpoints.get(store, name), arrays())
    assert put(store, 12, "cnn_optimizer", arrays()) == name
    others = {
        put(store, 12, "cnn_optimizer", arrays(1)),
        put(store, 12, "cnn", arrays()),
        put(store, 13, "cnn_optimizer", arrays()),
    }
    assert len(others | {name}) == 4
    assert_same(checkpoints.get(store, name), arrays())


def test_a_tampered_object_is_refused(store: FolderStore) -> None:
    name = put(store, 1, "fnn", arrays())
    store.put(name, pack(arrays(1)))
    with pytest.raises(BadWeights, match=re.escape(name)):
        checkpoints.get(store, name)


def test_a_missing_object_is_told_from_a_tampered_one(store: FolderStore) -> None:
    name = put(store, 1, "fnn", arrays())
    store.delete(name)
    with pytest.raises(ObjectMissing):
        checkpoints.get(store, name)


def test_parts_keep_velocities_from_the_web_workers() -> None:
    state: checkpoints.Arrays = {
        "a_kernel": np.ones(1),
        "velocity_a_kernel": np.ones(2),
        "a_bias": np.ones(3),
    }
    split = parts("cnn", state)
    assert {part: set(held) for part, held in split.items()} == {
        "cnn": {"a_kernel", "a_bias"},
        "cnn_optimizer": {"velocity_a_kernel"},
    }
    assert split["cnn"] | split["cnn_optimizer"] == state
    assert parts("cnn", {"a_bias": state["a_bias"]})["cnn_optimizer"] == {}
    alone = {"fnn": {"a_bias": state["a_bias"]}, "fnn_optimizer": {}}
    assert parts("fnn", {"a_bias": state["a_bias"]}) == alone
    assert {net: tuple(parts(net, {})) for net in NETWORKS} == {
        key: network.parts for key, network in NETWORKS.items()
    }


def test_the_originals_are_there_in_the_nets_shapes() -> None:
    found = checkpoints.originals(ROOT / "models")
    shapes = {net: {name: a.shape for name, a in held.items()} for net, held in found.items()}
    assert shapes == {
        "fnn": {
            "hidden_kernel": (784, 100),
            "hidden_bias": (100,),
            "output_kernel": (100, 10),
            "output_bias": (10,),
        },
        "cnn": {
            "conv1_kernel": (4, 4, 1, 16),
            "conv1_bias": (16,),
            "conv2_kernel": (4, 4, 16, 32),
            "conv2_bias": (32,),
            "dense_kernel": (625, 1568),
            "dense_bias": (625,),
            "output_kernel": (10, 625),
            "output_bias": (10,),
        },
    }
    for held in found.values():
        for array in held.values():
            assert array.dtype == np.float32
            assert np.isfinite(array).all()
            assert array.std() > 0


# --- thinning ---


def versions_kept(stored: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
    """Versions that are stored one after another, each with those that are kept then."""
    alive: list[int] = []
    for version in stored:
        gone = thinned(alive, version)
        assert {*gone} <= {*alive}
        alive = [number for number in alive if number not in gone] + [version]
        yield version, alive


EVERY = [*versions_kept(range(1, 3000))]
rng = np.random.default_rng(0)
SOME = [*versions_kept(np.cumsum(rng.integers(1, 40, 3000)).tolist())]


def test_the_current_version_and_the_nine_before_it_are_kept() -> None:
    for current, found in EVERY:
        assert {*range(max(1, current - 9), current + 1)} <= {*found}


@pytest.mark.parametrize("stored", [EVERY, SOME])
def test_few_versions_are_kept_and_some_of_every_age(stored: list[tuple[int, list[int]]]) -> None:
    for current, found in stored[100::50]:
        assert len(found) <= 10 + 12 * math.ceil(math.log10(current))
        for longest in (10**power for power in range(2, len(str(current)) - 1)):
            assert any(longest <= current - version < 10 * longest for version in found)


def test_of_versions_that_are_not_all_stored_no_gap_is_much_wider_than_its_age() -> None:
    """What is learned again for a rollback to any version is no more than twice its age, or 60."""
    for current, found in SOME[100::50]:
        for earlier, later in itertools.pairwise([0, *found]):
            assert later - earlier <= max(60, 2 * (current - earlier))
