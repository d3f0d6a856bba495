"""`inkling import`: a dataset into the journal."""

from pathlib import Path

import click

from inkling.cli.session import Session
from inkling.data.dataset.importing import import_dataset
from inkling.data.dataset.reading import Broken
from inkling.serving.recognizer import Recognizer


@click.command("import")
@click.argument("path", metavar="PATH", type=click.Path(exists=True, path_type=Path))
def import_(path: Path) -> None:
    """Take a dataset into the journal: what `inkling export --format` writes, or others like it.

    PATH is an .ndjson (.gz too), .npz or .csv file, a folder with metadata.csv, or one with
    MNIST's files. Its drawings are collected, not learned. What is there already stays as it is; a
    broken row is named and skipped.
    """
    with Session() as session:
        recognizer = Recognizer(session.settings.models_folder, session.outbox)
        done = import_dataset(
            session.journal, path, lambda digit: recognizer.predict(digit).said, _tell
        )
    click.echo(f"Added {done.added:,} drawings; {done.known:,} were there already.")
    if done.broken:
        click.echo(f"Skipped {done.broken:,} broken rows.")


def _tell(broken: Broken) -> None:
    click.echo(f"{broken.where}: {broken.why} Skipped.", err=True)
