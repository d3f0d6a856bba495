"""A web worker's loop, which waits for slow clients in place of its threads.

gunicorn gives a connection to a thread that then reads from it for as long as that takes: as many
clients as there are threads, who say nothing or half of something, stop all others. Here a loop in
the main thread reads, and a thread gets a request that is whole.
"""

import errno
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from inkling.web.receiving import Incoming, Missing, Received, Unacceptable
from inkling.web.refusals import refusal

PIECE = 65_536  # bytes that are read at a time
SEND_BUFFER = 400_000  # bytes; what fits, as all of our pages do, leaves its thread at once
LARGE = 1_000_000  # bytes of a request; a picture in it takes four times as much, so few at a time
MAX_LARGE = 2
MAX_HELD = 48_000_000  # bytes of requests that are not whole yet, all connections together
MAX_DRAINED = 64_000_000  # bytes that are read and thrown away of a request that was refused
STOPPING = 2.0  # seconds that a worker which stops keeps connections that say nothing
SWEEP = 0.5  # seconds between two looks at who is late


class Connection(TConn):  # type: ignore[misc]
    """A client's connection. While nothing is done for it, it waits in the loop."""

    incoming: Incoming
    deadline = 0.0  # seconds of time.monotonic(), when it is given up
    drained: int | None = None  # bytes since its last answer; None: it goes on
    rest = b""  # what came behind the request that is answered now


class BufferingWorker(ThreadWorker):  # type: ignore[misc]
    """The loop. What a thread does with a request that is whole, gunicorn_worker.py says."""

    max_body = 10_000_000  # bytes; gunicorn.conf.py sets it
    # Seconds for a request's head from its first byte, or of silence on a new connection; for its
    # body; for one piece of an answer to be taken; for a client to close after the last answer.
    head_seconds, body_seconds, send_seconds, close_seconds = 10.0, 60.0, 20.0, 10.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting: dict[Connection, None] = {}  # in the loop; who came first is first
        self._large: deque[Connection] = deque()  # whole, and waiting for their turn
        self._large_now: set[Connection] = set()
        self._next_sweep = 0.0

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection."""
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._make_room()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._welcome(Connection(self.cfg, sock, address, listener.getsockname()))

    def _welcome(self, conn: Connection) -> None:
        """Begin with a new connection."""
        self._await_request(conn, b"", self.head_seconds)

    def _await_request(self, conn: Connection, begun: bytes, seconds: float) -> None:
        """Wait for a request of which these bytes are there already."""
        conn.incoming = Incoming(self.max_body, begun)
        self._wait(conn, seconds)
        if begun:
            self._look_at(conn)
        else:
            self._read(conn, conn.sock)  # it is often there already

    def _wait(
        self, conn: Connection, seconds: float, then: Callable[..., None] | None = None
    ) -> None:
        """Wait for what a client sends, and give it to `then`, `_read` by default."""
        conn.sock.setblocking(False)
        conn.deadline = time.monotonic() + seconds
        self._waiting[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(then or self._read, conn))

    def _stop_waiting(self, conn: Connection) -> None:
        if conn in self._waiting:
            del self._waiting[conn]
            self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()

    def _read(self, conn: Connection, sock: socket.socket) -> None:
        """Read what has come on a connection that waits."""
        try:
            content = sock.recv(PIECE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return  # of TLS, a part of a record may have come
        except OSError:
            content = b""
        if not content:
            self._drop(conn)
        elif conn.drained is not None:
            conn.drained += len(content)
            if conn.drained > MAX_DRAINED:
                self._drop(conn)
        else:
            if not conn.incoming:  # the first bytes on a connection that was kept
                conn.deadline = time.monotonic() + self.head_seconds
            conn.incoming.add(content)
            self._look_at(conn)

    def _look_at(self, conn: Connection) -> None:
        """Go on with a connection of which more has come."""
        before = conn.incoming.has_head
        try:
            missing = conn.incoming.missing()
        except Unacceptable as error:
            self._refuse(conn, error.status)
            return
        if missing is None:
            self._stop_waiting(conn)
            self._begin(conn)
        elif missing is Missing.BODY:
            if not before:
                conn.deadline = time.monotonic() + self.body_seconds
                self._give_leave(conn)
            if len(conn.incoming) > PIECE:
                self._bound_memory()

    def _give_leave(self, conn: Connection) -> None:
        if conn.incoming.waits_for_leave:
            try:
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            except OSError:
                pass  # it is seen at the next read

    def _bound_memory(self) -> None:
        """Refuse the largest request that is not whole where all together are too large."""
        receiving = [conn for conn in self._waiting if conn.drained is None]
        if sum(len(conn.incoming) for conn in receiving) > MAX_HELD:
            self._refuse(max(receiving, key=lambda conn: len(conn.incoming)), 503)

    def _refuse(self, conn: Connection, status: int) -> None:
        """Answer a request that is not waited for any longer."""
        self._stop_waiting(conn)
        try:
            conn.sock.send(refusal(status))
        except OSError:
            pass  # it is full or gone
        self._close_gently(conn)

    def _close_gently(self, conn: Connection) -> None:
        """Close after the last answer, but read on for a while.

        A connection with unread bytes that is closed at once is reset, and its client, which may
        still be sending, never sees the answer.
        """
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.drained, conn.incoming = 0, Incoming(0)
        self._wait(conn, self.close_seconds)

    def _begin(self, conn: Connection) -> None:
        """Give a whole request to a thread; a large one when it is its turn."""
        if len(conn.incoming) > LARGE:
            if len(self._large_now) >= MAX_LARGE:
                self._large.append(conn)
                return
            self._large_now.add(conn)
        content, conn.rest = conn.incoming.take()
        conn.incoming = Incoming(0)
        conn.sock.setblocking(True)
        conn.parser = get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader = Received(content)
        conn.initialized = conn.data_ready = True
        self.enqueue_req(conn)

    def finish_request(self, conn: Connection, done: "Future[Any]") -> None:
        """Go on with a connection whose request was answered."""
        conn.parser = None
        if conn in self._large_now:
            self._large_now.remove(conn)
            if self._large:
                self._begin(self._large.popleft())
        kept = not done.cancelled() and not done.exception() and done.result()
        if kept:
            seconds = self.cfg.keepalive if self.alive else STOPPING
            self._await_request(conn, conn.rest, self.head_seconds if conn.rest else seconds)
        else:
            self._close_gently(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """Give up connections that are late; all that wait, where forced."""
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        now = time.monotonic()
        if now < self._next_sweep and not force:
            return
        self._next_sweep = now + SWEEP
        for conn in [conn for conn in self._waiting if force or conn.deadline < now]:
            if conn.drained is None and conn.incoming and not force:
                self._refuse(conn, 408)
            else:
                self._drop(conn)

    def _make_room(self) -> None:
        """Give up some that have waited longest, so that others can come."""
        for conn in list(self._waiting)[:32]:
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self._waiting:
            if not conn.incoming:
                conn.deadline = min(conn.deadline, deadline)
