"""What web and worker need of memory, measured as they are deployed; prints docs/deploy.md's table.

Run by `python -m benchmarks.memory`, with PostgreSQL and Redis installed. Journal, counters and
objects lie in PostgreSQL, Redis and moto's S3 server, so that the clients of all three are in
memory too. PSS counts a page that several processes share once, RSS once for each of them: what a
dyno is charged lies between.
"""

import os
import platform
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import psutil

from benchmarks.__main__ import PICTURES, processor
from benchmarks.load import predict_times
from inkling.settings import ROOT
from testing.client import Client
from testing.live import Server, wait_until
from testing.postgres import cluster
from testing.redis_server import redis
from testing.s3_server import TEST_KEYS, make_bucket, s3_url

PREDICTS, LABELS = 200, 50
DYNOS = {"512 MB": 512, "1 GB": 1024}


@dataclass
class Row:
    """A line of the table: what runs in one dyno, and megabytes (2^20 bytes) of its processes."""

    what: str
    rss: float
    pss: float

    def __str__(self) -> str:
        fits = ["yes" if self.rss <= limit else "**no**" for limit in DYNOS.values()]
        return f"| {self.what} | {self.pss:.0f} | {self.rss:.0f} | {' | '.join(fits)} |"


def row(what: str, process: psutil.Process) -> Row:
    """A process with all its children."""
    family = [process, *process.children(recursive=True)]
    found = [p.memory_full_info() for p in family if p.status() != psutil.STATUS_ZOMBIE]
    return Row(what, sum(f.rss for f in found) / 2**20, sum(f.pss for f in found) / 2**20)


def use(server: Server) -> None:
    """Ask and label as visitors do, and wait until all is learned."""
    predict_times(server.port, PICTURES, PREDICTS)
    client = Client(server.port)
    for n, picture in zip(range(LABELS), cycle(PICTURES), strict=False):
        fields = {"imageBase64": picture, "digit": n % 10, "key": str(uuid.uuid4())}
        client.post("/train", fields)
    wait_until(lambda: _version(client, PICTURES[0]) >= LABELS, 120)


def _version(client: Client, picture: str) -> int:
    return int(client.post("/predict", {"imageBase64": picture})["version"])


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Settings of an empty database, an empty bucket and a Redis."""
    url = s3_url()
    with cluster() as database, redis() as counters:
        yield TEST_KEYS | {
            "DATABASE_URL": database,
            "REDIS_URL": counters.url,
            "RATE_LIMIT": "1000000/second",
            "S3_ENDPOINT_URL": url,
            "S3_BUCKET": make_bucket(url),
        }


@contextmanager
def worker(folder: Path, environ: dict[str, str]) -> Iterator[psutil.Process]:
    """A trainer of its own, ready."""
    log = folder / "worker.log"
    own = {"INSTANCE_FOLDER": str(folder / "instance"), "TMP_FOLDER": str(folder / "tmp")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "inkling", "trainer"],
            cwd=ROOT,
            env=os.environ | own | environ,
            stdout=out,
            stderr=out,
        )
        try:
            wait_until(lambda: "The trainer is ready" in log.read_text())
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def measure(workers: int, trainer: str, dedicated: bool) -> dict[str, Row]:
    """The rows of a web dyno with so many web workers and, if `dedicated`, of a worker dyno.

    trainer: the setting TRAINER of the web dyno.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environ = stack.enter_context(services())
        beside = stack.enter_context(worker(folder, environ)) if dedicated else None
        environ |= {"WEB_CONCURRENCY": str(workers), "TRAINER": trainer}
        server = Server(folder, **environ)
        stack.callback(server.stop)
        use(server)
        state = "waiting" if dedicated else "learning"
        inside = f"embedded trainer {state}" if trainer == "embedded" else "TRAINER=separate"
        what = f"web, WEB_CONCURRENCY={workers}, {inside}"
        rows = {"web": row(what, psutil.Process(server.process.pid))}
        if beside is not None:
            rows["worker"] = row("worker", beside)
        return rows


def table() -> str:
    """All rows, as Markdown."""
    rows = [
        measure(workers, trainer, dedicated)
        for trainer, dedicated in (("separate", True), ("embedded", True), ("embedded", False))
        for workers in (1, 2)
    ]
    heaviest = max((found["worker"] for found in rows if "worker" in found), key=lambda r: r.rss)
    return "\n".join(
        [
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores of {processor()}, Python "
            f"{platform.python_version()}; after {PREDICTS} predictions and {LABELS} labels.",
            "",
            f"| one dyno | PSS, MB | RSS, MB | {' | '.join(DYNOS)} |",
            "|---|--:|--:|---|---|",
            *(str(found["web"]) for found in rows),
            str(heaviest),
        ]
    )


if __name__ == "__main__":
    print(table())
