"""A real S3 server of another make than moto: Ceph, whose parts a test freezes, kills and starts.

One monitor, one disk (a file) and one gateway, in a folder and on ports of their own, as the user
that runs the tests. Nothing is kept twice, and nothing is left behind.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from testing.live import free_port, wait_until
from testing.s3_server import KEY, SECRET, TEST_KEYS, make_bucket

MONITOR, DISK, GATEWAY = "ceph-mon", "ceph-osd", "radosgw"
PARTS = (MONITOR, DISK, GATEWAY)  # in the order in which they start
PATIENCE = 180  # seconds for a command; pools are made when the gateway first starts

needs_ceph = pytest.mark.skipif(
    any(shutil.which(part) is None for part in PARTS),
    reason="Ceph is not installed (on Debian, as root: "
    f"apt-get install --no-install-recommends {' '.join(PARTS)}).",
)

CONFIG = """
[global]
fsid = {fsid}
mon host = {monitor}
keyring = {folder}/keyring
run dir = {folder}
log file = {folder}/$name.log
pid file =
public addr = 127.0.0.1
ms bind msgr1 = false
# One disk, and each object on it once: by itself Ceph would wait for two more.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd crush chooseleaf type = 0
mon allow pool size one = true
[mon]
admin socket =
mon data = {folder}/mon
# By itself it ends where less than a twentieth of the disk is free.
mon data avail crit = 1
[osd]
admin socket =
osd data = {folder}/osd
osd memory target = 939524096
bluestore block size = 2147483648
[client]
admin socket =
rgw data = {folder}
rgw frontends = beast endpoint={address}
"""
EVERYTHING = ("--cap", "mon", "allow *", "--cap", "osd", "allow *")


class Ceph:
    """A bucket on a Ceph of its own; settings and names are those of `FaultyS3`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._config = folder, folder / "ceph.conf"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.upstream = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.upstream}"
        self.bucket = ""

    def open(self) -> None:
        """Make and start all of it, and a bucket for the tests' own keys."""
        self._make_cluster()
        self.start(GATEWAY)
        keys = f"--access-key={KEY}", f"--secret-key={SECRET}"
        self._run("radosgw-admin", "user", "create", "--uid=tests", "--display-name=Tests", *keys)
        self.bucket = make_bucket(self.url)

    @property
    def environ(self) -> dict[str, str]:
        """The settings, and boto3's own, with which a process uses this bucket."""
        return TEST_KEYS | {"S3_BUCKET": self.bucket, "S3_ENDPOINT_URL": self.url}

    def _make_cluster(self) -> None:
        """Write configuration and keys, make the monitor's and the disk's files, start both."""
        fsid, monitor = str(uuid.uuid4()), f"[v2:127.0.0.1:{free_port()}]"
        self._config.write_text(
            CONFIG.format(fsid=fsid, monitor=monitor, folder=self._folder, address=self.upstream)
        )
        keyring, monmap = str(self._folder / "keyring"), str(self._folder / "monmap")
        self._run("ceph-authtool", keyring, "--create-keyring")
        for name in ("mon.", "osd.0", "client.admin"):
            self._run("ceph-authtool", keyring, "--gen-key", "-n", name, *EVERYTHING)
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", monitor, monmap)
        self._run(MONITOR, "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
        self.start(MONITOR)
        self._run("ceph", "osd", "new", fsid)  # the disk's name may be the cluster's: it is alone
        (self._folder / "osd").mkdir()
        self._run(DISK, "-i", "0", "--mkfs", "--osd-uuid", fsid)
        self.start(DISK)

    def _run(self, command: str, *words: str) -> None:
        line = [command, "-c", str(self._config), *words]
        done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, *parts: str) -> None:
        """Start these parts; once this returns, the gateway answers if it is among them."""
        names = {MONITOR: ("-i", "a"), DISK: ("-i", "0"), GATEWAY: ("-n", "client.admin")}
        for part in parts:
            with (self._folder / f"{part}.out").open("ab") as out:
                line = [part, "-c", str(self._config), *names[part], "--foreground"]
                self._processes[part] = subprocess.Popen(line, stdout=out, stderr=out)
        if GATEWAY in parts:
            wait_until(self._answers, PATIENCE)

    def _answers(self) -> bool:
        assert self._processes[GATEWAY].poll() is None, (self._folder / "radosgw.out").read_text()
        try:
            with urllib.request.urlopen(self.url, timeout=10):
                return True
        except OSError:
            return False

    def freeze(self, *parts: str) -> None:
        """They keep their connections and do nothing more."""
        self._send(signal.SIGSTOP, parts)

    def thaw(self, *parts: str) -> None:
        self._send(signal.SIGCONT, parts)

    def kill(self, *parts: str) -> None:
        """End them all at once, as a power cut does."""
        self._send(signal.SIGKILL, parts)
        for part in parts:
            self._processes[part].wait()

    def _send(self, number: signal.Signals, parts: tuple[str, ...]) -> None:
        for part in parts:
            os.kill(self._processes[part].pid, number)

    def close(self) -> None:
        """End what runs; its folder is thrown away."""
        self.kill(*(part for part, process in self._processes.items() if process.poll() is None))


@contextmanager
def ceph() -> Iterator[Ceph]:
    """A bucket on a Ceph that lives as long as the block."""
    with tempfile.TemporaryDirectory() as folder:  # short: sockets' names have few letters
        found = Ceph(Path(folder))
        try:
            found.open()
            yield found
        finally:
            found.close()
