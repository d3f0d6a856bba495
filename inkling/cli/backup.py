"""`inkling backup`: everything in one file."""

from pathlib import Path

import click

from inkling.backup.create import write_backup
from inkling.cli.session import Session


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write all drawings, versions, weights and networks as they are now to FILE, a zip.

    Safe beside a running server, which goes on learning. FILE appears when it is whole; an older
    one of that name stays until then.
    """
    with Session() as session:
        written = write_backup(session.journal, session.store, file)
    click.echo(f"Wrote {written} to {file}.")
