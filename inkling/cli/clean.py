"""`inkling clean`: labelled pictures by strangers, without those whose labels nobody believes."""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from inkling.cli.options import (
    FILE,
    NEW_FILE,
    drawings_option,
    generated_option,
    mnist_option,
    read_material_of,
    seed_option,
)
from inkling.cli.progress import Progress
from inkling.data.image_folder import image_digits
from inkling.data.picture_file import read_picture_file, write_picture_file
from inkling.data.strokes import labels_of
from inkling.pretraining import cleaning
from inkling.pretraining.generated_drawings import generated_drawings
from inkling.pretraining.train import remove_variations, training_set
from inkling.settings import load_settings
from inkling.tensorflow_check import check_tensorflow


@click.command()
@click.argument("pictures", type=FILE)
@click.argument("out", type=NEW_FILE)
@mnist_option
@drawings_option
@click.option(
    "--epochs", type=click.IntRange(1), default=cleaning.EPOCHS, show_default=True, help="A net's."
)
@generated_option
@seed_option
@click.option("--keep-variations", is_flag=True, help="Keep varied digits for the next command.")
def clean(
    pictures: Path,
    out: Path,
    mnist: Path | str | None,
    drawings: Sequence[Path],
    epochs: int,
    generated: int,
    seed: int,
    keep_variations: bool,
) -> None:
    """Write the pictures of an .npz to OUT without those whose labels are not believed.

    It holds `x` (n, height, width), dark on light, and `y`, the labels. Five nets learn MNIST,
    drawings and four fifths of the pictures each; a picture whose label the net that did not see it
    gives less than 1 % is left out. The fifths are runs of neighbouring rows, as neighbours may be
    one person's.
    """
    check_tensorflow()
    settings = load_settings()
    images = read_picture_file(pictures)
    digits, labels = image_digits(images), labels_of(images)
    mnist_digits, pen, _ = read_material_of(mnist, drawings)
    data = training_set(mnist_digits, pen, generated=generated_drawings(generated))
    found = cleaning.clean(
        data,
        digits,
        labels,
        settings.tmp_folder,
        recipe=cleaning.recipe_of(epochs),
        seed=seed,
        prepared=Progress("Varying digits").to,
        progress=Progress("Epoch").to,
    )
    kept = np.flatnonzero(found.kept)
    write_picture_file(out, [images[row] for row in kept])
    if not keep_variations:
        remove_variations(data, settings.tmp_folder, seed)
    counts = found.dropped()
    told = ", ".join(f"{count} of the label {label}" for label, count in counts.items())
    click.echo(f"Left out {sum(counts.values())} of {len(labels):,}{': ' + told if told else ''}.")
    click.echo(f"Wrote {len(kept):,} pictures to {out}.")
