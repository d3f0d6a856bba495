"""The commands: `inkling …` once installed in .venv, `python cli.py …` anywhere."""

import logging
import os

# Nets this small lose more than they gain on several threads.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import click

# Each imports the rooms that it needs when it runs: `inkling --help` answers at once.
from commands.account import account
from commands.adapt import adapt
from commands.anchors import anchors
from commands.backup import backup
from commands.card import card
from commands.evaluate import evaluate
from commands.export import export
from commands.forget import forget
from commands.history import history
from commands.migrate import migrate
from commands.plot import plot
from commands.relearn import relearn
from commands.replay import replay
from commands.restore import restore
from commands.review import review
from commands.rollback import rollback
from commands.search import search
from commands.train import train
from commands.trainer import trainer
from commands.verify import verify
from settings import SettingError


@click.group()
def inkling() -> None:
    """A model that learns from its users."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")


LEARNING = (trainer, replay, verify, account, train, search, evaluate, plot, card, adapt, anchors)
KEEPING = (migrate, export, backup, restore)
UNDOING = (history, rollback, forget, relearn, review)
for command in (*LEARNING, *KEEPING, *UNDOING):
    inkling.add_command(command)


def main() -> None:
    """Run a command; say what is wrong with a setting or a file in one line."""
    try:
        inkling()
    except (SettingError, ValueError) as error:
        raise SystemExit(f"Error: {error}") from error


if __name__ == "__main__":
    main()
