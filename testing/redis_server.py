"""A throwaway Redis on a port of its own, which a test can kill and start again."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from testing.live import free_port, wait_until

REDIS = shutil.which("redis-server")

# Continuous integration has Redis: there, a test fails where it is missing.
needs_redis = pytest.mark.skipif(
    REDIS is None and not os.environ.get("CI"),
    reason="redis-server is not installed (on Debian: apt-get install redis-server).",
)


class Redis:
    """A real server that keeps nothing on disk."""

    def __init__(self, password: str = "") -> None:
        self.port, self._password = free_port(), password
        self.start()

    @property
    def url(self) -> str:
        secret = f":{self._password}@" if self._password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        assert REDIS, "redis-server is not installed."
        words = [REDIS, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        if self._password:
            words += ["--requirepass", self._password]
        self.process = subprocess.Popen(words, cwd="/", stdout=subprocess.DEVNULL)
        wait_until(self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait()


@contextmanager
def redis(password: str = "") -> Iterator[Redis]:
    """A Redis that lives as long as the block."""
    server = Redis(password)
    try:
        yield server
    finally:
        server.kill()
