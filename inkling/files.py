"""Files that are written whole or not at all, and folders that are their owner's alone."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from inkling.errors import InvalidInput

PART = ".part"  # how the names of half-written files end
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@contextmanager
def whole_file(
    path: Path, *, wait: bool = False, lasting: bool = True, private: bool = False
) -> Iterator[IO[bytes]]:
    """Give a file to write, which gets its name when the block ends without an error.

    Until then it is `<path>.part`, and what has the name already stays as it is. What a killed
    process left there is overwritten. wait: wait for another process that is writing it, instead
    of refusing. lasting: it outlives a power cut once the block has ended, which takes some
    milliseconds. private: only its owner may read it.

    Raises InvalidInput where another process is writing it, where its folder is missing and where
    something has the name that is no regular file: a device would be replaced. Raises OSError where
    it cannot be written.
    """
    path = _target(path)
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


def _target(path: Path) -> Path:
    """Return where a file is to be written, links followed. Raises InvalidInput as told above."""
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder.", "Name a file in it.")
    if path.exists() and not path.is_file():
        raise InvalidInput(f"{path} is no regular file.", "Name another: it would be replaced.")
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise InvalidInput(
            f"There is no folder {target.parent}.", "Make it, or name a file elsewhere."
        )
    return target


def own_folder(folder: Path) -> None:
    """Make a folder that is for this user alone; those above it as folders are made.

    One that is there, is this user's and lets others in is closed to them with all in it that is
    this user's. Another user's stays as it is, and so does one for everybody's files, such as /tmp.

    Raises InvalidInput where it cannot be made.
    """
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        raise InvalidInput(
            f"The folder {folder} cannot be made ({error.strerror}).",
            "Allow it, or name another: INSTANCE_FOLDER, TMP_FOLDER.",
        ) from error
    ours = status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX
    if ours and status.st_mode & OTHERS:
        for within, folders, files in os.walk(folder, topdown=False):
            for name in (*files, *folders):
                _close(Path(within, name))
        _close(folder)  # last: where this is stopped before, the next start goes on


def _close(path: Path) -> None:
    """Take others' rights from a file or folder that is this user's, if it is still there."""
    try:
        status = path.lstat()
        if status.st_uid == os.geteuid() and not stat.S_ISLNK(status.st_mode):
            path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
    except FileNotFoundError:
        pass  # objects come and go


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for this user alone."""
    if not folder.parent.is_dir():
        make_private(folder.parent)
    folder.mkdir(0o700, exist_ok=True)


def open_private(path: Path) -> IO[bytes]:
    """Open a file to write, empty; where it is new, it is for this user alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def create_private(path: Path) -> None:
    """Make an empty file for this user alone, for a library that would make one for everybody.

    One that is there is not even opened: to close it again would end the locks of SQLite. Where it
    cannot be made, the library tells better why.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        pass


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
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, mode)
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
