"""`inkling predict`: what every network sees in a picture."""

from collections.abc import Sequence
from pathlib import Path

import click

from inkling.cli.networks.data import data_option
from inkling.cli.networks.predict import files_argument, mnist_test_option, tell_predictions
from inkling.cli.options import json_option


@click.command()
@files_argument
@click.option(
    "--network",
    "names",
    metavar="NAME",
    multiple=True,
    help="Only this one; may be repeated. Default: the page's four models and all others.",
)
@mnist_test_option
@data_option
@json_option
def predict(
    files: Sequence[Path],
    names: Sequence[str],
    mnist_test: int | None,
    data: Path | str | None,
    as_json: bool,
) -> None:
    """What every network sees in pictures: the three likeliest digits.

    Each FILE shows one digit, dark on light ground, in any format that the page takes. No server
    is needed.
    """
    tell_predictions(names, files, mnist_test, data, as_json)
