"""The refresher: keeps a web worker at the newest version, so that no request waits for that.

A thread of each web worker. It also tells those who wait for a receipt when to look, and takes up
the networks that were trained, imported or removed.
"""

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from inkling.coordination.coordination import Notifier
from inkling.journal.database import JournalUnavailable
from inkling.serving.networks import Networks
from inkling.serving.recognizer import Recognizer

POLL_SECONDS = 0.5  # between two looks at the journal when nobody notifies
RETRY_SECONDS = 1.0  # after a version that could not be had

log = logging.getLogger("inkling.refresher")


class Refresher:
    """Refreshes a recognizer whenever there may be a newer version."""

    def __init__(
        self, recognizer: Recognizer, notifier: Notifier, networks: Networks | None = None
    ) -> None:
        self._recognizer, self._notifier, self._networks = recognizer, notifier, networks
        self._next_networks = -math.inf
        self.trouble = recognizer.trouble  # why the newest version is not served; empty: it is
        self._news = threading.Condition()
        self._waiting = 0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="refresher", daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        while not self._closed.is_set():
            self._notifier.wait(self._notifier.hurried if self._waiting else POLL_SECONDS)
            self.trouble = self._refresh()
            self._refresh_networks()
            with self._news:
                self._news.notify_all()
            if self.trouble:
                self._closed.wait(RETRY_SECONDS)

    def _refresh(self) -> str:
        """Take the newest version up; return why it cannot be had, or '' where it was."""
        try:
            self._recognizer.refresh()
            return self._recognizer.trouble
        except Exception as error:
            log.exception("The newest version was not taken up; trying again.")
            return repr(error)

    def _refresh_networks(self) -> None:
        """Take up other networks, twice a second at most; those that are known answer meanwhile."""
        if self._networks is None or time.monotonic() < self._next_networks:
            return
        self._next_networks = time.monotonic() + POLL_SECONDS
        try:
            self._networks.refresh()
        except JournalUnavailable:
            pass  # the recognizer's refresh tells that
        except Exception:
            log.exception("The networks were not looked at; trying again.")
            self._next_networks += RETRY_SECONDS

    def wait_for_news(self, seconds: float) -> None:
        """Wait until something may have been learned, `seconds` at the most."""
        with self._hurrying():
            self._news.wait(seconds)

    def wait_for_version(self, version: int, seconds: float) -> bool:
        """Wait until this version or a newer one is served; return whether it is in time.

        Wait `seconds` at the most. The waiting thread loads nothing: the refresher's own does.
        """
        with self._hurrying():
            return self._news.wait_for(lambda: self._recognizer.version >= version, seconds)

    @contextmanager
    def _hurrying(self) -> Iterator[None]:
        """Hold the news' lock and note that somebody waits: the journal is read more often then."""
        with self._news:
            self._waiting += 1
            try:
                yield
            finally:
                self._waiting -= 1

    def close(self) -> None:
        """Stop following the journal."""
        self._closed.set()
        self._thread.join()
        self._notifier.close()
