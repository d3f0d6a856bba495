"""What `inkling predict` and `inkling network predict` share: pictures in, top three out."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from functions import FloatArray, process_image, top_3
from inkling.cli.networks.data import MNIST, data_option, read_data
from inkling.cli.networks.found import AllNetworks
from inkling.cli.options import FILE, json_option
from inkling.cli.session import Session
from inkling.data.image_folder import read_image
from inkling.data.samples import Digits
from inkling.errors import InvalidInput
from inkling.nets.unlike_digits import read_unlike_digits
from inkling.settings import Settings

files_argument = click.argument("files", type=FILE, nargs=-1, metavar="[FILE]…")
mnist_test_option = click.option(
    "--mnist-test",
    type=click.IntRange(0),
    metavar="INDEX",
    help="Also a digit of MNIST's test split, or of --data's, by its number from 0.",
)


@click.command()
@click.argument("name")
@files_argument
@mnist_test_option
@data_option
@json_option
def predict(
    name: str,
    files: Sequence[Path],
    mnist_test: int | None,
    data: Path | str | None,
    as_json: bool,
) -> None:
    """What the network NAME sees in pictures: the three likeliest digits.

    Each FILE shows one digit, dark on light ground, in any format that the page takes.
    """
    tell_predictions([name], files, mnist_test, data, as_json)


def tell_predictions(
    names: Sequence[str],
    files: Sequence[Path],
    mnist_test: int | None,
    data: Path | str | None,
    as_json: bool,
) -> None:
    """Print what networks, or all, see in pictures and in a digit of MNIST."""
    if not files and mnist_test is None:
        raise InvalidInput("There is nothing to look at.", "Name a picture, or --mnist-test INDEX.")
    with Session() as session:
        found = AllNetworks(session)
        wanted = found.chosen(names)
        digits = [(str(path), _digit_of(path)) for path in files]
        if mnist_test is not None:
            digits.append(_test_digit(session.settings, data or MNIST, mnist_test))
        said = found.said(wanted, np.stack([digit for _, digit in digits]))
        net = read_unlike_digits(session.settings.models_folder)
    alike = [net is None or net.is_digit(digit) for _, digit in digits]
    rows = [
        {
            "picture": title,
            "is_digit": alike[number],
            "networks": {name: top_3(said[name][number]) for name in wanted},
        }
        for number, (title, _) in enumerate(digits)
    ]
    if as_json:
        click.echo(json.dumps({"predictions": rows}))
        return
    width = max(len(name) for name in wanted) + 2
    for number, (title, _) in enumerate(digits):
        click.echo(title if alike[number] else f"{title}, which looks like no digit")
        for name in wanted:
            likely = top_3(said[name][number])
            cells = (f"{each['digit']} {each['probability']:>7.2%}" for each in likely)
            click.echo(f"  {name:{width}}{'   '.join(cells)}")


def _digit_of(path: Path) -> FloatArray:
    digit = process_image(read_image(path))
    if digit is None:
        raise InvalidInput(f"{path} shows no ink.", "Name a picture of a digit, dark on light.")
    return digit


def _test_digit(settings: Settings, data: Path | str, index: int) -> tuple[str, FloatArray]:
    """Return a title and a digit of the test split."""
    sample = read_data(data, settings)
    count = len(sample.test.labels) if sample.test else 0
    if sample.test is None or index >= count:
        raise InvalidInput(f"{sample.name} has {count:,} test digits.", f"{index} is none of them.")
    chosen = Digits(sample.test.digits[[index]], sample.test.labels[[index]])
    return f"{sample.name} test {index}, a {chosen.labels[0]}", chosen.seen()[0]
