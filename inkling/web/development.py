"""`python main.py -d`: Flask's development server, which starts again when code changes.

Two processes: one holds the address and starts the other again when that says that code has
changed; the other serves, and has the trainer for its child. Not for the open internet.
"""

import atexit
import logging
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.serving import is_running_from_reloader, run_simple

from inkling.errors import InklingError
from inkling.overview import overview, warnings
from inkling.settings import Settings
from inkling.trainer.supervisor import EmbeddedTrainer
from inkling.web.app import Inkling
from inkling.web.arguments import is_loopback
from inkling.web.request_id import log_to
from inkling.web.start import bind_words, check_start

HANDED_OVER = "WERKZEUG_SERVER_FD"  # where Werkzeug says which socket listens

MakeApp = Callable[[Settings], Inkling]
log = logging.getLogger("inkling.server")


def run_development_server(make_app: MakeApp, settings: Settings, pem: Path | None) -> None:
    """Serve until SIGTERM or Ctrl-C; with HTTPS where there is a certificate.

    The debugger runs what is typed into it, so it is there only where no other machine can ask for
    it, and asks for a PIN even so. Raises InvalidInput where nothing can be served.
    """
    debugger = is_loopback(settings.host)
    if is_running_from_reloader():
        app: Any = _start(make_app, settings, debugger, secure=pem is not None)
    else:
        check_start(settings)
        # Before numpy is loaded by the process that serves: see gunicorn.conf.py.
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(name, "1")
        app = _nothing  # this process only holds the address
    run_simple(
        settings.host,
        settings.port,
        app,
        use_reloader=True,
        use_debugger=debugger,
        threaded=True,
        ssl_context=_context(pem) if pem else None,
    )


def _start(make_app: MakeApp, settings: Settings, debug: bool, secure: bool) -> Inkling:
    """Return the app, with its trainer beside it; both end when this process does."""
    log_to()
    try:
        app = make_app(settings)
    except (InklingError, OSError) as error:
        sys.exit(f"Error: {error}".partition("\n")[0])
    atexit.register(app.close)
    app.debug = debug
    given = int(os.environ[HANDED_OVER])
    with socket.socket(fileno=os.dup(given)) as listening:
        host, port = listening.getsockname()[:2]
    log.info(overview(settings, f"{'https' if secure else 'http'}://{bind_words(host, port)}"))
    for warning in warnings(settings, serves=True):
        log.warning(warning)
    if settings.trainer == "embedded":
        trainer = EmbeddedTrainer(lambda: {given, int(os.environ[HANDED_OVER])})
        trainer.start()
        atexit.register(trainer.stop)
    return app


def _context(pem: Path) -> ssl.SSLContext:
    context = _Patient(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


class _Patient(ssl.SSLContext):
    """Leaves each handshake to the thread of its connection: one that is slow holds no other."""

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        return super().wrap_socket(*args, **options | {"do_handshake_on_connect": False})


def _nothing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    raise NotImplementedError  # nobody asks the process that only holds the address
