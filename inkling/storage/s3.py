"""The object store in an S3 bucket, at Amazon's or any server that speaks S3."""

import base64
import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from inkling.storage.base import ObjectMissing, StoreUnavailable, check_name
from inkling.storage.s3_errors import FAILURES, code_of, reason, status_of

log = logging.getLogger(__name__)

CONFLICTS = ("ConditionalRequestConflict", "OperationAborted")
CONFLICT_TRIES = 5
FIRST_PAUSE = 0.05  # seconds after a conflict; doubled after each
PAGE = 1000  # names a request lists; S3 gives no more


@dataclass(frozen=True)
class Credentials:
    """A key, its secret and the region it is for; what is empty, boto3 looks for itself."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    region: str = ""


class S3Store:
    """Objects in a bucket, all below one prefix; safe for many threads.

    The network is first touched by the first use, so that a process starts while S3 is away. The
    timeouts are seconds without an answer, for each of the two tries that a request has.
    """

    remote = True

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        endpoint_url: str = "",
        credentials: Credentials | None = None,
        connect_timeout: float = 2,
        read_timeout: float = 5,
    ) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._endpoint_url = endpoint_url
        self._credentials = credentials or Credentials("", "")
        self._timeouts = {"connect_timeout": connect_timeout, "read_timeout": read_timeout}
        self._lock = threading.Lock()
        self._made: Any = None
        self._conditional = True  # until the server says that it is not

    def put(self, name: str, content: bytes) -> None:
        where = self._where(name)
        with self._asking("put"):
            self._send(where, content)

    def create(self, name: str, content: bytes) -> bool:
        """Store an object under a name that nothing has.

        The server checks the name and stores in one step where it can (If-None-Match). A server
        that answers 501 instead (OpenStack Swift) is asked for the name first, then sent the
        object: of two processes that do so in the same moment, the later one counts. Some servers
        ignore the header silently. Neither does harm here, because a name that is stored once holds
        its content's hash or a UUID: who shares the name brings the same bytes.

        False may mean that this very call stored the object, where the answer to its first try was
        lost.
        """
        where = self._where(name)
        if self._conditional:
            created = self._create_conditionally(where, content)
            if created is not None:
                return created
        with self._asking("create"):
            if self._exists(where):
                return False
            self._send(where, content)
        return True

    def get(self, name: str) -> bytes:
        where = self._where(name)
        with self._asking("get"):
            try:
                answer = self._client().get_object(**where)
                with closing(answer["Body"]) as body:
                    _check(answer, "ETag")
                    return bytes(body.read())
            except ClientError as error:
                if code_of(error) in ("NoSuchKey", "404"):
                    raise ObjectMissing(name) from None
                raise

    def delete(self, name: str) -> None:
        where = self._where(name)
        with self._asking("delete"):
            try:
                self._client().delete_object(**where)
            except ClientError as error:
                if code_of(error) not in ("NoSuchKey", "404"):  # some servers mind; S3 does not
                    raise

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield all names with this prefix, sorted, a thousand per request: for repairs only."""
        marker = {"Bucket": self.bucket, "Prefix": self.prefix + prefix, "MaxKeys": PAGE}
        while True:
            with self._asking("list"):
                page = _check(self._client().list_objects_v2(**marker), "IsTruncated")
            keys = [row["Key"] for row in page.get("Contents", ())]
            # A key that ends in "/" is a folder that somebody's console made.
            yield from (key[len(self.prefix) :] for key in keys if not key.endswith("/"))
            if not page["IsTruncated"]:
                return
            marker["ContinuationToken"] = page["NextContinuationToken"]

    def _send(self, where: dict[str, str], content: bytes, **condition: str) -> None:
        """Put an object, with the checksum by which every server refuses a damaged one."""
        digest = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        answer = self._client().put_object(**where, Body=content, ContentMD5=digest, **condition)
        _check(answer, "ETag")

    def _where(self, name: str) -> dict[str, str]:
        check_name(name)
        return {"Bucket": self.bucket, "Key": self.prefix + name}

    def _create_conditionally(self, where: dict[str, str], content: bytes) -> bool | None:
        """Return whether the object was created; None where the server knows no conditions."""
        for attempt in range(CONFLICT_TRIES):
            with self._asking("create"):
                try:
                    self._send(where, content, IfNoneMatch="*")
                    return True
                except ClientError as error:
                    if status_of(error) == 412:
                        return False
                    if status_of(error) == 501:
                        self._give_conditions_up()
                        return None
                    if code_of(error) not in CONFLICTS or attempt == CONFLICT_TRIES - 1:
                        raise
            time.sleep(FIRST_PAUSE * 2**attempt)
        raise AssertionError("The last attempt returns or raises.")

    def _give_conditions_up(self) -> None:
        with self._lock:
            if self._conditional:
                log.warning("This S3 server has no conditional writes; names are looked up first.")
            self._conditional = False

    def _exists(self, where: dict[str, str]) -> bool:
        try:
            self._client().head_object(**where)
        except ClientError as error:
            if status_of(error) == 404:
                return False
            raise
        return True

    def _client(self) -> Any:
        """Return boto3's client, made once: making it may ask Amazon's own network for keys."""
        with self._lock:
            if self._made is None:
                self._made = self._make_client()
            return self._made

    def _make_client(self) -> Any:
        config = Config(
            **self._timeouts,
            max_pool_connections=16,
            retries={"mode": "standard", "total_max_attempts": 2},
            # Not every server knows the newer checksums; Content-MD5 goes with every object.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if self._endpoint_url else "auto"},
        )
        return boto3.session.Session().client(
            "s3",
            config=config,
            endpoint_url=self._endpoint_url or None,
            region_name=self._credentials.region or None,
            aws_access_key_id=self._credentials.key or None,
            aws_secret_access_key=self._credentials.secret or None,
        )

    @contextmanager
    def _asking(self, operation: str) -> Iterator[None]:
        """Turn every failure into StoreUnavailable, without the text of the server or library.

        That text may repeat keys, signatures and headers.
        """
        try:
            yield
        except FAILURES as error:
            what, remedy = reason(error)
            raise StoreUnavailable(
                f"S3 bucket {self.bucket!r}: {operation} failed ({what}). {remedy}"
            ) from None


def _check(answer: dict[str, Any], sign: str) -> dict[str, Any]:
    """Return the answer. Raises ResponseParserError where it lacks what every S3 server says.

    A network that wants a login answers 200 to everything, and stores nothing.
    """
    if sign not in answer:
        raise ResponseParserError(f"An answer without {sign}.")
    return answer
