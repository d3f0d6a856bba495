"""The system's browser, for tests and benchmarks."""

import shutil

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def system_browser() -> str | None:
    """Where the browser is that `bin/install-browser` finds; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)
