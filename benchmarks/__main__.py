"""`make bench`: measure every figure of docs/benchmarks.md in one run and write it there."""

import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks import load
from functions import to_data_url
from inkling.data.rendering import render_strokes
from inkling.settings import ROOT
from testing.live import Server, wait_until
from testing.pen import STROKES

REPORT = ROOT / "docs" / "benchmarks.md"
KERAS = "benchmarks.keras_app:create_app()"
STARTS, PREDICTS, LABELS, CLIENTS = 5, 2000, 200, 16
PAUSE = 0.05  # seconds between labels, so that the trainer is idle

PICTURES = [  # the n-th is of the digit n % 10
    to_data_url(render_strokes(STROKES[digit], width=width, size=size))
    for width, size in ((8, 120), (20, 200), (30, 240))
    for digit in range(10)
]


@dataclass
class Row:
    """A line of the table: what, the limit, what was measured, and whether that is within it."""

    what: str
    limit: str
    measured: str
    met: bool | None = None

    def __str__(self) -> str:
        verdict = {True: "yes", False: "**no**", None: "–"}[self.met]
        return f"| {self.what} | {self.limit} | {self.measured} | {verdict} |"


@contextmanager
def served(app: str = "main:create_app()", **environ: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), app, **environ)
        try:
            yield server
        finally:
            server.stop()


def memory(server: Server) -> float:
    """Resident memory of the heaviest web worker, in MB."""
    return max(p.memory_info().rss for p in server.workers()) / 2**20


def has_tensorflow(server: Server) -> bool:
    """Whether TensorFlow's libraries are mapped into any web worker."""
    return any("/tensorflow/" in m.path for p in server.workers() for m in p.memory_maps())


def seconds_to_first_answer(app: str) -> float:
    """From nothing to an answer of POST /predict, the median of some starts."""
    times = []
    for _ in range(STARTS):
        start = time.perf_counter()
        with served(app, WEB_CONCURRENCY="1", TRAINER="separate") as server:
            load.predict_times(server.port, PICTURES, 1)
            times.append(time.perf_counter() - start)
    return float(np.median(times))


def percentiles(times: list[float]) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    p50, p99 = np.percentile(times, (50, 99)) * 1000
    return float(p50), float(p99)


def per_core(app: str, count: int) -> float:
    """Answers a second that 16 clients get from one worker on one core."""
    first, *others = sorted(os.sched_getaffinity(0))
    with served(app, WEB_CONCURRENCY="1", TRAINER="separate") as server:
        for worker in server.workers():
            for thread in worker.threads():
                os.sched_setaffinity(thread.id, {first})
        return load.answers_a_second(server.port, PICTURES, CLIENTS, count, set(others) or {first})


def web_worker() -> list[Row]:
    start = seconds_to_first_answer("main:create_app()")
    with served() as server:
        wait_until(lambda: "The trainer is ready" in server.log())
        p50, p99 = percentiles(load.predict_times(server.port, PICTURES, PREDICTS)[50:])
        receipts, delays = load.label_times(server.port, PICTURES, LABELS, PAUSE)
        lenet50, lenet99 = percentiles(
            load.classify_times(server.port, "lenet", PICTURES, 500)[50:]
        )
        load.classify_times(server.port, "bn-cnn", PICTURES, 50)
        heavy, tensorflow = memory(server), has_tensorflow(server)
    label50, label99 = percentiles(receipts[5:])
    late = max(delays) * 1000
    rate = per_core("main:create_app()", 100)
    return [
        Row("web worker: TensorFlow imported", "no", "yes" if tensorflow else "no", not tensorflow),
        Row("web worker: start to first answer", "2 s", f"{start:.2f} s", start <= 2),
        Row("web worker: resident memory", "120 MB", f"{heavy:.0f} MB", heavy <= 120),
        Row("`/predict`, one client: p50", "5 ms", f"{p50:.1f} ms", p50 <= 5),
        Row("`/predict`, one client: p99", "20 ms", f"{p99:.1f} ms", p99 <= 20),
        Row("`/predict`, 16 clients, per core", "≥ 250/s", f"{rate:.0f}/s", rate >= 250),
        Row("`/lenet/classify`, one client: p50", "8 ms", f"{lenet50:.1f} ms", lenet50 <= 8),
        Row("`/lenet/classify`, one client: p99", "–", f"{lenet99:.1f} ms"),
        Row("label to receipt, idle: p50", "150 ms", f"{label50:.0f} ms", label50 <= 150),
        Row("label to receipt, idle: p99", "500 ms", f"{label99:.0f} ms", label99 <= 500),
        Row("older version served after a receipt, for", "100 ms", f"{late:.0f} ms", late <= 100),
    ]


def trainer_speed() -> list[Row]:
    from benchmarks.speed import labels_a_second

    rate = labels_a_second()
    return [Row("trainer: labels learned, both nets", "≥ 20/s", f"{rate:.0f}/s", rate >= 20)]


def keras_in_the_web_process() -> list[Row]:
    start = seconds_to_first_answer(KERAS)
    with served(KERAS, WEB_CONCURRENCY="1", TRAINER="separate") as server:
        p50, p99 = percentiles(load.predict_times(server.port, PICTURES, PREDICTS // 10)[10:])
        heavy = memory(server)
    rate = per_core(KERAS, 5)
    what = "the same with Keras `model.predict` in the web process"
    return [
        Row(f"{what}: start to first answer", "to compare", f"{start:.1f} s"),
        Row(f"{what}: resident memory", "to compare", f"{heavy:.0f} MB"),
        Row(f"{what}: `/predict` p50, p99", "to compare", f"{p50:.0f} ms, {p99:.0f} ms"),
        Row(f"{what}: 16 clients, per core", "to compare", f"{rate:.0f}/s"),
    ]


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def report(measure: list[Callable[[], list[Row]]]) -> str:
    """The page that docs/benchmarks.md holds."""
    began = os.getloadavg()[0]
    rows = [row for part in measure for row in part()]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`: all of it measured in one run, server and clients on one",
            "machine. Limits are the design's. Per core: one web worker pinned to one core, the",
            f"clients on the others; {CLIENTS} clients keep their connections open. One client:",
            f"{PREDICTS:,} requests on the default server, trainer running. Labels: {LABELS}, one",
            f"after another with {PAUSE * 1000:.0f} ms between. Memory is the heaviest worker's",
            "after all of that, with LeNet and BN-CNN loaded.",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores of {processor()}, "
            f"Python {platform.python_version()}, load average at the start {began:.1f}.",
            "",
            "| what | limit | measured | met |",
            "|---|---|---|---|",
            *map(str, rows),
            "",
        ]
    )


if __name__ == "__main__":
    page = report([web_worker, trainer_speed, keras_in_the_web_process])
    REPORT.write_text(page)
    print(page)
