"""Every command as docs/commands.md lists it: `make docs` writes the page, a test compares it."""

from collections.abc import Iterator
from pathlib import Path

import click

from inkling.cli.main import inkling
from inkling.files import write_whole
from inkling.settings import ROOT

PAGE = ROOT / "docs" / "commands.md"
HEAD = """# The commands

`inkling` lies in `.venv/bin` after `make run` or `make test`. Every command tells what it does with
`--help`; this page is those texts, in one place. `make docs` writes it. Settings such as
MODELS_FOLDER are environment variables: see [settings.md](settings.md).

Bad input is told in one line, changes nothing and exits with 1. How far long work is goes to
standard error, so that output can be piped.
"""


def commands(group: click.Group, name: str = "inkling") -> Iterator[tuple[str, click.Command]]:
    """All commands below a group with their full names, in alphabetical order."""
    for word in sorted(group.commands):
        command = group.resolve_command(click.Context(group), [word])[1]  # no stand-in
        if command:
            yield f"{name} {word}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")


def page(group: click.Group) -> str:
    """The page: a section with its help for every command."""
    sections = [HEAD]
    for name, command in commands(group):
        context = click.Context(command, info_name=name, terminal_width=88)
        sections.append(f"## {name}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(sections)


def write(path: Path = PAGE) -> None:
    """Write the page of all commands."""
    write_whole(path, page(inkling))


if __name__ == "__main__":
    write()
