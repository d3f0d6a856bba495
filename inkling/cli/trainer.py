"""`inkling trainer`: the process that learns."""

import logging

import click

from inkling import failpoints
from inkling.overview import overview, warnings
from inkling.settings import load_settings
from inkling.trainer.worker import TrainerProcess

log = logging.getLogger("inkling.trainer")


@click.command()
@click.option("--parent", type=int, help="End when the process with this number is gone.")
def trainer(parent: int | None) -> None:
    """Learn from labels until stopped; a second one waits and takes over within seconds.

    The server keeps one by itself, with --parent; it steps aside for those without.
    """
    settings = load_settings()
    failpoints.arm(settings.fault)
    if parent is None:  # a server says it for its own
        log.info(overview(settings))
        for warning in warnings(settings):
            log.warning(warning)
    TrainerProcess(settings, parent).run()
