"""The commands, run as a person would run them."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from inkling.cli import reference
from inkling.cli.main import inkling
from inkling.settings import ROOT


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "inkling", *words],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=600,
    )


COMMANDS = dict(reference.commands(inkling))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_each_of_its_options_tells_what_it_does(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            documented = parameter.help or parameter.show_default
            assert documented, f"{name} {parameter.opts} has no help."


def test_the_page_of_commands_is_up_to_date() -> None:
    assert reference.PAGE.read_text() == reference.page(inkling), "Run make docs."


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_help_at_once(name: str) -> None:
    words = name.split()[1:]
    found = CliRunner().invoke(inkling, [*words, "--help"])
    assert found.exit_code == 0
    assert found.output.startswith(f"Usage: inkling {' '.join(words)}")


def test_help_loads_none_of_the_heavy_libraries() -> None:
    heavy = "{'numpy', 'tensorflow', 'matplotlib', 'optuna'}"
    words = f"import sys, inkling.cli.main; print({heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def test_the_installed_command_is_the_same() -> None:
    inkling = Path(sys.executable).parent / "inkling"
    told = subprocess.run([inkling, "--help"], capture_output=True, text=True, check=True)
    assert "evaluate" in told.stdout


def test_a_bad_setting_is_told_in_one_line() -> None:
    failed = run("trainer", PORT="many")
    assert failed.returncode == 1
    assert failed.stderr == "Error: PORT is 'many'. Set it to a whole number.\n"
