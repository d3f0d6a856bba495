"""The commands: `inkling …` once installed in .venv, `python -m inkling …` anywhere."""

import logging
import os

# Nets this small lose more than they gain on several threads.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import click

# Each imports the rooms that it needs when it runs: `inkling --help` answers at once.
from inkling.cli.account import account
from inkling.cli.adapt import adapt
from inkling.cli.anchors import anchors
from inkling.cli.backup import backup
from inkling.cli.card import card
from inkling.cli.evaluate import evaluate
from inkling.cli.export import export
from inkling.cli.forget import forget
from inkling.cli.history import history
from inkling.cli.migrate import migrate
from inkling.cli.plot import plot
from inkling.cli.relearn import relearn
from inkling.cli.replay import replay
from inkling.cli.restore import restore
from inkling.cli.review import review
from inkling.cli.rollback import rollback
from inkling.cli.search import search
from inkling.cli.train import train
from inkling.cli.trainer import trainer
from inkling.cli.verify import verify
from inkling.settings import SettingError


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
