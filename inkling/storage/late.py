"""A store behind a network that is opened at its first use.

boto3 takes a process 25 MB, and most web workers never ask the store: drawings and the newest
weights come to them by the journal.
"""

import threading
from collections.abc import Callable, Iterator

from inkling.storage.base import ObjectStore


class LateStore:
    """Does what the store does that it opens; safe for many threads if that is."""

    remote = True

    def __init__(self, open_store: Callable[[], ObjectStore]) -> None:
        self._open_store = open_store
        self._opening = threading.Lock()
        self._opened: ObjectStore | None = None

    def open(self) -> ObjectStore:
        """Return the store, opened once."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open_store()
            return self._opened

    def put(self, name: str, content: bytes) -> None:
        self.open().put(name, content)

    def create(self, name: str, content: bytes) -> bool:
        return self.open().create(name, content)

    def get(self, name: str) -> bytes:
        return self.open().get(name)

    def delete(self, name: str) -> None:
        self.open().delete(name)

    def names(self, prefix: str = "") -> Iterator[str]:
        yield from self.open().names(prefix)
