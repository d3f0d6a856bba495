"""Locks and notifications between the processes of one machine: locked files, a named pipe.

A notification only saves time: the journal is the truth, and who waits looks there by itself now
and then, so a lost notification costs half a second and never a label.
"""

import fcntl
import os
import select
import time
from pathlib import Path

from inkling.files import own_folder

POLL_SECONDS = 0.04  # between two looks at the journal for a new version, on one machine


class PipeNotifier:
    """A named pipe. Every process on the machine may notify; the one trainer listens."""

    hurried = 0.5

    def __init__(self, path: Path) -> None:
        own_folder(path.parent)
        try:
            os.mkfifo(path, 0o600)
        except FileExistsError:
            pass
        self._path = path
        self._listening: int | None = None

    def notify(self) -> None:
        """Wake the trainer, if one listens; never wait."""
        try:
            pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return  # nobody listens: the trainer will find the row when it starts
        try:
            os.write(pipe, b"!")
        except (BlockingIOError, BrokenPipeError):
            pass  # notified thousands of times already, or the trainer has just gone
        finally:
            os.close(pipe)

    def wait(self, seconds: float) -> bool:
        """Wait for a notification, `seconds` at the most; return whether one came."""
        if self._listening is None:
            # Opened for both, so that the pipe never ends when the last writer closes it.
            self._listening = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        if not select.select([self._listening], [], [], seconds)[0]:
            return False
        os.read(self._listening, 65536)
        return True

    def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            os.close(self._listening)
            self._listening = None


class Polling:
    """In the place of a notifier where a look at the journal costs next to nothing: SQLite."""

    hurried = 0.01

    def notify(self) -> None:
        """Do nothing: who waits looks at the journal anyway."""

    def wait(self, seconds: float) -> bool:
        """Wait until it is time for the next look; return False, as no notification comes."""
        time.sleep(min(seconds, POLL_SECONDS))
        return False

    def close(self) -> None:
        """Do nothing: nothing is open."""


class FileLock:
    """An advisory lock on a file, which the kernel lets go when its holder ends."""

    def __init__(self, path: Path) -> None:
        own_folder(path.parent)
        self._path, self._ready_path = path, path.with_suffix(".ready")
        self._file: int | None = None
        self._ready: int | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody holds it; return whether this process has it now."""
        if self._file is None:
            self._file = _open_locked(self._path, fcntl.LOCK_EX)
        return self._file is not None

    def is_mine(self) -> bool:
        """Whether this process holds the lock."""
        return self._file is not None

    def release(self) -> None:
        """Let the lock go."""
        self.retract()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def is_held(self) -> bool:
        """Whether any process holds the lock now."""
        return _is_locked(self._path)

    def announce(self) -> None:
        """Tell others that this process, which holds the lock, is ready."""
        if self._ready is None:
            self._ready = os.open(self._ready_path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._ready, fcntl.LOCK_EX)  # waits for those who are just looking

    def retract(self) -> None:
        """Take back what was announced."""
        if self._ready is not None:
            os.close(self._ready)
            self._ready = None

    def is_announced(self) -> bool:
        """Whether a process holds the lock and is ready."""
        return _is_locked(self._ready_path)


def _is_locked(path: Path) -> bool:
    file = _open_locked(path, fcntl.LOCK_SH)
    if file is None:
        return True
    os.close(file)
    return False


def _open_locked(path: Path, kind: int) -> int | None:
    """Return the file, open and locked; None where another process has it locked."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file
