"""A bucket on a real S3 server, behind a proxy that misbehaves as a test wants."""

import functools
import http.client
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from testing.s3_server import TEST_KEYS, error_xml, make_bucket, s3_url

MODES = (
    "ok",
    "refused",  # nobody listens
    "hang",  # listens, never answers
    "slow",  # answers after `seconds`
    "503",  # SlowDown
    "403",  # SignatureDoesNotMatch
    "409",  # ConditionalRequestConflict, where If-None-Match comes
    "501",  # NotImplemented, where If-None-Match comes
    "412",  # PreconditionFailed, where If-None-Match comes
    "html",  # an error page that is no XML
    "portal",  # 200 and a page to everything, as a network that wants a login
    "truncated",  # half of the body that was announced
    "foreign",  # another object than was asked for
    "half upload",  # hangs up within the request's body
    "damaged upload",  # one bit of the request's body is another
    "lost",  # all is done, and nobody is told
)
ERRORS = {
    "503": "SlowDown",
    "403": "SignatureDoesNotMatch",
    "409": "ConditionalRequestConflict",
    "501": "NotImplemented",
    "412": "PreconditionFailed",
}
CONDITIONAL = ("409", "501", "412")
FOREIGN = b"<html>Please log in to this network first.</html>"


class FaultyS3:
    """A bucket behind a proxy whose `mode`, one of MODES, can be changed at any time.

    `requests` counts the requests by method, `keys` holds the access keys that signed them, `puts`
    the names that were put and in which mode, in order.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.bucket = make_bucket(upstream)
        self.requests: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.puts: list[tuple[str, str]] = []
        self.seconds = 1.0  # how slow 'slow' is
        self._mode, self._times = "ok", -1
        self._lock = threading.Lock()
        self.changed = threading.Event()  # set when the mode is no longer what it was
        self._port = 0
        self._listen()
        self.url = f"http://127.0.0.1:{self._port}"

    @property
    def environ(self) -> dict[str, str]:
        """The settings, and boto3's own, with which a process uses this bucket."""
        return TEST_KEYS | {"S3_BUCKET": self.bucket, "S3_ENDPOINT_URL": self.url}

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        self.fail(mode)

    def fail(self, mode: str, times: int = -1) -> None:
        """Misbehave in this way from now on, or for so many requests that it fits."""
        assert mode in MODES, mode
        with self._lock:
            was, self._mode, self._times = self._mode, mode, times
            self.changed.set()
            self.changed = threading.Event()
        if mode == "refused" != was:
            self.close()
        elif was == "refused" != mode:
            self._listen()

    def take(self, conditional: bool) -> tuple[str, threading.Event]:
        """How to treat the next request, and what is set when it need be so no longer."""
        with self._lock:
            if not self._times or (self._mode in CONDITIONAL and not conditional):
                return "ok", self.changed
            self._times -= 1
            return self._mode, self.changed

    def count(self, method: str, authorization: str) -> None:
        with self._lock:
            self.requests[method] += 1
            if "Credential=" in authorization:
                self.keys.add(authorization.split("Credential=")[1].split("/")[0])

    def _listen(self) -> None:
        """Listen on the port that it had before, if any."""
        handler = functools.partial(_Handler, self)
        self._server = _Server(("127.0.0.1", self._port), handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def faulty_s3() -> Iterator[FaultyS3]:
    """A new bucket on a real S3 server, behind a proxy that lives as long as the block."""
    s3 = FaultyS3(s3_url())
    try:
        yield s3
    finally:
        if s3.mode != "refused":
            s3.mode = "refused"  # lets those go that hang


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that no longer waits: that is what timeouts are for."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One request, one connection: passed on, answered or treated badly, as the mode says."""

    protocol_version = "HTTP/1.1"

    def __init__(self, s3: FaultyS3, *rest: Any) -> None:
        self._s3 = s3
        super().__init__(*rest)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests read what our own code logs."""

    def _treat(self) -> None:
        self.close_connection = True
        self._s3.count(self.command, self.headers.get("Authorization", ""))
        length = int(self.headers.get("Content-Length", 0))
        mode, changed = self._s3.take("If-None-Match" in self.headers)
        if self.command == "PUT":
            self._s3.puts.append((unquote(self.path.split("/", 2)[2]), mode))
        if mode == "half upload" and length:
            self.rfile.read(length // 2)
            return
        body = self.rfile.read(length)
        if mode == "damaged upload" and body:
            body = bytes([body[0] ^ 1]) + body[1:]
        if mode == "hang":
            changed.wait()
            return
        if mode == "slow":
            changed.wait(self._s3.seconds)
        if mode in ERRORS:
            self._answer(int(mode), {"Content-Type": "application/xml"}, error_xml(ERRORS[mode]))
        elif mode == "html":
            self._answer(400, {"Content-Type": "text/html"}, b"<html>" + FOREIGN)
        elif mode == "foreign" and self.command == "GET":
            self._answer(200, {"ETag": '"foreign"'}, FOREIGN)
        elif mode == "portal":
            self._answer(200, {"Content-Type": "text/html"}, FOREIGN)
        else:
            self._pass_on(body, mode)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _treat

    def _pass_on(self, body: bytes, mode: str) -> None:
        """Send it to the server as it came, Host included, so that signatures stay right."""
        connection = http.client.HTTPConnection(self._s3.upstream)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        if mode != "lost":
            half = len(content) // 2 if mode == "truncated" else None
            self._answer(response.status, dict(response.getheaders()), content, half)

    def _answer(
        self, status: int, headers: dict[str, str], content: bytes, sent: int | None = None
    ) -> None:
        """The answer, of whose content only so many bytes are sent."""
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            if name.lower() not in ("connection", "transfer-encoding", "server", "date"):
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[:sent])
