"""A child of a trainer's process: for work that would keep the trainer from learning."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time

from inkling import failpoints
from inkling.settings import Settings, load_settings

NICE = 10  # labels are learned meanwhile, and visitors answered
STOP_SECONDS = 2.0  # that a child has to end
PARENT_SECONDS = 0.5  # between two looks whether the parent is still there


class Child:
    """A process that runs a module of ours, which begins with `begin`; ended with its parent."""

    def __init__(self, module: str) -> None:
        """Start it."""
        self._process = subprocess.Popen([sys.executable, "-m", module, str(os.getpid())])

    def exit_code(self) -> int | None:
        """Return how it ended: 0 well, below 0 by a signal; None while it runs."""
        return self._process.poll()

    def end(self) -> None:
        """End it, if it has not ended."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def begin() -> Settings:
    """Make this process a child that is out of the way of all others; return the settings."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = int(sys.argv[1])
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    os.nice(NICE)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    settings = load_settings()
    failpoints.arm(settings.fault)
    return settings


def _end_with(parent: int) -> None:
    """End this process, whatever it does, when its parent is gone."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)


def how_it_ended(code: int) -> str:
    """Return an exit code in words: by which signal, or by itself."""
    return f"signal {-code}" if code < 0 else f"itself ({code})"
