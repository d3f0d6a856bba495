"""How far long work is: a bar on a terminal, a line now and then anywhere else."""

import sys
from typing import Any

import click

TOLD = 100  # of what goes fast: so many between two lines


class Progress:
    """A bar with a label, made at the first news; `to(done, of, note)` moves it on.

    It goes to standard error, so that what a command prints stays clean.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    def now_and_then(self, done: int, of: int) -> None:
        """The same for what goes fast: every hundredth, and the end."""
        if done % TOLD == 0 or done == of:
            self.to(done, of)

    def to(self, done: int, of: int, note: str = "") -> None:
        """`done` of `of` are done; `note` says what there is to say of the last one."""
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
