"""`inkling card`: the model card."""

from collections.abc import Sequence
from pathlib import Path

import click

from inkling.cli.options import FILE_OR_FOLDER
from inkling.files import write_whole
from inkling.pretraining.model_card import model_card
from inkling.settings import load_settings


@click.command()
@click.argument("data", type=FILE_OR_FOLDER, nargs=-1)
def card(data: Sequence[Path]) -> None:
    """Write the model card, README.md, of MODELS_FOLDER.

    DATA are the files and folders that its nets learned from. Sizes, hashes, recipes and accuracies
    come from the folder's files; about.md, where the folder has one, is put at the end.
    """
    folder = load_settings().models_folder
    write_whole(folder / "README.md", model_card(folder, data))
    click.echo(f"Wrote {folder / 'README.md'}.")
