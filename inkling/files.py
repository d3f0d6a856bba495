"""Files that are written whole or not at all: the one place that does it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from inkling.errors import InvalidInput

PART = ".part"  # how the names of half-written files end


@contextmanager
def whole_file(
    path: Path, *, wait: bool = False, lasting: bool = True, private: bool = False
) -> Iterator[IO[bytes]]:
    """Give a file to write, which gets its name when the block ends without an error.

    Until then it is `<path>.part`, and what has the name already stays as it is. What a killed
    process left there is overwritten. wait: wait for another process that is writing it, instead
    of refusing. lasting: it outlives a power cut once the block has ended, which takes some
    milliseconds. private: only its owner may read it.

    Raises InvalidInput where another process is writing it, OSError where it cannot be written.
    """
    part = path.with_name(path.name + PART)
    with _own(part, wait, 0o600 if private else 0o666) as file:
        try:
            yield file
            file.flush()
            if lasting:
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    if lasting:
        sync_folder(path.parent)


def write_whole(path: Path, content: bytes | str, *, lasting: bool = True) -> None:
    """Write a file whole or not at all, a text as UTF-8; make its folder where it is missing.

    Raises as `whole_file` does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, lasting=lasting) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _own(part: Path, wait: bool, mode: int) -> IO[bytes]:
    """Open the half-written file and return it, empty and locked."""
    while True:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
        file = os.fdopen(descriptor, "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever had it may have finished since it was opened: then it has its name already.
            if _is_at(file, part):
                file.truncate()
                return file
        except BlockingIOError:
            file.close()
            raise InvalidInput(
                f"{part} is being written by another process.",
                "Wait for it, or name another file.",
            ) from None
        file.close()


def _is_at(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
