"""The sets of digits that commands measure on, from the files that their options name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from inkling.cli.options import FILE, holds_images, read_images
from inkling.data.datasets import held_out, read_strokes
from inkling.data.image_folder import LabelledImage, image_digits
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.errors import InvalidInput
from inkling.evaluation.evaluate import DigitSet, drawn_set
from inkling.evaluation.metrics import VALIDATION_WRITERS
from inkling.parallel import Done, ignore

unseen_option = click.option(
    "--unseen",
    type=FILE,
    multiple=True,
    help="A stroke file of which nothing was learned: a set of its own, of all its writers; may be "
    "repeated.",
)


@dataclass(frozen=True)
class Material:
    """What sets are made of, by their names: stroke drawings, and images.

    strokes: those drawings that are of the option --drawings.
    """

    drawings: dict[str, list[StrokeDrawing]]
    images: dict[str, list[LabelledImage]]
    strokes: list[StrokeDrawing]

    def steps(self) -> int:
        """Return how many digits `digit_sets` draws."""
        return sum(map(len, self.drawings.values()))

    def digit_sets(self, done: Done = ignore) -> dict[str, DigitSet]:
        """Return what the nets see of all of it, by set; `done` hears of each drawing."""
        sets = {name: drawn_set(found, done=done) for name, found in self.drawings.items()}
        for name, images in self.images.items():
            sets[name] = DigitSet(image_digits(images), labels_of(images))
        return sets


def read_material(
    paths: Sequence[Path], unseen: Sequence[Path] = (), writers: str | None = None
) -> Material:
    """Return the material of the options --drawings, --unseen and --writers.

    One set of the drawings by held-out writers, or by those whose names begin with `writers`; one
    for each file of `unseen`, and for each folder or .npz of images.

    Raises InvalidInput where a file has nothing of what is meant, or as its reader does.
    """
    drawings: dict[str, list[StrokeDrawing]] = {}
    images: dict[str, list[LabelledImage]] = {}
    strokes = [d for path in paths if not holds_images(path) for d in read_strokes(path)]
    if strokes:
        strokes = _meant(strokes, writers)
        drawings[VALIDATION_WRITERS if writers is None else f"writers {writers}…"] = strokes
    for path in unseen:
        drawings[_name_of(path, {*drawings})] = read_strokes(path)
    for path in paths:
        if holds_images(path):
            images[_name_of(path, {*drawings, *images})] = read_images(path)
    return Material(drawings, images, strokes)


def _meant(strokes: Sequence[StrokeDrawing], writers: str | None) -> list[StrokeDrawing]:
    if writers is None:
        kept, whose = [d for d in strokes if held_out(d.writer)], "a held-out writer"
    else:
        kept = [d for d in strokes if d.writer.startswith(writers)]
        whose = f"a writer whose name begins with {writers!r}"
    if not kept:
        raise InvalidInput(f"No drawing is by {whose}.", "Name other --drawings or --writers.")
    return kept


def _name_of(path: Path, taken: set[str]) -> str:
    """Return the name of a file's set: the file's own, without its ending, where that is free."""
    name = path.resolve().name.split(".")[0] or path.name
    return str(path) if name in taken else name
