"""`python -m benchmarks.lighthouse`: what Google's Lighthouse says of each page on a phone.

`make lighthouse` installs it (benchmarks/node/). Each page is asked five times on a server of its
own with some labels; the table in docs/lighthouse.md has the medians, and the bytes on the wire.
"""

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.__main__ import PICTURES, Row, processor
from inkling.settings import ROOT
from testing.browser import system_browser
from testing.live import Server, wait_until

REPORT = ROOT / "docs" / "lighthouse.md"
LIGHTHOUSE = ROOT / "benchmarks" / "node" / "node_modules" / ".bin" / "lighthouse"
PAGES = {
    "draw": "/",
    "contribute": "/contribute",
    "models": "/models",
    "progress": "/progress",
    "gallery": "/gallery",
    "my drawings": "/my-drawings",
    "how it works": "/about",
    "API": "/api",
}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
TIMES, LABELS = 5, 30
TRIES = 3  # it misses the start of a page now and then (NO_NAVSTART)
LEAST_PERFORMANCE, DRAW_PAGE_BYTES = 98, 60_000
FLAGS = "--headless=new --disable-quic --disable-background-networking --no-sandbox"


def measure(url: str, folder: Path) -> dict[str, Any]:
    """Return Lighthouse's report of a page on an emulated phone."""
    out = folder / "report.json"
    browser = system_browser()
    words = ["--quiet", "--output=json", f"--output-path={out}", f"--chrome-flags={FLAGS}"]
    environ = os.environ | ({"CHROME_PATH": browser} if browser else {})
    for _ in range(TRIES):
        if subprocess.run([LIGHTHOUSE, url, *words], env=environ).returncode == 0:
            break
    else:
        raise RuntimeError(f"Lighthouse fails {TRIES} times at {url}.")
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def bytes_of(report: dict[str, Any]) -> int:
    """Return what a page takes on the wire, without the nets' weights, which come later."""
    files = report["audits"]["network-requests"]["details"]["items"]
    return sum(int(file["transferSize"]) for file in files if "/weights" not in file["url"])


def rows(server: Server, folder: Path) -> Iterator[Row]:
    """Yield the medians of each page, and the bytes that the drawing page takes on the wire."""
    for name, path in PAGES.items():
        reports = [measure(server.url + path, folder) for _ in range(TIMES)]
        for category in CATEGORIES:
            scores = [100 * (r["categories"][category]["score"] or 0) for r in reports]
            least = LEAST_PERFORMANCE if category == "performance" else 100
            median = statistics.median(scores)
            yield Row(f"{name}: {category}", f"≥ {least}", f"{median:.0f}", median >= least)
        size = statistics.median(map(bytes_of, reports))
        limit = f"{DRAW_PAGE_BYTES / 1000:.0f} kB" if name == "draw" else "–"
        met = size <= DRAW_PAGE_BYTES if name == "draw" else None
        yield Row(f"{name}: bytes on the wire", limit, f"{size / 1000:.0f} kB", met)


def report() -> str:
    """Return the page that docs/lighthouse.md holds."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            wait_until(lambda: "The trainer is ready" in server.log())
            load.label_times(server.port, PICTURES, LABELS, 0)
            lines = [str(row) for row in rows(server, Path(folder))]
        finally:
            server.stop()
    return "\n".join(
        [
            "# Lighthouse",
            "",
            f"Written by `make lighthouse`: the median of {TIMES} looks at each page, on an",
            "emulated phone.",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores of {processor()}.",
            "",
            "| what | limit | measured | met |",
            "|---|---|---|---|",
            *lines,
            "",
        ]
    )


if __name__ == "__main__":
    page = report()
    REPORT.write_text(page)
    print(page)
