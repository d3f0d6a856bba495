"""The embedded trainer: a child of the server, started again whenever it ends."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable

STOP_SECONDS = 4  # a step in flight takes far less
LONG_LIFE, LONGEST_PAUSE = 60, 5  # seconds: a trainer that keeps dying is started ever less often

log = logging.getLogger("inkling.server")


class EmbeddedTrainer:
    """Keeps one `inkling trainer` process running. It ends by itself when this process is gone.

    `posix_spawn` and not `subprocess`, which waits for a pipe to be closed: a web worker that the
    server forks at that moment would hold it open, and this thread would wait for ever.
    """

    def __init__(self, sockets: Callable[[], Iterable[int]]) -> None:
        """Take what tells the server's sockets, by number; the trainer must not keep them open."""
        self._sockets = sockets
        self._process: int | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, name="trainer", daemon=True)

    def start(self) -> None:
        """Start the trainer, in a thread; return at once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the step in flight finish, then end the trainer."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._process is None or self._ended(self._process):
            return
        os.kill(self._process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while not self._ended(self._process):
            if time.monotonic() > deadline:
                os.kill(self._process, signal.SIGKILL)
            time.sleep(0.05)

    def _keep_running(self) -> None:
        pause = 0.5
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = self._spawn()
            while not self._ended(self._process):
                if self._stopping.wait(0.2):
                    return
            pause = 0.5 if time.monotonic() - started > LONG_LIFE else min(2 * pause, LONGEST_PAUSE)
            log.warning("The trainer ended; starting it again in %s s.", pause)
            self._stopping.wait(pause)

    def _spawn(self) -> int:
        words = [sys.executable, "-m", "inkling", "trainer", "--parent", str(os.getpid())]
        closed = [(os.POSIX_SPAWN_CLOSE, socket) for socket in self._sockets()]
        return os.posix_spawn(sys.executable, words, os.environ, file_actions=closed)

    @staticmethod
    def _ended(process: int) -> bool:
        try:
            return os.waitpid(process, os.WNOHANG)[0] == process
        except ChildProcessError:
            return True  # gunicorn's master collects every dead child, also this one
