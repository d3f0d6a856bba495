"""The labelled digits that networks are trained and judged on, as an option names them."""

from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

from functions import Grey
from inkling.cli.options import FILE_OR_FOLDER
from inkling.data.datasets import GET_MNIST, MNIST_SHAPES, download_mnist
from inkling.data.samples import MAKE_ONE, TEST, TRAIN, Labels, read_arrays
from inkling.errors import InvalidInput
from inkling.settings import Settings

MNIST = "mnist"


class DataFile(click.ParamType[Path | str]):
    """The path of a training sample, or the word `mnist`."""

    name = "data"

    def convert(
        self, value: str | Path, param: click.Parameter | None, context: click.Context | None
    ) -> Path | str:
        """The word as it is; else the path of a file or a folder that exists."""
        if value == MNIST:
            return MNIST
        return Path(str(FILE_OR_FOLDER.convert(value, param, context)))


class Part(NamedTuple):
    """Digits (n, 28, 28) uint8, 255 ink; labels (n,) in 0…9."""

    digits: Grey
    labels: Labels


class Data(NamedTuple):
    """Digits under a name for people: those to learn, and those to judge on, if any."""

    name: str
    train: Part
    test: Part | None


data_option = click.option(
    "--data",
    type=DataFile(),
    metavar="mnist|FILE",
    help="`mnist`: MNIST_FILE, else Keras downloads it once. Or an .npz as `inkling sample` "
    "makes it, of any count.",
)


def read_data(source: Path | str, settings: Settings) -> Data:
    """Return the digits that the option names. Raises InvalidInput, OSError."""
    if source != MNIST:
        path = Path(source)
        return _data(path.name, read_arrays(path, TRAIN, TEST, remedy=MAKE_ONE))
    if settings.mnist_file:
        file = Path(settings.mnist_file)
        return _data(file.name, read_arrays(file, [*TRAIN, *TEST], remedy=GET_MNIST))
    found = [np.rint(a * 255).astype(np.uint8) if a.ndim == 3 else a for a in download_mnist()]
    return _data("MNIST", dict(zip(MNIST_SHAPES, found, strict=True)))


def _data(name: str, arrays: dict[str, Any]) -> Data:
    if {n: array.shape for n, array in arrays.items()} == MNIST_SHAPES:
        name = "MNIST"
    train, test = (
        Part(arrays[digits], arrays[labels].astype(np.int64)) if digits in arrays else None
        for digits, labels in (TRAIN, TEST)
    )
    if train is None:
        raise InvalidInput(f"{name} has no training digits.", MAKE_ONE)
    return Data(name, train, test)
