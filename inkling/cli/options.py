"""Options that several commands share, and what their values become."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from inkling.data.datasets import Mnist, download_mnist, read_mnist, read_strokes
from inkling.data.image_folder import LabelledImage, read_image_folder
from inkling.data.picture_file import read_picture_file
from inkling.data.strokes import StrokeDrawing
from inkling.nets.registry import NETWORKS
from inkling.pretraining.generated_drawings import COUNT

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE_OR_FOLDER = click.Path(exists=True, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
DOWNLOAD = "download"
MNIST_WORDS = "FILE|FOLDER|download"
MOST = 2**31 - 1  # of anything that is counted: what every database takes


class Count(click.IntRange):
    """How many, at least 1. More than there can ever be is as many as there can be."""

    def __init__(self) -> None:
        super().__init__(1)

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> int:
        """The number, or the largest that a database takes."""
        return min(MOST, int(super().convert(value, param, context)))


class MnistFile(click.ParamType[Path | str]):
    """A path of Keras's mnist.npz or of a folder of IDX files, or the word `download`."""

    name = "mnist"

    def convert(
        self, value: str | Path, param: click.Parameter | None, context: click.Context | None
    ) -> Path | str:
        """The word as it is; else the path of a file or a folder that exists."""
        if value == DOWNLOAD:
            return DOWNLOAD
        return Path(str(FILE_OR_FOLDER.convert(value, param, context)))


mnist_option = click.option(
    "--mnist",
    type=MnistFile(),
    metavar=MNIST_WORDS,
    help="Keras's mnist.npz, a folder of MNIST's four IDX files, or `download`: Keras gets it, "
    "once.",
)
drawings_option = click.option(
    "--drawings",
    type=FILE_OR_FOLDER,
    multiple=True,
    help="A stroke file (NDJSON, or .gz), or labelled images: a folder, or an .npz with x and y; "
    "may be repeated.",
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Decides everything random.",
)
generated_option = click.option(
    "--generated",
    type=click.IntRange(0),
    default=COUNT,
    show_default=True,
    help="Also learn from so many drawings of the project's generator, usual and unusual ways to "
    "draw a digit.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
net_argument = click.argument("net", type=click.Choice(NETWORKS))


def read_mnist_of(source: Path | str) -> Mnist:
    """MNIST as the option names it."""
    return download_mnist() if source == DOWNLOAD else read_mnist(Path(source))


def read_material_of(
    mnist: Path | str | None, drawings: Sequence[Path]
) -> tuple[Mnist | None, list[StrokeDrawing], list[LabelledImage]]:
    """MNIST, drawings and images as the options name them; where they name nothing, MNIST alone."""
    if mnist is None and not drawings:
        mnist = DOWNLOAD
    return None if mnist is None else read_mnist_of(mnist), *read_drawings_of(drawings)


def read_drawings_of(
    sources: Sequence[Path],
) -> tuple[list[StrokeDrawing], list[LabelledImage]]:
    """The stroke drawings, and the images of folders and .npz files, in the options' order."""
    drawings: list[StrokeDrawing] = []
    images: list[LabelledImage] = []
    for path in sources:
        if holds_images(path):
            images += read_images(path)
        else:
            drawings += read_strokes(path)
    return drawings, images


def holds_images(path: Path) -> bool:
    """Whether there are labelled images, not strokes, at a path."""
    return path.is_dir() or path.suffix == ".npz"


def read_images(path: Path) -> list[LabelledImage]:
    """The labelled images of a folder or an .npz."""
    return read_image_folder(path) if path.is_dir() else read_picture_file(path)
