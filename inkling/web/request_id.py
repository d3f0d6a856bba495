"""A name for each request: in its answer's X-Request-ID, and in each line that is logged for it."""

import logging
import re
import sys
import uuid
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, TextIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-ID"
PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")  # what is taken over: it comes into logs

_current: ContextVar[str] = ContextVar("request", default="")


def name_requests(app: WSGIApplication) -> Callable[..., Iterable[bytes]]:
    """Return an app that names each request: as who asks does, where that is short and plain."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        name = given if PLAIN.fullmatch(given) else uuid.uuid4().hex

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, (HEADER, name)], *error)

        token = _current.set(name)
        try:
            return app(environ, start)
        finally:
            _current.reset(token)

    return call


class Named(logging.Filter):
    """Gives each record the name of the request that it is about, in brackets."""

    def filter(self, record: logging.LogRecord) -> bool:
        name = _current.get()
        record.request = f" [{name}]" if name else ""
        return True


def log_to(stream: TextIO = sys.stderr) -> logging.Handler:
    """Log to a stream from now on, each line of a request with its name; return the handler."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(Named())
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s%(request)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("inkling").setLevel(logging.INFO)
    return handler
