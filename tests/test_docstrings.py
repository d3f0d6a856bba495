"""The examples in docstrings are what the code does."""

import doctest
import importlib

import pytest

from inkling.settings import ROOT

SOURCES = [*ROOT.glob("*.py"), *(ROOT / "inkling").rglob("*.py")]
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in SOURCES
    if ">>> " in path.read_text("utf-8")
)


def test_there_are_examples() -> None:
    assert {"functions", "inkling.errors"} <= {*WITH_EXAMPLES}


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_are_right(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
