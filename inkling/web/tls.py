"""TLS in a web worker's loop: a client that is slow with its handshake holds no thread either."""

import socket
import ssl
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from gunicorn.sock import ssl_context

from inkling.web.buffering import BufferingWorker, Connection
from inkling.web.receiving import Incoming
from inkling.web.refusals import refusal

NO_TLS = "This port speaks HTTPS. Write https:// in place of http://."


class TlsWorker(BufferingWorker):
    """The loop, with TLS where gunicorn has a certificate (`--certfile`), without it elsewhere."""

    _context: ssl.SSLContext | None = None

    def init_process(self) -> None:
        """Read the certificate, once a process, and begin to serve; does not return."""
        if self.cfg.is_ssl:
            self._context = ssl_context(self.cfg)
            self._context.options |= ssl.OP_NO_RENEGOTIATION  # it costs a server more than a client
        super().init_process()

    def _welcome(self, conn: Connection) -> None:
        if self._context is None:
            super()._welcome(conn)
            return
        conn.incoming = Incoming(0)
        try:
            conn.sock = self._context.wrap_socket(
                conn.sock, server_side=True, do_handshake_on_connect=False
            )
        except OSError:  # gone already
            self._drop(conn)
            return
        self._wait(conn, self.head_seconds, self._shake_hands)
        self._shake_hands(conn, conn.sock)

    def _shake_hands(self, conn: Connection, sock: Any) -> None:
        """Go on with a handshake as far as that is possible without waiting."""
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            self._watch(conn, EVENT_READ)
        except ssl.SSLWantWriteError:
            self._watch(conn, EVENT_WRITE)
        except OSError as error:
            self._stop_waiting(conn)
            if getattr(error, "reason", None) == "HTTP_REQUEST":
                self._refuse_plain(conn)
            else:
                self._drop(conn)
        else:
            self._stop_waiting(conn)
            self._await_request(conn, b"", self.head_seconds)

    def _watch(self, conn: Connection, event: int) -> None:
        key = self.poller.get_key(conn.sock)
        if key.events != event:
            self.poller.modify(conn.sock, event, key.data)

    def _refuse_plain(self, conn: Connection) -> None:
        """Tell a client that speaks plain HTTP what to do, in plain HTTP."""
        try:
            socket.socket.send(conn.sock, refusal(400, NO_TLS))  # past the TLS of this socket
        except OSError:
            pass  # gone
        self._close_gently(conn)

    def _close_gently(self, conn: Connection) -> None:
        """Say that this is the end in TLS too: without it an answer might have been cut off."""
        if isinstance(conn.sock, ssl.SSLSocket):
            conn.sock.setblocking(False)  # it would wait for the client to say the same
            try:
                conn.sock.unwrap()
            except (OSError, ValueError):
                pass  # said, and not answered yet; or the handshake has failed
        super()._close_gently(conn)
