"""Clients that ask as fast as they are answered, and the times that they see."""

import os
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import cycle, repeat
from multiprocessing import get_context

from inkling.settings import DEMONSTRATION
from testing.client import Client

PROCESSES = 3  # that the load comes from: one alone would be the bottleneck


def predict_times(port: int, pictures: Sequence[str], count: int) -> list[float]:
    """Seconds that each of `count` answers to POST /predict took, one after another."""
    client, times = Client(port), []
    for _, picture in zip(range(count), cycle(pictures), strict=False):
        start = time.perf_counter()
        client.post("/predict", {"imageBase64": picture})
        times.append(time.perf_counter() - start)
    return times


def classify_times(port: int, net: str, pictures: Sequence[str], count: int) -> list[float]:
    """Seconds that each of `count` answers to POST /<net>/classify took, one after another."""
    client, times = Client(port, *DEMONSTRATION), []
    images = [picture.partition(",")[2] for picture in pictures]
    for _, image in zip(range(count), cycle(images), strict=False):
        start = time.perf_counter()
        client.post(f"/{net}/classify", {"image": image})
        times.append(time.perf_counter() - start)
    return times


def answers_a_second(
    port: int, pictures: Sequence[str], clients: int, count: int, cores: set[int]
) -> float:
    """How many answers a second `clients` get together, each asking `count` times.

    The load comes from processes on `cores`, away from the server's.
    """
    shares = [clients // PROCESSES + (n < clients % PROCESSES) for n in range(PROCESSES)]
    with ProcessPoolExecutor(
        PROCESSES, get_context("spawn"), initializer=os.sched_setaffinity, initargs=(0, cores)
    ) as pool:
        list(pool.map(_burst, repeat(port), repeat(pictures), shares, repeat(5)))  # warm up
        spans = list(pool.map(_burst, repeat(port), repeat(pictures), shares, repeat(count)))
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    return clients * count / (end - start)


def _burst(port: int, pictures: Sequence[str], clients: int, count: int) -> tuple[float, float]:
    """Start and end of `clients` threads asking `count` times each."""
    start = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(predict_times, port, pictures, count) for _ in range(clients)]:
            done.result()
    return start, time.monotonic()


def label_times(
    port: int, pictures: Sequence[str], count: int, pause: float
) -> tuple[list[float], list[float]]:
    """Seconds from a label to its receipt, and for how long after it an older version answered."""
    client, receipts, delays = Client(port), [], []
    for n, picture in zip(range(count), cycle(pictures), strict=False):
        fields = {"imageBase64": picture, "digit": n % 10, "key": str(uuid.uuid4())}
        start = time.perf_counter()
        said = client.post("/train", fields)
        received = time.perf_counter()
        if said["state"] != "trained":
            raise RuntimeError(f"The label was {said['state']}, not trained, within its wait.")
        receipts.append(received - start)
        delays.append(_older_version_served_for(port, picture, said["version"], received))
        time.sleep(pause)
    return receipts, delays


def _older_version_served_for(port: int, picture: str, version: int, since: float) -> float:
    """Seconds after `since` at which any worker last answered with an older version."""
    last = 0.0
    for _ in range(8):  # connections are spread over the workers
        asked = time.perf_counter()
        if Client(port).post("/predict", {"imageBase64": picture})["version"] < version:
            last = asked - since
    return last
