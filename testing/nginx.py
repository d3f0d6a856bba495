"""The proxy of compose.yaml: a real nginx with nginx.conf, and a name server of its own to ask."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inkling.settings import ROOT
from testing.live import free_port, wait_until

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

# Continuous integration has nginx: there, a test fails where it is missing.
needs_nginx = pytest.mark.skipif(
    NGINX is None and not os.environ.get("CI"),
    reason="nginx is not installed (on Debian: apt-get install nginx-light).",
)

# What the image's own configuration says around nginx.conf, for a user that is not root.
AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/nginx.conf;
}}
"""


class Names:
    """A name server that gives every name the address that it is told; none where it is ''."""

    def __init__(self) -> None:
        self.address = ""
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                asked, client = self._socket.recvfrom(512)
            except OSError:
                return  # closed
            self._socket.sendto(self._answer(asked), client)

    def _answer(self, asked: bytes) -> bytes:
        """RFC 1035, 4.1: the header, the question as it came, and one address, if there is one."""
        question = asked[12 : asked.index(0, 12) + 5]
        if not self.address:
            return asked[:2] + b"\x81\x83" + b"\0\1\0\0\0\0\0\0" + question  # no such name
        record = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(self.address)  # for 1 s
        return asked[:2] + b"\x81\x80" + b"\0\1\0\1\0\0\0\0" + question + record

    def close(self) -> None:
        self._socket.close()


class Proxy:
    """A running nginx; `names` says where it finds web, which listens on `web_port`."""

    def __init__(self, folder: Path, names: Names, web_port: int) -> None:
        self.folder, self.port, self.names = folder, free_port(), names
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "nginx.conf").write_text(self._config(web_port))
        (folder / "main.conf").write_text(AROUND.format(folder=folder))
        assert NGINX, "nginx is not installed."
        line = [NGINX, "-p", str(folder), "-c", str(folder / "main.conf"), "-e", "stderr"]
        self.process = subprocess.Popen(line, stderr=subprocess.DEVNULL)
        wait_until(lambda: self._listens() or self.process.poll() is not None)
        assert self.process.poll() is None, (folder / "error.log").read_text()

    def _config(self, web_port: int) -> str:
        """The project's nginx.conf, on ports of the test's own."""
        text = (ROOT / "nginx.conf").read_text()
        for ours, theirs in {
            "listen 8080;": f"listen 127.0.0.1:{self.port};",
            "web:5000;": f"web:{web_port};",
            "resolver 127.0.0.11 valid=5s": f"resolver 127.0.0.1:{self.names.port} valid=1s",
        }.items():
            assert text.count(ours) == 1, ours
            text = text.replace(ours, theirs)
        return text

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def proxy(web_port: int) -> Iterator[Proxy]:
    """An nginx that lives as long as the block."""
    names = Names()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # as root, its workers are another user
        found = Proxy(Path(folder), names, web_port)
        try:
            yield found
        finally:
            found.process.terminate()
            found.process.wait(60)
            names.close()
