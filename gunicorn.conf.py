"""How gunicorn serves Inkling: threads in a few light workers, the trainer as a child.

`make run`, the Procfile and a container all start `gunicorn "main:create_app()"`, which reads this.
"""

import gc
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
# One digit is too little work to share among threads; each idle one would cost memory.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from inkling.errors import InvalidInput
from inkling.overview import overview, warnings
from inkling.settings import SettingError, load_settings
from inkling.trainer.supervisor import EmbeddedTrainer
from inkling.web.gunicorn_worker import Worker
from inkling.web.request_id import log_to
from inkling.web.start import bind_words, check_start

try:
    settings = load_settings()
except SettingError as error:
    sys.exit(f"Error: {error}")
Worker.max_body = settings.max_request_bytes

bind = bind_words(settings.host, settings.port)
workers = settings.web_concurrency
threads = settings.web_threads
worker_class = Worker
timeout = 60
graceful_timeout = 5  # with the trainer's 4, less than the ten seconds that hosts give
keepalive = 75
forwarded_allow_ips = ""  # TRUSTED_PROXIES alone says who is believed
control_socket_disable = True


def on_starting(server: Any) -> None:
    """End in one line where address or folders cannot be had: workers and trainer would in many."""
    # By the master before this one (SIGUSR2), or by systemd.
    given = bool(server.master_pid) or os.environ.get("LISTEN_PID") == str(os.getpid())
    try:
        check_start(settings, given)
    except InvalidInput as error:
        sys.exit(f"Error: {error}")


def when_ready(server: Any) -> None:
    """Say what runs here, and start the trainer: the address is bound."""
    address = str(server.LISTENERS[0])
    if server.cfg.is_ssl:
        address = address.replace("http:", "https:")  # which gunicorn does not say of IPv6
    server.log.info(overview(settings, address))
    for warning in warnings(settings, serves=True):
        server.log.warning(warning)
    if settings.trainer == "embedded":
        # Of the server: after a reload (SIGHUP) this file is read anew, and its variables are gone.
        listening = [listener.fileno() for listener in server.LISTENERS]
        server.trainer = EmbeddedTrainer(lambda: listening)
        server.trainer.start()


def post_fork(server: Any, worker: Any) -> None:
    """Log from the first line on as web workers do."""
    log_to()


def post_worker_init(worker: Any) -> None:
    """Freeze what is loaded by now, which the garbage collector then need not look at again."""
    gc.collect()
    gc.freeze()


def on_exit(server: Any) -> None:
    """End the trainer: the last request is answered."""
    if trainer := getattr(server, "trainer", None):
        trainer.stop()
