"""`inkling train`: originals from scratch."""

from collections.abc import Sequence
from pathlib import Path

import click

from inkling.cli.options import (
    FILE,
    FOLDER,
    drawings_option,
    generated_option,
    mnist_option,
    read_material_of,
    seed_option,
)
from inkling.cli.progress import Progress
from inkling.errors import InvalidInput
from inkling.pretraining import recipes
from inkling.pretraining import train as training
from inkling.pretraining.fit import History
from inkling.pretraining.generated_drawings import generated_drawings
from inkling.pretraining.learners import UNLIKE_DIGITS
from inkling.settings import load_settings
from inkling.tensorflow_check import check_tensorflow


@click.command()
@click.argument("net", type=click.Choice([*recipes.RECIPES]))
@mnist_option
@drawings_option
@click.option(
    "--without",
    metavar="PREFIX",
    multiple=True,
    help="Leave out writers whose names begin so; may be repeated.",
)
@generated_option
@click.option("--epochs", type=click.IntRange(1), help="Default: the recipe's.")
@click.option("--recipe", "recipe_file", type=FILE, help="JSON, as `inkling search` writes it.")
@click.option(
    "--teacher",
    type=FOLDER,
    help="Learn what this folder's teacher.npz says, or its cnn.npz.",
)
@seed_option
@click.option("--out", type=FOLDER, help="Default: MODELS_FOLDER.")
@click.option("--keep-variations", is_flag=True, help="Keep varied digits for the next training.")
def train(
    net: str,
    mnist: Path | str | None,
    drawings: Sequence[Path],
    without: tuple[str, ...],
    generated: int,
    epochs: int | None,
    recipe_file: Path | None,
    teacher: Path | None,
    seed: int,
    out: Path | None,
    keep_variations: bool,
) -> None:
    """Train an original from scratch and write its weights and history.

    `teacher` is a larger net that no server asks: the originals learn what it says (--teacher).
    `unlike-digits` tells digits from other drawings, which the project makes itself; labelled
    images are left out of it, since strangers' are not all digits.

    It learns from what is named: MNIST, drawings or both; where neither is, from MNIST, which
    Keras downloads. Drawings of held-out writers (one in six, by a hash of the name) are left out;
    one writer in ten of the others, one image in ten and the last 5,000 digits of MNIST's train
    split are only watched. Stopped or killed, the same command goes on from the last epoch.
    """
    if net == UNLIKE_DIGITS and teacher:
        raise InvalidInput(f"{UNLIKE_DIGITS} learns labels alone.", "Leave --teacher out.")
    check_tensorflow()
    settings = load_settings()
    folder = out or settings.models_folder
    digits, pen, images = read_material_of(mnist, drawings)
    pen = [drawing for drawing in pen if not drawing.writer.startswith(without)]
    made = generated_drawings(generated)
    data = training.training_set(digits, pen, images, made)
    click.echo("Learning from " + ", ".join(f"{n:,} {what}" for what, n in data.counts().items()))
    recipe = recipes.recipe_of(net, recipe_file, epochs)
    varying, learning = Progress("Varying digits"), Progress("Epoch")

    def report(epoch: int, history: History) -> None:
        note = (
            f"loss {history.loss[-1]:.4f}  train {history.accuracy[-1]:.2%}  "
            f"validation {history.validation_accuracy[-1]:.2%}"
        )
        learning.to(epoch + 1, recipe.epochs, note)

    training.train_original(
        net,
        data,
        folder,
        settings.tmp_folder,
        recipe=recipe,
        seed=seed,
        teacher=teacher,
        prepared=varying.to,
        report=report,
    )
    if net == "cnn":
        training.write_serving_graph(folder)
    if not keep_variations:
        training.remove_variations(data, settings.tmp_folder, seed)
    click.echo(f"Wrote {folder / f'{net}.npz'} and {net}.history.json.")
