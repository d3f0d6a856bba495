"""The embedded trainer: a child of the server, started again whenever it ends."""

import logging
import os
import subprocess
import sys
import threading

from settings import ROOT

STOP_SECONDS = 10  # a step in flight takes far less
LONG_LIFE, LONGEST_PAUSE = 60, 30  # seconds: a trainer that keeps dying is started ever less often

log = logging.getLogger("inkling.server")


class EmbeddedTrainer:
    """Keeps one `inkling trainer` process running. It ends by itself when this process is gone."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, name="trainer", daemon=True)

    def start(self) -> None:
        """Start it; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the step in flight finish, then end it."""
        self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _keep_running(self) -> None:
        pause = 0.5
        while not self._stopping.is_set():
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "cli.py"), "trainer", "--parent", str(os.getpid())]
            )
            lived = 0.0
            # Polled: gunicorn's master collects every dead child, also this one, before wait() can.
            while self._process.poll() is None and not self._stopping.wait(0.2):
                lived += 0.2
            if not self._stopping.is_set():
                pause = 0.5 if lived > LONG_LIFE else min(2 * pause, LONGEST_PAUSE)
                log.warning("The trainer ended; starting it again in %s s.", pause)
                self._stopping.wait(pause)
