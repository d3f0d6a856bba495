"""`inkling migrate`: the journal's tables, brought up to date."""

import click

from inkling.journal.schema import REVISION
from inkling.journal.writer import open_journal
from inkling.settings import load_settings


@click.command()
def migrate() -> None:
    """Bring the journal's tables up to date; safe to repeat. Every process does it at its start."""
    open_journal(load_settings()).close()
    click.echo(f"The journal's tables are of revision {REVISION}.")
