"""`inkling export`: what visitors drew."""

from pathlib import Path

import click

from inkling.cli.options import FOLDER
from inkling.cli.session import Session
from inkling.data.dataset.formats import FORMATS, write_dataset
from inkling.data.export import export_images, export_strokes
from inkling.errors import InvalidInput


@click.command()
@click.option(
    "--format",
    "name",
    type=click.Choice([*FORMATS]),
    help="A dataset for others, with a data card: strokes as Quick, Draw! has them (ndjson), "
    "MNIST's arrays for Keras (npz), its own files (idx), Kaggle's columns (csv), PNGs for Hugging "
    "Face (imagefolder).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file, or the folder for idx and imagefolder. Without --format: a stroke file, "
    ".ndjson or .ndjson.gz, as `inkling train` reads it.",
)
@click.option(
    "--images",
    type=FOLDER,
    help="A folder for all drawings as <digit>/<id>.png; no digits as none/<id>.png.",
)
def export(name: str | None, out: Path | None, images: Path | None) -> None:
    """Write the labelled drawings of the journal as files, for `inkling train` and others.

    Rejected drawings are left out, and what was called no digit where there are only digits.
    """
    if not out and not images:
        raise InvalidInput(
            "There is nowhere to write to.", "Give --out FILE, --images FOLDER or both."
        )
    with Session() as session:
        if out and name:
            counts = write_dataset(session.journal, name, out, session.settings.dataset_license)
            click.echo(f"Wrote {counts.written:,} drawings to {out}, with a data card.")
            for why, count in sorted(counts.left_out.items()):
                click.echo(f"Left out {count:,} that {why}.")
        elif out:
            written, without = export_strokes(session.journal, out)
            click.echo(f"Wrote {written} drawings to {out}; {without} came without strokes.")
        if images:
            written, _ = export_images(session.journal, images)
            click.echo(f"Wrote {written} images to {images}.")
