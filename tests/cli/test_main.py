"""The commands, run as a person would run them."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from inkling.cli import main, reference
from inkling.cli.main import COMMANDS, inkling, load
from inkling.errors import InvalidInput
from inkling.journal.database import JournalUnavailable, UnusableDatabase
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


FOUND = dict(reference.commands(inkling))  # with those of `inkling plot`


@pytest.mark.parametrize("name", FOUND)
def test_every_command_and_each_of_its_options_tells_what_it_does(name: str) -> None:
    command = FOUND[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            documented = parameter.help or parameter.show_default
            assert documented, f"{name} {parameter.opts} has no help."


def test_the_page_of_commands_is_up_to_date() -> None:
    assert reference.PAGE.read_text() == reference.page(inkling), "Run make docs."


@pytest.mark.parametrize("name", COMMANDS)
def test_help_lists_a_command_as_the_command_itself_does(name: str) -> None:
    assert COMMANDS[name] == load(name).get_short_help_str(limit=200)


def test_every_file_that_defines_a_command_is_listed() -> None:
    files = (ROOT / "inkling" / "cli").glob("*.py")
    words = ("\n@click.command(", "\n@click.group()\n")
    defining = {f.stem.rstrip("_") for f in files if any(word in f.read_text() for word in words)}
    assert defining == {*COMMANDS}
    assert [*COMMANDS] == sorted(COMMANDS)


@pytest.mark.parametrize("name", FOUND)
def test_every_command_answers_help(name: str) -> None:
    words = name.split()[1:]
    found = CliRunner().invoke(inkling, [*words, "--help"])
    assert found.exit_code == 0
    assert found.output.startswith(f"Usage: inkling {' '.join(words)}")


def python(words: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """Runs `inkling` with arguments after and before these words of Python."""
    command = [sys.executable, "-c", f"import sys\n{words}", *argv]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("argv", [["--help"], ["no-such-command"]])
def test_listing_the_commands_imports_none_of_the_heavy_libraries(argv: list[str]) -> None:
    words = """
from inkling.cli.main import main
try:
    main()
finally:
    heavy = {"numpy", "tensorflow", "matplotlib", "optuna", "sqlalchemy", "PIL"}
    print("Imported:", heavy & sys.modules.keys())
"""
    done = python(words, *argv)
    assert done.stdout.endswith("Imported: set()\n"), done.stderr


@pytest.mark.parametrize(("command", "library"), [("plot", "Matplotlib"), ("search", "Optuna")])
def test_it_tells_how_to_get_a_library_that_only_some_commands_need(
    command: str, library: str
) -> None:
    missing = f"sys.modules['{library.lower()}'] = None; "
    done = python(f"{missing}from inkling.cli.main import main; main()", command, "--help")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: {library} is not installed. Run: .venv/bin/pip install -r requirements-dev.txt\n"
    )


def test_the_installed_command_is_the_same() -> None:
    inkling = Path(sys.executable).parent / "inkling"
    told = subprocess.run([inkling, "--help"], capture_output=True, text=True, check=True)
    assert "evaluate" in told.stdout


def test_a_bad_setting_is_told_in_one_line() -> None:
    failed = run("trainer", PORT="many")
    assert failed.returncode == 1
    assert failed.stderr == "Error: PORT is 'many'. Set it to a whole number.\n"


@pytest.mark.parametrize(
    ("error", "output"),
    [
        (InvalidInput("No ink.\nAt all."), "Error: No ink.\n"),
        (OSError(28, "No space left on device"), "Error: [Errno 28] No space left on device\n"),
        (JournalUnavailable("It is locked.", "Wait."), "Error: It is locked. Wait.\n"),
        (UnusableDatabase("Too new."), "Error: Too new.\n"),
        (OSError(), "Error: OSError\n"),
        (BrokenPipeError(32, "Broken pipe"), ""),  # who read the output has had enough
    ],
)
def test_what_goes_wrong_is_told_in_one_line(
    error: Exception, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(main, "load", lambda name: click.Command(name, callback=fail))
    done = CliRunner().invoke(inkling, ["backup"])
    assert (done.exit_code, done.output) == (1, output)


@pytest.mark.parametrize("bug", [TypeError, ValueError, KeyError])
def test_a_fault_of_the_program_keeps_its_traceback(
    bug: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise bug("shapes (3,) and (4,) not aligned")

    monkeypatch.setattr(main, "load", lambda name: click.Command(name, callback=fail))
    assert isinstance(CliRunner().invoke(inkling, ["backup"]).exception, bug)
