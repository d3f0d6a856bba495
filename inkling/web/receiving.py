"""A request as it comes in, piece by piece: how much of it is there, and whether it is whole.

Only where it ends is looked for. Whether it is a request as it must be, gunicorn's parser decides
when it is whole.
"""

import re
from enum import Enum

from gunicorn.http.unreader import Unreader

MAX_HEAD = 65_536  # bytes before the body; gunicorn takes less in each line
MAX_CHUNKS = 10_000  # a body of 10 MB comes in some thousand
MAX_CHUNK_LINE = 1024  # bytes: a size, and extensions that nobody uses
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
CODING = re.compile(rb"^transfer-encoding:.*chunked", re.IGNORECASE | re.MULTILINE)
CONTINUE = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
CHUNK_SIZE = re.compile(rb"([0-9a-f]{1,15})[ \t]*(;|$)", re.IGNORECASE)


class Missing(Enum):
    """What of a request is still to come."""

    HEAD = "its lines and headers"
    BODY = "a part of its body"


class Unacceptable(Exception):
    """A request that is not waited for any longer; `status` answers it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Incoming:
    """What has come of one request, and perhaps of the next."""

    def __init__(self, max_body: int, content: bytes = b"") -> None:
        """Begin with what came behind the request before. `max_body` is in bytes."""
        self._content = bytearray(content)
        self._max_body = max_body
        self._searched = 0  # no end of the head before this
        self._head = 0  # bytes of the head, when it is there
        self._end: int | None = None  # of the whole request, where the head tells
        self._chunk = 0  # where the next chunk begins
        self._chunks = self._body = 0  # so many, of so many bytes

    def __len__(self) -> int:
        return len(self._content)

    @property
    def has_head(self) -> bool:
        """Whether lines and headers are there."""
        return self._head > 0

    @property
    def waits_for_leave(self) -> bool:
        """Whether the client sends its body only after `100 Continue`."""
        return len(self._content) == self._head and bool(CONTINUE.search(self._content))

    def add(self, content: bytes) -> None:
        """Take the next bytes."""
        self._content += content

    def missing(self) -> Missing | None:
        """Return what is still to come, None where the request is whole.

        Raises Unacceptable where it is too large, or its end cannot be known.
        """
        if not self._head and not self._find_head():
            return Missing.HEAD
        if self._end is None and not self._find_last_chunk():
            return Missing.BODY
        return Missing.BODY if self._end is None or len(self._content) < self._end else None

    def take(self) -> tuple[bytes, bytes]:
        """Return the whole request, and what came behind it."""
        with memoryview(self._content) as content:
            return bytes(content[: self._end]), bytes(content[self._end :])

    def _find_head(self) -> bool:
        while self._content.startswith(b"\r\n"):  # RFC 9112, 2.2: some clients add one to a body
            del self._content[:2]
        if self._content and not self._content[:1].isalpha():
            raise Unacceptable(400)  # TLS, most of the time
        at = self._content.find(b"\r\n\r\n", self._searched)
        self._searched = max(0, len(self._content) - 3)
        if at > MAX_HEAD or (at < 0 and len(self._content) > MAX_HEAD):
            raise Unacceptable(431 if b"\n" in self._content[:MAX_HEAD] else 414)
        if at < 0:
            return False
        self._head = self._chunk = at + 4
        if not CODING.search(self._content, 0, self._head):
            lengths = LENGTH.findall(self._content, 0, self._head)
            # Two of them, or one that is no number, are the parser's to refuse.
            length = int(lengths[0]) if len(lengths) == 1 else 0
            self._grow(length)
            self._end = self._head + length
        return True

    def _grow(self, more: int) -> None:
        self._body += more
        if self._body > self._max_body:
            raise Unacceptable(413)

    def _find_last_chunk(self) -> bool:
        """Go on to the last chunk that is there; whether it is the body's last."""
        while (line := self._content.find(b"\r\n", self._chunk, self._line_limit)) >= 0:
            size = CHUNK_SIZE.match(self._content, self._chunk, line)
            if not size:
                raise Unacceptable(400)
            length = int(size[1], 16)
            if length == 0:
                return self._find_end_of_trailers(line)
            chunk_end = line + 2 + length
            if self._body + length > self._max_body:
                raise Unacceptable(413)
            if len(self._content) < chunk_end + 2:
                return False
            if self._content[chunk_end : chunk_end + 2] != b"\r\n":
                raise Unacceptable(400)
            self._grow(length)
            self._chunk, self._chunks = chunk_end + 2, self._chunks + 1
            if self._chunks > MAX_CHUNKS:
                raise Unacceptable(413)
        if len(self._content) > self._line_limit:
            raise Unacceptable(400)
        return False

    @property
    def _line_limit(self) -> int:
        return self._chunk + MAX_CHUNK_LINE

    def _find_end_of_trailers(self, last_line: int) -> bool:
        at = self._content.find(b"\r\n\r\n", last_line)
        if at < 0 and len(self._content) > last_line + MAX_HEAD:
            raise Unacceptable(431)
        self._end = at + 4 if at >= 0 else None
        return at >= 0


class Received(Unreader):  # type: ignore[misc]
    """What gunicorn's parser reads a whole request from, in place of a socket."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._left = memoryview(content)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return the next bytes: as many as are asked for, or as a socket would give."""
        size = max(size_hint or 0, 8192)
        piece, self._left = bytes(self._left[:size]), self._left[size:]
        return piece
