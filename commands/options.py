"""Options that several commands share."""

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

mnist_option = click.option("--mnist", type=FILE, required=True, help="Keras's mnist.npz.")
drawings_option = click.option(
    "--drawings", type=FILE, multiple=True, help="A stroke file (NDJSON, or .gz); may be repeated."
)
