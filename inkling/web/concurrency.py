"""A limit on concurrency: what takes much memory is done one at a time, and few wait for it."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from inkling.errors import Unavailable
from inkling.web.languages import SAY


class Overloaded(Unavailable):
    """Others come first, and too many of them. `retry_after`: seconds until it may be otherwise."""

    def __init__(self, message: str, remedy: str, retry_after: int) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after


class ConcurrencyLimit:
    """Lets one request at a time through in this process."""

    def __init__(self, seconds: float, waiting: int) -> None:
        """Let at most `waiting` requests wait, each for `seconds` at most; refuse the others."""
        self._seconds = seconds
        self._seats = threading.BoundedSemaphore(waiting + 1)
        self._turn = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Give this request its turn. Raises Overloaded where it does not come in time."""
        if not self._seats.acquire(blocking=False):
            raise self._refusal()
        try:
            if not self._turn.acquire(timeout=self._seconds):
                raise self._refusal()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._seats.release()

    def _refusal(self) -> Overloaded:
        return Overloaded(
            SAY.text("Too many large pictures come at once."),
            SAY.text("Wait a moment, or send a smaller one."),
            retry_after=math.ceil(self._seconds),
        )
