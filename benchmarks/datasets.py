"""How fast datasets leave the journal and come back, and in how much memory: docs/datasets.md.

`python -m benchmarks.datasets 1000000` makes two journals in SQLite, of so many pen drawings and
of a tenth of them, exports each in every format and imports some thousand drawings. Each command
runs in a process of its own. A million take 10 GB of TMPDIR and a quarter of an hour.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version

import sqlalchemy as sql

from benchmarks.__main__ import processor
from inkling.cli.main import inkling
from inkling.data.dataset.formats import FORMATS
from inkling.journal.dump import DRAWINGS, load
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.serving.recognizer import Recognizer
from inkling.settings import ROOT, Settings, load_settings
from inkling.storage.stores import open_store
from testing.grown import LIKE, drawing_rows, line_of, prototypes
from testing.live import environment

REPORT = ROOT / "docs" / "datasets.md"
GOAL = 20_000  # drawings a second, of ndjson
SAME = 1.1  # times as much memory for ten times the drawings: constant
IMPORTED = (500, 5_000)  # drawings
BATCH = 20_000  # rows in a transaction: its log must not grow as large as the journal
RUN = "run"  # the word of the process that is measured
ROWS = sql.text("""
    WITH RECURSIVE counted (n) AS (
        VALUES (:first) UNION ALL SELECT n + 1 FROM counted WHERE n < :last
    )
    INSERT INTO drawings (
        id, created_at, state, label, png, digit, strokes, predictions, predicted_version, said,
        answer, believers, stored
    )
    SELECT
        printf('00000000-0000-4000-8000-%012x', n),
        strftime('%Y-%m-%d %H:%M:%S.000000', '2020-01-01', n || ' minutes'),
        'collected', label, png, digit, strokes, predictions, predicted_version, said, answer,
        believers, 1
    FROM counted JOIN likes ON likes.position = 1 + n % :likes
""")
WORDS = """# Datasets

How fast drawings leave the journal as a dataset, and come back; written by
`python -m benchmarks.datasets {many}`. The journal is SQLite's, its drawings are {likes} pen
drawings over and over, collected. Each command runs in a process of its own, beside no server; its
time begins when all modules are loaded, its memory is the most that it ever had. What is imported
is shown to the models first, and each drawing is a commit of its own; an npz is read as a whole,
785 bytes of memory a drawing.
"""


@dataclass(frozen=True)
class Measured:
    """What one command took: seconds, and megabytes (2^20 bytes) at its highest."""

    seconds: float
    memory: float
    written: float = 0.0  # megabytes on the disk


def main(many: int) -> None:
    """Measure, and write the page."""
    few = many // 10
    with tempfile.TemporaryDirectory() as name:
        exports = [exported(Path(name), count) for count in (few, many)]
        imports = [imported(Path(name), count) for count in IMPORTED]
    today, cores = f"{datetime.now(UTC):%Y-%m-%d}", f"{os.cpu_count()} cores of {processor()}"
    parts = [
        WORDS.format(many=many, likes=LIKE),
        f"{today}, {cores}, Python {python_version()}.\n",
        table("export as", few, many, exports),
        verdict(many, *(found["ndjson"] for found in exports)),
        table("import of", *IMPORTED, imports),
    ]
    REPORT.write_text("\n".join(parts))


def table(what: str, few: int, many: int, found: list[dict[str, Measured]]) -> str:
    """A line for each format: speed with many drawings, memory with few and with many."""
    lines = [
        f"| {what} | drawings a second | memory, {few:,} | memory, {many:,} | on the disk |",
        "|---|--:|--:|--:|--:|",
    ]
    for format, (less, more) in ((name, [each[name] for each in found]) for name in found[0]):
        lines.append(
            f"| {format} | {many / more.seconds:,.0f} | {less.memory:.0f} MB | "
            f"{more.memory:.0f} MB | {more.written:,.0f} MB |"
        )
    return "\n".join(lines) + "\n"


def verdict(many: int, less: Measured, more: Measured) -> str:
    """Whether ndjson is as fast and as modest as is wanted, in words."""
    speed = "met" if many / more.seconds >= GOAL else "**not met**"
    memory = "is constant" if more.memory <= SAME * less.memory else "**grows**"
    return f"The goal of {GOAL:,} drawings a second as ndjson is {speed}; its memory {memory}.\n"


def exported(folder: Path, count: int) -> dict[str, Measured]:
    """Export a journal of so many drawings in each format; nothing of it stays."""
    with filled(folder, count) as environ:
        return {name: export(folder, name, environ, count) for name in FORMATS}


def export(folder: Path, name: str, environ: dict[str, str], count: int) -> Measured:
    """Export a journal in a format, and remove what was written."""
    out = out_of(folder, name)
    found = measured(["export", "--format", name, "--out", str(out)], environ)
    return noted(f"{count:,} as {name}", found, out)


def imported(folder: Path, count: int) -> dict[str, Measured]:
    """Export so many drawings in two formats, and import each into an empty journal."""
    found = {}
    with filled(folder, count) as environ:
        for name in ("ndjson", "npz"):
            out = out_of(folder, name)
            measured(["export", "--format", name, "--out", str(out)], environ)
            with tempfile.TemporaryDirectory(dir=folder) as empty:
                taken = measured(["import", str(out)], environment(Path(empty)))
            found[name] = noted(f"{count:,} of {name}", taken, out)
    return found


def out_of(folder: Path, name: str) -> Path:
    """Where a dataset is written, a file or a folder."""
    return folder / f"{name}{FORMATS[name].ending}"


def noted(what: str, found: Measured, out: Path) -> Measured:
    """Say what was measured, and return it with the size of its dataset, which is removed."""
    files = [path for path in (out, *out.rglob("*")) if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 2**20
    print(f"{what}: {found.seconds:.1f} s, {found.memory:.0f} MB, {size:.0f} MB", file=sys.stderr)
    if out.is_dir():
        shutil.rmtree(out)
    out.unlink(missing_ok=True)
    return replace(found, written=size)


def measured(words: list[str], environ: dict[str, str]) -> Measured:
    """Run a command of `inkling` in a process of its own; RuntimeError where it fails."""
    line = [sys.executable, "-m", "benchmarks.datasets", RUN, *words]
    done = subprocess.run(line, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"inkling {' '.join(words)}: {done.stdout}{done.stderr}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def run(words: list[str]) -> None:
    """Run a command here, and print what it took as the last line."""
    began = time.perf_counter()
    inkling.main(words, standalone_mode=False)
    seconds = time.perf_counter() - began
    status = Path("/proc/self/status").read_text()  # getrusage's peak may be that of the parent
    highest = int(status.split("VmHWM:")[1].split()[0])
    print(json.dumps({"seconds": seconds, "memory": highest / 2**10}))


@contextmanager
def filled(folder: Path, count: int) -> Iterator[dict[str, str]]:
    """Give the environment of an Inkling of so many collected drawings."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        environ = environment(Path(own))
        fill(load_settings(environ), count)
        yield environ


def fill(settings: Settings, count: int) -> None:
    """Fill an empty journal of SQLite: a few drawings as backups have them, multiplied in SQL."""
    journal = open_journal(settings)
    outbox = Outbox(journal, open_store(settings))
    likes = prototypes(Recognizer(settings.models_folder, outbox))
    load(journal, {DRAWINGS: map(line_of, drawing_rows(likes, LIKE))}, {})
    with journal.write() as connection:
        connection.exec_driver_sql("CREATE TABLE likes AS SELECT * FROM drawings")
        connection.exec_driver_sql("DELETE FROM drawings")
    for first in range(1, count + 1, BATCH):
        numbers = {"first": first, "last": min(first + BATCH - 1, count), "likes": LIKE}
        with journal.write() as connection:
            connection.execute(ROWS, numbers)
    with journal.write() as connection:
        connection.exec_driver_sql("DROP TABLE likes")
    journal.run_alone("ANALYZE")
    journal.close()


if __name__ == "__main__":
    if sys.argv[1] == RUN:
        run(sys.argv[2:])
    else:
        main(int(sys.argv[1]))
