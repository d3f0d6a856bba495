"""What many ask for at once is read once."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Fresh(Generic[Found]):
    """What was read lately, for all threads of a process; read anew when it is older than that."""

    def __init__(self, read: Callable[[], Found], seconds: float = 1.0) -> None:
        self._read, self._seconds = read, seconds
        self._lock = threading.Lock()
        self._found: tuple[float, Found] | None = None

    def get(self) -> Found:
        """Return what is there now, or was so many seconds ago at most."""
        with self._lock:
            now = time.monotonic()
            if self._found is None or now - self._found[0] >= self._seconds:
                self._found = now, self._read()
            return self._found[1]
