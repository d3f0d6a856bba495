"""How a web worker talks HTTP: gunicorn's threads, with bounds and errors of our own."""

import ctypes
import io
import socket
from typing import Any

from gunicorn.http.body import Body, ChunkedReader
from gunicorn.workers.gthread import ThreadWorker

from inkling.web.refusals import refusal, status_of

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of glibc's malloc.h


def give_memory_back() -> None:
    """Have glibc give large blocks back to the system as soon as they are free.

    By itself it keeps blocks of up to 32 MB for later, in a heap for each thread: after a few large
    pictures a worker held 700 MB more. Smaller blocks, which all other requests use, stay as fast.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:  # else it is no glibc
        mallopt(M_MMAP_THRESHOLD, 1_000_000)
        mallopt(M_ARENA_MAX, 2)


class Worker(ThreadWorker):  # type: ignore[misc]
    """A web worker. `max_body` is the most bytes of a body that the app reads; its conf sets it."""

    max_body = 10_000_000

    def init_process(self) -> None:
        """Begin to serve; does not return."""
        give_memory_back()
        super().init_process()

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Read a chunked body before the app is asked: a malformed one is no error of the app's.

        Raises ParseException, which `handle_error` answers.
        """
        if isinstance(req.body.reader, ChunkedReader):
            # What is beyond the limit is not read; the app sees that there is more.
            req.body = Body(io.BytesIO(req.body.read(self.max_body + 1)))
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what is no request as it must be, or a bug."""
        status = status_of(exc)
        if status == 500:
            self.log.exception("A request fails outside of the app.")
        else:
            self.log.info("Refused with %d: %s.", status, type(exc).__name__)
        try:
            client.sendall(refusal(status))
        except OSError:
            pass  # gone
