"""What costs more as labels accumulate: one table, a column for each number of rows.

`python -m benchmarks.growth 0 100000 1000000` makes the rows in SQLite and a folder, measures a
server with its trainer on them, and the commands, and writes docs/growth.md. A million rows take
8 GB of TMPDIR and half an hour.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from platform import python_version

from benchmarks.__main__ import PICTURES, processor
from inkling.journal.writer import Journal
from inkling.settings import ROOT, load_settings
from inkling.storage import keys
from inkling.storage.stores import open_store
from testing.client import Client
from testing.grown import grow
from testing.live import Server, environment, wait_until

REPORT = ROOT / "docs" / "growth.md"
WORDS = """# Growth

What costs more as labels accumulate, written by `python -m benchmarks.growth 0 100000 1000000`:
rows in SQLite and a folder, of 20 drawings 18 learned, one rejected and one collected; then a
server with one web worker and its embedded trainer, and commands beside no server. Labels come
one after another from one client. With no rows, commands are not timed.
"""
LABELS, ASKED = 30, 20
Figures = dict[str, str]


def main(counts: list[int]) -> None:
    """Write the table as Markdown."""
    columns = {count: measure(count) for count in counts}
    today, cores = f"{datetime.now(UTC):%Y-%m-%d}", f"{os.cpu_count()} cores of {processor()}"
    lines = [f"| | {' | '.join(f'{count:,} rows' for count in counts)} |"]
    lines.append(f"|---|{'--:|' * len(counts)}")
    for what in columns[counts[-1]]:
        figures = [found.get(what, "–") for found in columns.values()]
        lines.append(f"| {what} | {' | '.join(figures)} |")
    table = "\n".join(lines)
    REPORT.write_text(f"{WORDS}\n{today}, {cores}, Python {python_version()}.\n\n{table}\n")


def measure(rows: int) -> Figures:
    """All figures with so many rows, by what was measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = environment(folder)
        grow(load_settings(environ), rows)
        found = of_server(folder)
        if rows:
            found |= of_commands(folder, environ)
        for what, figure in found.items():
            print(f"{rows:,}: {what} {figure}", file=sys.stderr)
        return found


def of_server(folder: Path) -> Figures:
    """What a running server shows."""
    began = time.monotonic()
    server = Server(folder, WEB_CONCURRENCY="1", RATE_LIMIT="1000000/second", RECEIPT_WAIT="30")
    try:
        wait_until(lambda: "The trainer is ready" in server.log(), 600)
        ready = time.monotonic() - began
        client, pictures = Client(server.port), cycle(PICTURES)

        def label() -> None:
            fields = {"imageBase64": next(pictures), "digit": 7, "key": str(uuid.uuid4())}
            if client.post("/train", fields)["state"] not in ("trained", "rejected"):
                raise RuntimeError("A label was not learned within 30 s.")

        label()
        first = timed(lambda: get(server.port, "/progress/data"))
        labels = [timed(label) for _ in range(LABELS)]

        def progress() -> float:
            label()
            time.sleep(1.1)  # what was read is shown again for a second
            return timed(lambda: get(server.port, "/progress/data"))

        after = [progress() for _ in range(5)]
        (trainer,) = server.trainers()
        (web,) = server.workers()
        return {
            "server and trainer ready after a start": f"{ready:.1f} s",
            "trainer's memory": f"{trainer.memory_info().rss / 2**20:.0f} MB",
            "web worker's memory": f"{web.memory_info().rss / 2**20:.0f} MB",
            "label to receipt, p50": f"{1000 * statistics.median(labels):.0f} ms",
            "`/progress/data`, the first time": f"{1000 * first:.0f} ms",
            "`/progress/data` after a new label, p50": f"{1000 * statistics.median(after):.0f} ms",
            "`/readyz`, p50": asked(server.port, "/readyz"),
            "`/metrics`, p50": asked(server.port, "/metrics"),
        }
    finally:
        server.stop()


def of_commands(folder: Path, environ: dict[str, str]) -> Figures:
    """What commands take beside no server."""
    journal = Journal(load_settings(environ).journal_url)
    newest = journal.current_version()
    journal.close()
    store = open_store(load_settings(environ))
    commands = {
        "`rollback` by three versions": ["rollback", "--to", str(newest - 3)],
        "`verify --quick`": ["verify", "--quick"],
        "`history`, ten lines": ["history", "--last", "10"],
        "`backup`": ["backup", str(folder / "backup.zip")],
        "`export` of strokes": ["export", "--out", str(folder / "strokes.ndjson")],
    }
    found = {what: f"{timed(command(words, environ)):.1f} s" for what, words in commands.items()}
    listing = timed(lambda: [*store.names(keys.WEIGHTS)])
    return found | {"a listing of the weights": f"{listing:.2f} s"}


def command(words: list[str], environ: dict[str, str]) -> Callable[[], None]:
    """A command of `inkling`; RuntimeError where it fails."""

    def run() -> None:
        line = [sys.executable, "-m", "inkling", *words]
        done = subprocess.run(
            line, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"inkling {' '.join(words)}: {done.stdout}{done.stderr}")

    return run


def get(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}.")
    connection.close()


def asked(port: int, path: str) -> str:
    get(port, path)
    return (
        f"{1000 * statistics.median(timed(lambda: get(port, path)) for _ in range(ASKED)):.1f} ms"
    )


def timed(work: Callable[[], object]) -> float:
    """How many seconds something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main([*map(int, sys.argv[1:])])
