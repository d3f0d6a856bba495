"""Visitors who draw and label, and who ask again with the same key until they are answered."""

import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from functions import to_data_url
from testing.pen import draw

PATIENCE = 120  # seconds after which a visitor gives up, and the test with them
Said = dict[str, Any]


@cache
def picture(n: int) -> str:
    """The n-th drawing, of the digit n % 10; a hundred differ."""
    return to_data_url(draw(n % 10, width=10 + n % 17, size=100 + n % 90))


def ask(url: str, fields: Said | None = None, timeout: float = 60) -> tuple[int, Said]:
    """Status and JSON of an answer; OSError or ValueError where there is none."""
    body = None if fields is None else json.dumps(fields).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@dataclass
class Visitors:
    """All who label at one address, and what they were told."""

    url: str
    answered: dict[str, int] = field(default_factory=dict)  # the label by the drawing's id
    receipts: dict[str, Said] = field(default_factory=dict)  # of those that were learned at once
    refused: list[tuple[int, Said]] = field(default_factory=list)  # answers that were none
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def label(self, key: str | None = None) -> bool:
        """Label a drawing once; whether it was answered. OSError or ValueError: nobody was there.

        No answer but 200, 503 and 507 is right, whatever is wrong.
        """
        with self._lock:
            n = self._count = self._count + 1
        return self._post(n % 100, key or str(uuid.uuid4()))

    def label_until_answered(self) -> None:
        """What the page does when the server is away: the same label again, with the same key."""
        with self._lock:
            n = self._count = self._count + 1
        key, deadline = str(uuid.uuid4()), time.monotonic() + PATIENCE
        while True:
            try:
                if self._post(n % 100, key):
                    return
            except (OSError, ValueError):
                pass  # killed, restarted, on its way: that is what this is about
            assert time.monotonic() < deadline, "A label found no answer."
            time.sleep(0.05)

    def _post(self, n: int, key: str) -> bool:
        fields = {"imageBase64": picture(n), "digit": n % 10, "key": key}
        status, said = ask(f"{self.url}/train", fields)
        with self._lock:
            if status != 200:
                assert status in (503, 507), said
                self.refused.append((status, said))
                return False
            assert said["drawing"] == key
            self.answered[key] = n % 10
            if said["state"] == "trained":
                self.receipts[key] = said
        return True

    def predict(self) -> Said:
        """What the app says of a drawing; an answer other than 200 fails the test."""
        status, said = ask(f"{self.url}/predict", {"imageBase64": picture(7)})
        assert status == 200, said
        return said

    @contextmanager
    def labelling(self, count: int, clients: int, mend: Callable[[], None]) -> Iterator[None]:
        """So many labels arrive meanwhile; at the block's end each of them was answered.

        What has ended by then is started again by `mend`.
        """
        with ThreadPoolExecutor(clients) as pool:
            sent = [pool.submit(self.label_until_answered) for _ in range(count)]
            yield
            while not all(one.done() for one in sent):
                mend()
                time.sleep(0.02)
            for one in sent:
                one.result()
