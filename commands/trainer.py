"""`inkling trainer`: the process that learns."""

import click

from settings import load_settings


@click.command()
@click.option("--parent", type=int, help="End when the process with this number is gone.")
def trainer(parent: int | None) -> None:
    """Learn from labels until stopped. The server starts this by itself."""
    import trainer as room

    room.run(load_settings(), parent)
