"""The bell: web workers ring it when a row was committed, so that the trainer need not poll.

A bell and no more: the journal is the truth, and the trainer looks there by itself now and then,
so a lost ring costs half a second and never a label.
"""

import os
import select
from pathlib import Path


class Bell:
    """A named pipe. Every process on the machine may ring; the one trainer listens."""

    hurried = 0.5

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.mkfifo(path)
        except FileExistsError:
            pass
        self._path = path
        self._listening: int | None = None

    def ring(self) -> None:
        """Wake the trainer, if one listens; never waits."""
        try:
            pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return  # nobody listens: the trainer will find the row when it starts
        try:
            os.write(pipe, b"!")
        except (BlockingIOError, BrokenPipeError):
            pass  # rung thousands of times already, or the trainer has just gone
        finally:
            os.close(pipe)

    def wait(self, seconds: float) -> bool:
        """Wait until it rings, `seconds` at the most; whether it rang."""
        if self._listening is None:
            # Opened for both, so that the pipe never ends when the last ringer closes it.
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
