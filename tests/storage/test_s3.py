"""The store in a bucket when its server fails: one kind of error, a remedy, and no secret told."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from inkling.storage.base import ObjectMissing, StoreUnavailable, store_once
from inkling.storage.s3 import CONFLICT_TRIES, Credentials, S3Store
from testing.faulty_s3 import FOREIGN, FaultyS3
from testing.s3_server import KEY, SECRET, client, s3_url

USES: dict[str, Callable[[S3Store], object]] = {
    "put": lambda store: store.put("a/new", b"content" * 1000),
    "create": lambda store: store.create("a/new", b"content" * 1000),
    "get": lambda store: store.get("a/b"),
    "delete": lambda store: store.delete("a/b"),
    "list": lambda store: list(store.names()),
}

WRITES = ("put", "create")
# What to expect where: mode, uses, what the message holds.
FAILURES = [
    ("refused", tuple(USES), "EndpointConnectionError). Check the network and S3_ENDPOINT_URL"),
    ("hang", tuple(USES), "ReadTimeoutError). Check the network and S3_ENDPOINT_URL"),
    ("slow", ("put", "get"), "ReadTimeoutError). Check the network and S3_ENDPOINT_URL"),
    ("503", tuple(USES), "SlowDown, HTTP 503). The server is busy or ill"),
    ("403", tuple(USES), "SignatureDoesNotMatch, HTTP 403). Check AWS_ACCESS_KEY_ID"),
    ("409", ("create",), "ConditionalRequestConflict, HTTP 409). "),
    ("html", tuple(USES), "). "),
    ("truncated", ("get",), "). Something on the way damages data"),
    ("foreign", ("list",), "ResponseParserError). That is no S3 server"),
    ("portal", ("put", "create", "get", "list"), "ResponseParserError). That is no S3 server"),
    ("half upload", WRITES, "). Check the network and S3_ENDPOINT_URL"),
    ("damaged upload", WRITES, "BadDigest, HTTP 400). Something on the way damages data"),
    ("lost", ("put", "get", "delete", "list"), "ConnectionClosedError). Check the network"),
]


def opened(faulty: FaultyS3, prefix: str = "tests", read_timeout: float = 5) -> S3Store:
    return S3Store(faulty.bucket, prefix, faulty.url, read_timeout=read_timeout)


@pytest.mark.parametrize(
    ("mode", "use", "told"), [(mode, use, told) for mode, uses, told in FAILURES for use in uses]
)
def test_every_failure_is_one_error_with_a_remedy_and_no_secret_and_passes(
    faulty: FaultyS3, caplog: pytest.LogCaptureFixture, mode: str, use: str, told: str
) -> None:
    caplog.set_level(logging.INFO)
    store = opened(faulty, read_timeout=1)
    store.put("a/b", b"content" * 1000)
    faulty.mode, faulty.seconds = mode, 60
    with pytest.raises(StoreUnavailable) as raised:
        USES[use](store)
    logging.getLogger("tests").error("The store fails.", exc_info=raised.value)
    assert f"S3 bucket '{faulty.bucket}': {use} failed (" in str(raised.value)
    assert told in str(raised.value)
    for secret in (KEY, SECRET, "X-Amz-Signature", "Signature=", "Credential="):
        assert secret not in caplog.text
    faulty.mode = "ok"
    store.put("a/b", b"content" * 1000)  # where a lost answer meant that it was deleted
    for name in USES:
        USES[name](store)  # the same instance, as if nothing had been
    assert list(store.names()) == ["a/new"]
    assert store.get("a/new") == b"content" * 1000


def test_one_bad_answer_is_asked_for_again_unseen(faulty: FaultyS3) -> None:
    store = opened(faulty, read_timeout=1)
    for mode in ("503", "hang", "lost", "half upload"):
        faulty.fail(mode, times=1)
        store.put(f"a/{mode}", b"content")
        assert store.get(f"a/{mode}") == b"content"
    assert faulty.requests["PUT"] == 8


@pytest.mark.parametrize("mode", ["half upload", "damaged upload", "403", "503"])
def test_a_failed_upload_leaves_what_was_there(faulty: FaultyS3, mode: str) -> None:
    store = opened(faulty)
    store.put("a/b", b"before")
    faulty.mode = mode
    with pytest.raises(StoreUnavailable):
        store.put("a/b", b"after" * 1000)
    faulty.mode = "ok"
    assert store.get("a/b") == b"before"
    assert list(store.names()) == ["a/b"]


def test_a_foreign_answer_is_what_it_is(faulty: FaultyS3) -> None:
    store = opened(faulty)
    store.put("a/b", b"content")
    faulty.mode = "foreign"
    assert store.get("a/b") == FOREIGN  # names hold a hash: who reads, checks


def test_create_tries_a_conflict_again(faulty: FaultyS3) -> None:
    store = opened(faulty)
    faulty.fail("409", times=CONFLICT_TRIES - 1)
    assert store.create("a/b", b"content") is True
    assert faulty.requests["PUT"] == CONFLICT_TRIES
    faulty.fail("409", times=1)
    assert store.create("a/b", b"other") is False
    assert store.get("a/b") == b"content"


def test_a_server_without_conditions_is_asked_for_the_name_from_then_on(
    faulty: FaultyS3, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened(faulty)
    faulty.mode = "501"
    assert store.create("a/b", b"first") is True
    assert dict(faulty.requests) == {"PUT": 2, "HEAD": 1}
    assert store.create("a/b", b"second") is False
    assert store.create("a/c", b"third") is True
    assert dict(faulty.requests) == {"PUT": 3, "HEAD": 3}
    store_once(store, "a/b", b"fourth")
    assert [store.get("a/b"), store.get("a/c")] == [b"fourth", b"third"]
    assert caplog.text.count("has no conditional writes") == 1
    faulty.mode = "403"
    with pytest.raises(StoreUnavailable, match="create failed"):
        store.create("a/d", b"")


def test_an_answer_lost_on_the_way_loses_and_doubles_nothing(faulty: FaultyS3) -> None:
    store = opened(faulty)
    faulty.fail("lost", times=1)
    assert store.create("a/b", b"content") is False  # its own first try is what it finds
    faulty.fail("lost", times=1)
    store_once(store, "a/c", b"content")
    assert [store.get(name) for name in store.names()] == [b"content", b"content"]


def test_hot_paths_take_one_request_and_list_nothing(faulty: FaultyS3) -> None:
    store = opened(faulty)
    store.put("a", b"1")
    store.create("b", b"2")
    store_once(store, "c", b"3")
    assert dict(faulty.requests) == {"PUT": 3}
    store.get("a")
    with pytest.raises(ObjectMissing):
        store.get("missing")
    assert dict(faulty.requests) == {"PUT": 3, "GET": 2}
    store.delete("a")
    assert dict(faulty.requests) == {"PUT": 3, "GET": 2, "DELETE": 1}


def test_names_come_page_by_page_and_leave_out_what_is_not_ours(
    faulty: FaultyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkling.storage.s3.PAGE", 3)
    direct, store = client(s3_url()), opened(faulty)
    names = [f"é +&/{number}" for number in range(10, 18)]
    for key in ("tests/", "tests/é +&/", "tests-2/x", "other", *(f"tests/{n}" for n in names)):
        direct.put_object(Bucket=faulty.bucket, Key=key, Body=b"")
    assert list(store.names()) == names
    assert faulty.requests["GET"] == 4
    assert list(store.names("é +&/17")) == ["é +&/17"]
    assert faulty.requests["GET"] == 5


@pytest.mark.parametrize(
    ("prefix", "key"), [("", "a/b"), ("x", "x/a/b"), ("x/", "x/a/b"), ("/x/y/", "x/y/a/b")]
)
def test_a_prefix_is_a_folder(faulty: FaultyS3, prefix: str, key: str) -> None:
    store = opened(faulty, prefix)
    store.put("a/b", b"content")
    rows = client(s3_url()).list_objects_v2(Bucket=faulty.bucket)["Contents"]
    assert [row["Key"] for row in rows] == [key]
    assert list(store.names("a/")) == ["a/b"]


@pytest.mark.parametrize("use", USES)
def test_a_missing_bucket_is_not_a_missing_object(faulty: FaultyS3, use: str) -> None:
    store = S3Store("nobody-made-this", "", faulty.url)
    with pytest.raises(StoreUnavailable, match=r"NoSuchBucket, HTTP 404.*Create the bucket"):
        USES[use](store)


@pytest.mark.parametrize(
    ("bucket", "url", "told"),
    [
        ("b", "not an address", "Set S3_ENDPOINT_URL to an address such as"),
        ("b", "http://[", "Set S3_ENDPOINT_URL to an address such as"),
        ("b", "http://no-such-host.invalid", "Check the network and S3_ENDPOINT_URL"),
        ("no/bucket name", "http://127.0.0.1:1", "Check the bucket's name in S3_BUCKET"),
    ],
)
@pytest.mark.usefixtures("faulty")
def test_a_bad_address_is_told_at_first_use(bucket: str, url: str, told: str) -> None:
    with pytest.raises(StoreUnavailable, match=told):
        S3Store(bucket, "", url).get("a")


def test_missing_keys_are_told(
    faulty: FaultyS3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StoreUnavailable, match="Set AWS_ACCESS_KEY_ID"):
        opened(faulty).get("a")
    half = Credentials(KEY, "")
    with pytest.raises(StoreUnavailable, match="Set both the key and its secret"):
        S3Store(faulty.bucket, "", faulty.url, half).get("a")
    assert not faulty.requests


def test_keys_show_in_no_repr() -> None:
    shown = repr(Credentials(KEY, SECRET, "eu-west-1"))
    assert "eu-west-1" in shown
    assert KEY not in shown
    assert SECRET not in shown
