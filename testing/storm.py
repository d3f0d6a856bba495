"""A storm of labels: many clients that do not wait for receipts, on a live server."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from testing.client import Client, Unavailable
from testing.live import Server
from testing.visitors import picture

PATIENCE = 120  # seconds after the end of a storm; from then on a 503 is an error


CLIENTS, IN_FLIGHT = 16, 4  # of a storm; how many labels of a client are on their way at once


@dataclass
class Storm:
    """What came of a storm of labels: the answered ones, and the seconds that answers took."""

    answered: dict[str, int] = field(default_factory=dict)
    labels: list[float] = field(default_factory=list)
    predictions: list[float] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)  # keys answered 503 and sent again
    late: float = 0.0  # seconds that the last label was behind its time


def storm(server: Server, labels: int, seconds: float) -> Storm:
    """So many labels, evenly over so many seconds, from 16 clients; another one keeps predicting.

    A client does not wait for a receipt before it sends the next label. A label that is answered
    503, as where the disk is too slow for all of them, is sent again with the same key, which is
    what the page does. RuntimeError for any other answer that is none.
    """
    found, start, over = Storm(), time.monotonic(), threading.Event()

    connections = CLIENTS * IN_FLIGHT

    def label(first: int) -> None:
        connection = Client(server.port)
        for n in range(first, labels, connections):
            time.sleep(max(0, start + n * seconds / labels - time.monotonic()))
            key, asked = str(uuid.uuid4()), time.monotonic()
            fields = {"imageBase64": picture(n % 100), "digit": n % 10, "key": key}
            while not answered(connection, fields):
                found.repeated.append(key)
            found.labels.append(time.monotonic() - asked)
            found.answered[key] = n % 10

    def answered(connection: Client, fields: dict[str, Any]) -> bool:
        try:
            connection.post("/train", fields)
        except Unavailable:
            if time.monotonic() > start + seconds + PATIENCE:
                raise
            return False
        return True

    def predict() -> None:
        connection = Client(server.port)
        while not over.is_set():
            asked = time.monotonic()
            connection.post("/predict", {"imageBase64": picture(7)})
            found.predictions.append(time.monotonic() - asked)

    with ThreadPoolExecutor(connections + 1) as pool:
        predicting = pool.submit(predict)
        try:
            for done in [pool.submit(label, first) for first in range(connections)]:
                done.result()
        finally:
            over.set()
        predicting.result()
    found.late = time.monotonic() - start - seconds
    return found
