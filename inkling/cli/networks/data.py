"""The labelled digits that networks are trained and judged on, as an option names them."""

from dataclasses import replace
from pathlib import Path

import click

from inkling.cli.options import FILE_OR_FOLDER
from inkling.data.datasets import GET_MNIST, MNIST_SHAPES, download_arrays
from inkling.data.samples import (
    TEST,
    TRAIN,
    TrainingSample,
    read_arrays,
    read_sample,
    training_sample,
)
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


data_option = click.option(
    "--data",
    type=DataFile(),
    metavar="mnist|FILE",
    help="`mnist`: MNIST_FILE, else Keras downloads it once. Or an .npz as `inkling sample` "
    "makes it, of any count.",
)


def read_data(source: Path | str, settings: Settings) -> TrainingSample:
    """Return the digits that the option names. Raises InvalidInput, OSError."""
    if source != MNIST:
        return _named(read_sample(Path(source)))
    if settings.mnist_file:
        file = Path(settings.mnist_file)
        arrays = read_arrays(file, [*TRAIN, *TEST], remedy=GET_MNIST)
        return _named(training_sample(file.name, arrays))
    return training_sample("MNIST", download_arrays())


def _named(found: TrainingSample) -> TrainingSample:
    """Return the sample, under MNIST's name where it has as many digits."""
    counts = len(found.train), len(found.test or ())
    is_mnist = counts == (MNIST_SHAPES["y_train"][0], MNIST_SHAPES["y_test"][0])
    return replace(found, name="MNIST") if is_mnist else found
