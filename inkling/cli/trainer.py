"""`inkling trainer`: the process that learns."""

import click

from inkling import failpoints
from inkling.settings import load_settings
from inkling.trainer.worker import TrainerProcess


@click.command()
@click.option("--parent", type=int, help="End when the process with this number is gone.")
def trainer(parent: int | None) -> None:
    """Learn from labels until stopped; a second one waits and takes over within seconds.

    The server keeps one by itself, with --parent; it steps aside for those without.
    """
    settings = load_settings()
    failpoints.arm(settings.fault)
    TrainerProcess(settings, parent).run()
