"""A real Firefox for the tests: a server of Playwright's that starts it and opens its pages."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inkling.settings import ROOT

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
PLAYWRIGHT = [sys.executable, "-m", "playwright"]
DRIVER = ROOT / "testing" / "firefox_driver.cjs"  # what Playwright's driver does otherwise

needs_firefox = pytest.mark.skipif(
    FIREFOX is None, reason="Firefox is not installed (on Debian: apt-get install firefox-esr)."
)


@contextmanager
def firefox(folder: Path, pointer: str = "mouse", dark: bool = False) -> Iterator[str]:
    """A Firefox that runs as long as the block; gives the address where Playwright finds it.

    `pointer` says what a page's mouse is: a mouse, or a finger (`touch`).
    """
    options = {
        "channel": "moz-firefox",  # by WebDriver BiDi, which Playwright's own build does not speak
        "executablePath": FIREFOX,
        "firefoxUserPrefs": {"ui.systemUsesDarkTheme": int(dark)},
    }
    config = folder / "firefox.json"
    config.write_text(json.dumps(options))
    server = subprocess.Popen(
        [*PLAYWRIGHT, "launch-server", "--browser", "firefox", "--config", str(config)],
        env=os.environ | {"NODE_OPTIONS": f'--require "{DRIVER}"', "FIREFOX_POINTER": pointer},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with server:
        try:
            assert server.stdout
            address = server.stdout.readline().strip()
            assert address, "Firefox did not start: what it said is in the test's output."
            yield address
        finally:
            os.killpg(server.pid, signal.SIGINT)  # Playwright's server ends its Firefox then
