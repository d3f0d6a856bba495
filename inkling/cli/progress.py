"""How far long work is: a bar on a terminal, a line now and then anywhere else."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from inkling.pretraining.network_training import Progress as Now

BAR_SECONDS, LINE_SECONDS = 0.1, 5.0  # between two news of what goes fast
BAR_WIDTH = 20  # columns of a training's bar


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


class TrainingProgress:
    """How far a training is: a bar for each epoch on a terminal, a line for each anywhere else."""

    def __init__(self) -> None:
        self._told_at = 0.0
        self._seconds_a_step = 0.0

    def tell(self, now: "Now") -> None:
        """Tell where the training is, within an epoch or at its end."""
        words = f"loss {now.loss:.4f}  accuracy {now.accuracy:.2%}"
        if now.batches:
            self._seconds_a_step = now.seconds_a_step
            if sys.stderr.isatty() and time.monotonic() - self._told_at >= BAR_SECONDS:
                self._told_at = time.monotonic()
                self._show_bar(now, words)
            return
        if now.history.val_loss:
            words += f"  val_loss {now.history.val_loss[-1]:.4f}"
            words += f"  val_accuracy {now.history.val_accuracy[-1]:.2%}"
        line = self._head(now.epoch, now.epochs) + words
        if sys.stderr.isatty():  # in the place of the bar
            line = f"\r{line:{shutil.get_terminal_size().columns - 1}}"
        click.echo(line, err=True)

    def _head(self, epoch: int, epochs: int) -> str:
        return f"Epoch {epoch}/{epochs}  {1000 * self._seconds_a_step:.0f} ms a step  "

    def _show_bar(self, now: "Now", words: str) -> None:
        """Show a bar as wide as the terminal leaves room for, instead of the one before."""
        columns = shutil.get_terminal_size().columns - 1
        head, steps = self._head(now.epoch + 1, now.epochs), f" {now.batch}/{now.batches}  "
        width = max(0, min(BAR_WIDTH, columns - len(head + steps + words) - 2))
        full = width * now.batch // now.batches
        line = f"{head}[{'#' * full}{'-' * (width - full)}]{steps}{words}"
        click.echo(f"\r{line[:columns]:{columns}}", nl=False, err=True)
