"""The commands: `inkling …` once installed in .venv, `python cli.py …` anywhere."""

import logging
import os

# Nets this small lose more than they gain on several threads, and sums stay in one order.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import click

from settings import SettingError, load_settings


@click.group()
def inkling() -> None:
    """A model that learns from its users."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")


@inkling.command()
@click.option("--parent", type=int, help="End when the process with this number is gone.")
def trainer(parent: int | None) -> None:
    """Learn from labels until stopped. The server starts this by itself."""
    import trainer as room

    room.run(load_settings(), parent)


def main() -> None:
    """Run a command; say what is wrong with a setting in one line."""
    try:
        inkling()
    except SettingError as error:
        raise SystemExit(f"Error: {error}") from error


if __name__ == "__main__":
    main()
