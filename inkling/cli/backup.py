"""`inkling backup`: everything in one file."""

from pathlib import Path

import click

from inkling.cli.failures import told_in_one_line
from inkling.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write all drawings, versions and weights as they are now to FILE, a zip.

    Safe beside a running server, which goes on learning. FILE appears when it is whole; an older
    one of that name stays until then.
    """
    from inkling.backup.create import write_backup
    from inkling.journal.writer import open_journal
    from inkling.storage.stores import open_store

    settings = load_settings()
    with told_in_one_line():
        journal = open_journal(settings)
        try:
            written = write_backup(journal, open_store(settings), file)
        finally:
            journal.close()
    click.echo(f"Wrote {written} to {file}.")
