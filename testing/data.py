"""The data that a few tests read: MNIST, pen digits, web digits, where DATA_DIR points."""

import os
from pathlib import Path

import pytest

from inkling.settings import ROOT

DATA = Path(os.environ.get("DATA_DIR") or ROOT.parent / "shared" / "data")
MNIST, PEN_DIGITS = DATA / "mnist.npz", DATA / "pen-digits.ndjson.gz"
WEB_DIGITS = DATA / "web-digits.npz"

# Continuous integration has the data: there, a test fails where it is missing.
needs_data = pytest.mark.skipif(
    not (MNIST.is_file() and PEN_DIGITS.is_file()) and not os.environ.get("CI"),
    reason=f"{DATA} has no mnist.npz and pen-digits.ndjson.gz. Set DATA_DIR to their folder.",
)
needs_web_digits = pytest.mark.skipif(
    not WEB_DIGITS.is_file(), reason=f"{DATA} has no web-digits.npz. Set DATA_DIR to its folder."
)
