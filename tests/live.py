"""A live server on a folder of its own, for tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from settings import ROOT


class Server:
    """A real gunicorn with its trainer on a folder of its own."""

    def __init__(self, folder: Path, app: str = "main:create_app()", **environ: str) -> None:
        self.folder, self._app = folder, app
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environ = os.environ | {
            "INSTANCE_FOLDER": str(folder / "instance"),
            "TMP_FOLDER": str(folder / "tmp"),
            "PORT": str(self.port),
            **environ,
        }
        self._log = folder / "server.log"
        self.process: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        """Start the server in a process group of its own, and wait until it is ready."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", self._app],
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: self._answers() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def trainers(self) -> list[psutil.Process]:
        """Its trainer, or none while that is started again."""
        return [p for p in self._children() if "cli.py" in " ".join(p.cmdline())]

    def workers(self) -> list[psutil.Process]:
        """Its web workers."""
        return [p for p in self._children() if "gunicorn" in p.cmdline()]

    def _children(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [p for p in children if p.status() != psutil.STATUS_ZOMBIE]

    def log(self) -> str:
        return self._log.read_text()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until the condition holds; fail the test when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"Waited {seconds} s in vain."
        time.sleep(0.02)
