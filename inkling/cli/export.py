"""`inkling export`: what visitors drew."""

from pathlib import Path

import click

from inkling.cli.options import FOLDER, NEW_FILE
from inkling.cli.session import Session
from inkling.data.export import export_images, export_strokes
from inkling.errors import InvalidInput


@click.command()
@click.option(
    "--out",
    type=NEW_FILE,
    help="A stroke file, .ndjson or .ndjson.gz, of the drawings that came with strokes.",
)
@click.option(
    "--images",
    type=FOLDER,
    help="A folder for all drawings as <digit>/<id>.png; no digits as none/<id>.png.",
)
def export(out: Path | None, images: Path | None) -> None:
    """Write the labelled drawings of the journal as files, for `inkling train` and others.

    Rejected drawings are left out, and of stroke files what was called no digit.
    """
    if not out and not images:
        raise InvalidInput(
            "There is nowhere to write to.", "Give --out FILE, --images FOLDER or both."
        )
    with Session() as session:
        if out:
            written, without = export_strokes(session.journal, out)
            click.echo(f"Wrote {written} drawings to {out}; {without} came without strokes.")
        if images:
            written, _ = export_images(session.journal, images)
            click.echo(f"Wrote {written} images to {images}.")
