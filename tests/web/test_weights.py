"""The nets' weights for pages: an address for good each, the same bits, and only what has moved."""

import gzip
import json

import brotli
import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray

from inkling import checkpoints
from inkling.storage.folder import FolderStore
from inkling.web.app import Inkling
from tests.serving.versions import publish
from tests.web.posting import check_refused


def unpacked(content: bytes) -> dict[str, NDArray[np.uint32]]:
    """A pack's arrays as whole numbers: their bits."""
    length = int.from_bytes(content[:4], "little")
    header = json.loads(content[4 : 4 + length])
    planes = np.frombuffer(content[4 + length :], np.uint8).reshape(4, -1)
    bits = np.ascontiguousarray(planes.T).view("<u4").ravel()
    found, at = {}, 0
    for name, shape in header.items():
        count = int(np.prod(shape, dtype=int))
        found[name] = bits[at : at + count].reshape(shape)
        at += count
    assert at == bits.size
    return found


@pytest.fixture
def shipped(app: Inkling) -> dict[str, checkpoints.Arrays]:
    return checkpoints.originals(app.settings.models_folder)


@pytest.fixture
def store(app: Inkling) -> FolderStore:
    store = app.outbox.store
    assert isinstance(store, FolderStore)
    return store


def test_the_originals_are_there_to_the_bit(
    client: FlaskClient, shipped: dict[str, checkpoints.Arrays]
) -> None:
    said = client.get("/weights").get_json()
    assert (said["version"], said["retrained"]) == (0, None)
    answer = client.get(said["originals"])
    found = unpacked(answer.data)
    for net, arrays in shipped.items():
        for name, array in arrays.items():
            turned = array.T if net == "cnn" and array.ndim == 2 else array
            np.testing.assert_array_equal(found[f"{net}/{name}"].view("<f4"), turned)
    assert "unlike_digits/threshold" in found
    cached = answer.cache_control
    assert (cached.public, cached.immutable, cached.max_age) == (True, True, 31_536_000)


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_every_encoding_has_the_same_pack(client: FlaskClient, encoding: str) -> None:
    address = client.get("/weights").get_json()["originals"]
    whole = client.get(address, headers={"Accept-Encoding": "identity"}).data
    answer = client.get(address, headers={"Accept-Encoding": encoding})
    content = answer.data
    if encoding == "br":
        content = brotli.decompress(content)
    elif encoding == "gzip":
        content = gzip.decompress(content)
    assert content == whole
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    tag = answer.headers["ETag"]
    again = client.get(address, headers={"Accept-Encoding": encoding, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_version_has_only_what_has_moved(
    app: Inkling, client: FlaskClient, shipped: dict[str, checkpoints.Arrays], store: FolderStore
) -> None:
    assert client.get("/weights").get_json()["version"] == 0
    moved = {net: dict(arrays) for net, arrays in shipped.items()}
    moved["cnn"]["dense_kernel"] = shipped["cnn"]["dense_kernel"] * np.float32(1.01)
    publish(app.journal, store, 1, moved)
    app.weight_packs._named = (-1e9, 0)  # as some seconds later
    said = client.get("/weights").get_json()
    assert (said["version"], said["retrained"]) == (1, "/weights/1")
    found = unpacked(client.get("/weights/1").data)
    assert [*found] == ["cnn/dense_kernel"]
    before = np.asarray(shipped["cnn"]["dense_kernel"].T, "<f4", order="C").view("<u4")
    np.testing.assert_array_equal(
        (found["cnn/dense_kernel"] ^ before).view("<f4"), moved["cnn"]["dense_kernel"].T
    )


def test_of_version_0_nothing_has_moved(client: FlaskClient) -> None:
    assert unpacked(client.get("/weights/0").data) == {}


@pytest.mark.parametrize("path", ["/weights/7", "/weights/original/0123456789abcdef"])
def test_what_is_not_stored_is_not_found(client: FlaskClient, path: str) -> None:
    check_refused(client.get(path), 404)
