"""How long faults last, measured on real processes; prints the figures of docs/reliability.md.

Run by `python -m benchmarks.reliability`, with PostgreSQL installed; some five minutes.
"""

import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.__main__ import percentiles, processor
from inkling.records import QUEUED
from testing.deployments import QUICK, Deployment, apart, embedded, everything
from testing.faulty_s3 import FaultyS3, faulty_s3
from testing.live import wait_until
from testing.postgres import Cluster, restartable_cluster
from testing.storm import storm

TIMES = 3  # that each fault is made
WARM = 10  # seconds, far more than enough for a standby to have both nets in memory


def full_storm(folder: Path) -> Iterator[str]:
    with embedded(folder) as deployment:
        deployment.wait_for_trainer()
        came = storm(deployment.server, labels=2000, seconds=60)
        over = time.monotonic()
        wait_until(lambda: not deployment.journal.counts()[QUEUED], 300)
        emptied = time.monotonic() - over
        deployment.visitors.answered = came.answered
        deployment.check()
    for what, times in (("/train", came.labels), ("/predict", came.predictions)):
        p50, p99 = percentiles(times)
        took = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms ({len(times)} answers)"
        yield f"storm, 2,000 labels in {60 + came.late:.1f} s: {what} {took}"
    yield f"storm: {len(came.repeated)} times a label was answered 503 and sent again"
    yield f"storm: queue empty {emptied:.2f} s after the last answer; all learned once"


def until_learned(deployment: Deployment) -> float:
    """Seconds until a version comes that was not there, with labels coming in all the time."""
    start, version = time.monotonic(), deployment.journal.current_version()
    with deployment.labelling(8):
        wait_until(lambda: deployment.journal.current_version() > version, 120)
        seconds = time.monotonic() - start
    deployment.check()
    return seconds


def row(what: str, measure: Callable[[], float], times: int = TIMES) -> str:
    found = [measure() for _ in range(times)]
    return f"{what}: {np.median(found):.1f} s (slowest {max(found):.1f} s, {times} times)"


def embedded_faults(folder: Path) -> Iterator[str]:
    with embedded(folder, QUICK) as deployment:
        deployment.wait_for_trainer()

        def kill_trainer() -> float:
            deployment.kill("trainer")
            return until_learned(deployment)

        def cut_power() -> float:
            everything(deployment)
            start = time.monotonic()
            deployment.mend()
            return time.monotonic() - start + until_learned(deployment)

        yield row("embedded trainer killed, until the next label is learned", kill_trainer)
        yield row("power cut, server started again, until a label is learned", cut_power)


def apart_faults(folder: Path, cluster: Cluster, s3: FaultyS3) -> Iterator[str]:
    with apart(folder, cluster, s3, QUICK, workers=2) as deployment:
        deployment.wait_for_trainer()
        time.sleep(WARM)
        yield row("worker killed, until the standby learned a label", lambda: take_over(deployment))
        for mode in ("fast", "immediate"):

            def restart(mode: str = mode) -> float:
                cluster.restart(mode)
                return until_learned(deployment)

            yield row(f"PostgreSQL restarted ({mode}), until a label is learned", restart)
        yield row("S3 away while 20 labels came, until it has all", lambda: outage(deployment, s3))
        yield row("SIGTERM of web under load, until it ended", lambda: stop(deployment, "web"))
        yield row(
            "SIGTERM of worker under load, until it ended", lambda: stop(deployment, "worker")
        )


def take_over(deployment: Deployment) -> float:
    """The one that learns is killed; what is killed is started again and warm for the next time."""
    ready = "The trainer is ready"
    first = next(w for w in deployment.workers if w.log().count(ready) > w.log().count("stops at"))
    first.process.kill()
    first.process.wait()
    version, start = deployment.journal.current_version(), time.monotonic()
    deployment.visitors.label_until_answered()
    wait_until(lambda: deployment.journal.current_version() > version)
    seconds = time.monotonic() - start
    deployment.workers.remove(first)
    deployment.workers.append(deployment.add_worker(int(time.monotonic() * 1000)))
    time.sleep(WARM)
    deployment.check()
    return seconds


def outage(deployment: Deployment, s3: FaultyS3) -> float:
    s3.mode = "refused"
    with deployment.labelling(20):
        pass
    s3.mode = "ok"
    start = time.monotonic()
    wait_until(deployment.is_well)
    seconds = time.monotonic() - start
    deployment.check()
    return seconds


def stop(deployment: Deployment, what: str) -> float:
    answered = len(deployment.visitors.answered)
    part = deployment.server if what == "web" else deployment.workers[0]
    with deployment.labelling(60, clients=8):
        wait_until(lambda: len(deployment.visitors.answered) > answered + 10)
        start = time.monotonic()
        part.process.terminate()
        part.process.wait(30)
        seconds = time.monotonic() - start
    deployment.check()
    return seconds


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def report() -> Iterator[str]:
    """The figures, line by line."""
    cores = f"{os.cpu_count()} cores of {processor()}, Python {platform.python_version()}"
    yield f"{datetime.now(UTC):%Y-%m-%d}, {cores}, load average {os.getloadavg()[0]:.1f}"
    with folder() as below:
        yield from full_storm(below)
    with folder() as below:
        yield from embedded_faults(below)
    with folder() as below, restartable_cluster() as cluster, faulty_s3() as s3:
        yield from apart_faults(below, cluster, s3)


if __name__ == "__main__":
    for line in report():
        print(line, flush=True)
