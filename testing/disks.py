"""Small disks of their own for tests: one that can be filled, one that fails as real ones do."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def _mounted(folder: Path, *words: str) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run("mount", *words, str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"A disk cannot be mounted here, which needs root: {error}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk in memory, mounted as long as the block."""
    with _mounted(folder, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs") as found:
        yield found


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Full to its last byte, as long as the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Not to be written to, as long as the block. No file of it may be open for writing."""
    run("mount", "-o", "remount,ro", str(disk))
    try:
        yield
    finally:
        run("mount", "-o", "remount,rw", str(disk))


class FailingDisk:
    """A file system that the kernel makes read-only after an error, as it does with a bad disk."""

    def __init__(self, folder: Path, image: Path, megabytes: int) -> None:
        self.folder, self._image = folder, image
        with image.open("wb") as file:
            file.truncate(megabytes * 2**20)
        run("mkfs.ext4", "-q", str(image))

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Checked, repaired and mounted as long as the block."""
        subprocess.run(["e2fsck", "-fy", str(self._image)], check=False, capture_output=True)
        options = ("-o", "loop,errors=remount-ro", str(self._image))
        with _mounted(self.folder, *options):
            yield

    def fail(self) -> None:
        """An error comes up: from now on nothing can be written."""
        device = Path(run("findmnt", "-no", "SOURCE", str(self.folder))).name
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("1")


TOOLS = ("mount", "mkfs.ext4", "e2fsck", "findmnt")
needs_disks = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, TOOLS)),
    reason="To mount a disk of its own, a test must be root and have mkfs.ext4.",
)
