"""A lock on a file: one process holds it, and it dies with that process, however it dies."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An advisory lock on a file, which the kernel lets go when its holder ends."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file: int | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody holds it; whether this process has it now."""
        if self._file is None:
            self._file = self._open_locked(fcntl.LOCK_EX)
        return self._file is not None

    def is_mine(self) -> bool:
        """Whether this process holds the lock."""
        return self._file is not None

    def release(self) -> None:
        """Let the lock go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def is_held(self) -> bool:
        """Whether any process holds the lock now."""
        file = self._open_locked(fcntl.LOCK_SH)
        if file is None:
            return True
        os.close(file)
        return False

    def _open_locked(self, kind: int) -> int | None:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return file
