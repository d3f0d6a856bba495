"""How far long work is: a bar on a terminal, a line now and then anywhere else."""

import sys
import time
from collections.abc import Callable
from typing import Any

import click

BAR_SECONDS, LINE_SECONDS = 0.1, 5.0  # between two news of what goes fast


class Progress:
    """A bar with a label on standard error, so that what a command prints stays clean.

    It is made at the first news. `to`, `now_and_then` and `counter` fit what long work calls back.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None
        self._told_at = time.monotonic()

    def to(self, done: int, of: int, note: str = "") -> None:
        """Tell that `done` of `of` are done; `note` is what there is to say of the last one."""
        self._told_at = time.monotonic()
        if not sys.stderr.isatty():
            click.echo(f"{self._label} {done}/{of}  {note}".rstrip(), err=True)
            return
        if self._bar is None:
            self._bar = click.progressbar(
                length=of, label=self._label, file=sys.stderr, item_show_func=lambda item: item
            )
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos, note)
        if done >= of:
            self._bar.__exit__(None, None, None)

    def now_and_then(self, done: int, of: int) -> None:
        """Tell the same of what goes fast: every few moments, and the end."""
        seconds = BAR_SECONDS if sys.stderr.isatty() else LINE_SECONDS
        if done >= of or time.monotonic() - self._told_at >= seconds:
            self.to(done, of)

    def counter(self, of: int) -> Callable[[int], None]:
        """Return a function that is told how many more of `of` are done."""
        done = 0

        def add(more: int) -> None:
            nonlocal done
            done += more
            self.now_and_then(done, of)

        return add
