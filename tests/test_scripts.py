"""The pages' scripts: ESLint and TypeScript's checker find nothing."""

import subprocess

from inkling.settings import ROOT
from testing.node import NODE, needs_node

pytestmark = needs_node

BIN = NODE / "node_modules" / ".bin"


def said(*words: object) -> str:
    """What a program prints, run in static/js."""
    done = subprocess.run(
        list(map(str, words)), cwd=ROOT / "static" / "js", capture_output=True, text=True
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_eslint_finds_nothing() -> None:
    assert said(BIN / "eslint", "--config", NODE / "eslint.config.mjs", ".") == ""


def test_the_types_of_the_scripts_fit() -> None:
    assert said(BIN / "tsc", "--project", NODE / "tsconfig.json") == ""
