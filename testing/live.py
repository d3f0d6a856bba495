"""A live server and live trainers on a folder of their own, for tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from inkling.settings import ROOT


class Server:
    """A real gunicorn with its trainer on a folder of its own."""

    def __init__(
        self,
        folder: Path,
        app: str = "main:create_app()",
        awaited: str = "/readyz",
        **environ: str,
    ) -> None:
        """It is ready when the `awaited` page answers 200."""
        self.folder, self._app, self._awaited = folder, app, awaited
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environ = environment(folder) | {"PORT": str(self.port), **environ}
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
            with urllib.request.urlopen(f"{self.url}{self._awaited}", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def trainers(self) -> list[psutil.Process]:
        """Its trainer, or none while that is started again."""
        return [p for p in self._children() if "inkling" in p.cmdline()]

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
        self.process.wait(60)


class Worker:
    """A real dedicated trainer, as the Procfile's `worker` line starts it."""

    def __init__(self, folder: Path, name: str = "worker", **environ: str) -> None:
        self._environ = environment(folder) | environ
        self._log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        """Start it; returns at once."""
        with self._log.open("ab") as log:
            words = [sys.executable, "-m", "inkling", "trainer"]
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=self._environ, stdout=log, stderr=log
            )

    def log(self) -> str:
        return self._log.read_text()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def environment(folder: Path) -> dict[str, str]:
    """This process's own, with an Inkling's folders below this one, and one web worker.

    A worker takes over a second of a core to start: who needs two asks for them.
    """
    folders = {"INSTANCE_FOLDER": folder / "instance", "TMP_FOLDER": folder / "tmp"}
    own = {name: str(path) for name, path in folders.items()}
    return os.environ | {"WEB_CONCURRENCY": "1"} | own


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until the condition holds; fail the test when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"Waited {seconds} s in vain."
        time.sleep(0.02)
