"""A real `python main.py` on a folder of its own, wherever it says that it listens."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
import pytest

from inkling.errors import InvalidInput
from inkling.settings import ROOT
from inkling.web.arguments import local_address
from testing.live import environment, wait_until

ADDRESS = re.compile(r"^  address +(https?://\S+):(\d+)$", re.MULTILINE)


def network_address() -> str:
    """This machine's address in its network; empty where it is in none."""
    try:
        return local_address()
    except InvalidInput:
        return ""


NETWORK = network_address()
needs_network = pytest.mark.skipif(not NETWORK, reason="this machine is in no network")


def has_ipv6() -> bool:
    """Whether this machine can listen on ::1."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


class Started:
    """A process in a group of its own, as a shell starts one on a terminal."""

    def __init__(
        self,
        folder: Path,
        words: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path = ROOT,
        main: Path = ROOT / "main.py",
    ) -> None:
        """Start it, and wait until it has said where it listens."""
        self.pem = folder / "instance" / "https.pem"
        self._log = folder / "main.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(main), *words],
                cwd=cwd,
                env=environment(folder) | {**environ},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: self._address() is not None or self.process.poll() is not None)
        found = self._address()
        assert found, self.log()
        self.port = int(found[2])
        self.url = f"{found[1]}:{self.port}"

    def _address(self) -> re.Match[str] | None:
        return ADDRESS.search(self.log())

    def log(self) -> str:
        return self._log.read_text()

    def all(self) -> list[psutil.Process]:
        """The process and all that it has started, as far as they run."""
        return [p for p in psutil.process_iter() if _runs_in(self.process.pid, p)]

    def workers(self) -> list[psutil.Process]:
        """Its web workers, where it is gunicorn."""
        return [p for p in psutil.Process(self.process.pid).children() if "gunicorn" in p.cmdline()]

    def trainers(self) -> list[int]:
        """The trainers among them, by number."""
        return [p.pid for p in self.all() if "trainer" in _words(p)]

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)

    def stop(self) -> None:
        """End it, and whatever of it is left."""
        self.process.terminate()
        self.process.wait(60)
        for process in self.all():
            process.kill()


def _runs_in(group: int, process: psutil.Process) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def _words(process: psutil.Process) -> list[str]:
    try:
        return [*process.cmdline()]
    except psutil.NoSuchProcess:  # it has ended meanwhile
        return []
