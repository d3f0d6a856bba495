"""`inkling migrate`: the journal's tables, brought up to date."""

import click

from settings import load_settings


@click.command()
def migrate() -> None:
    """Bring the journal's tables up to date; safe to repeat. Every process does it at its start."""
    from journal import open_journal
    from tables import REVISION

    open_journal(load_settings()).close()
    click.echo(f"The journal's tables are of revision {REVISION}.")
