"""How a web worker talks HTTP: gunicorn's threads, behind a loop that waits for the slow."""

import io
import socket
import ssl
from typing import Any

from gunicorn.http.body import Body, ChunkedReader

from inkling.system import allow_files, give_memory_back
from inkling.web.boot import BootingWorker
from inkling.web.buffering import Connection
from inkling.web.refusals import refusal, status_of
from inkling.web.tls import TlsWorker

LARGE_PICTURE = 1_000_000  # bytes: what other requests use is smaller


class Worker(BootingWorker, TlsWorker):
    """A web worker: what happens in a thread, with a request that is whole."""

    def init_process(self) -> None:
        """Begin to serve; does not return."""
        give_memory_back(LARGE_PICTURE)
        allow_files()
        super().init_process()

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        return keepalive  # what the app did not read of the body is not on the line any more

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer a request. Raises ParseException for a malformed chunked body."""
        req._expected_100_continue = False  # the loop has said so
        if isinstance(req.body.reader, ChunkedReader):
            # Before the app is asked, whose error it is not.
            req.body = Body(io.BytesIO(req.body.read()))
        conn.sock.settimeout(self.send_seconds)
        try:
            return bool(super().handle_request(req, conn))
        except (TimeoutError, ssl.SSLError):
            return False  # a client that does not take its answer

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what is no request as it must be, or a bug."""
        status = status_of(exc)
        if status == 500:
            self.log.exception("A request fails outside of the app.")
        else:
            self.log.info("Refused with %d: %s.", status, type(exc).__name__)
        try:
            client.settimeout(self.send_seconds)
            client.sendall(refusal(status))
        except OSError:
            pass  # gone
