"""The refresher: keeps a web worker at the newest version, so that no request waits for that.

A thread of each web worker. It also tells those who wait for a receipt when to look.
"""

import logging
import threading

from inkling.coordination.coordination import Notifier
from inkling.serving.recognizer import Recognizer

POLL_SECONDS = 0.5  # between two looks at the journal when nobody notifies
RETRY_SECONDS = 1.0  # after a version that could not be had

log = logging.getLogger("inkling.refresher")


class Refresher:
    """Refreshes a recognizer whenever there may be a newer version."""

    def __init__(self, recognizer: Recognizer, notifier: Notifier) -> None:
        self._recognizer, self._notifier = recognizer, notifier
        self._news = threading.Condition()
        self._waiting = 0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="refresher", daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        while not self._closed.is_set():
            self._notifier.wait(self._notifier.hurried if self._waiting else POLL_SECONDS)
            try:
                followed = self._recognizer.refresh()
            except Exception:
                log.exception("The newest version was not taken up; trying again.")
                followed = False
            with self._news:
                self._news.notify_all()
            if not followed:
                self._closed.wait(RETRY_SECONDS)

    def wait_for_news(self, seconds: float) -> None:
        """Wait until something may have been learned, `seconds` at the most."""
        with self._news:
            self._waiting += 1
            self._news.wait(seconds)
            self._waiting -= 1

    def close(self) -> None:
        """Follow no more."""
        self._closed.set()
        self._thread.join()
        self._notifier.close()
