"""How a web worker starts: what keeps the app from it is told once, in one line."""

import os
import sys
import time

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from inkling.errors import InklingError

# Every worker fails the same way: who gets the byte tells it. Made before they are forked.
_turn, _given = os.pipe()
os.write(_given, b"1")
os.set_blocking(_turn, False)


class BootingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker of gunicorn's that is refused, where it is, in one line."""

    def load_wsgi(self) -> None:
        """Make the app. What Inkling refuses, and what disks fail to do, is told in one line."""
        try:
            super().load_wsgi()
        except (InklingError, OSError) as error:
            if _is_first():
                print(f"Error: {error}".partition("\n")[0], file=sys.stderr, flush=True)
                sys.exit(Arbiter.WORKER_BOOT_ERROR)  # and the master ends too
            while self.alive and os.getppid() == self.ppid:
                time.sleep(0.1)  # a second worker that ends so would give the master a traceback
            sys.exit()


def _is_first() -> bool:
    try:
        return bool(os.read(_turn, 1))
    except BlockingIOError:
        return False
