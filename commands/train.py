"""`inkling train`: originals from scratch."""

from collections.abc import Sequence
from pathlib import Path

import click

from commands.options import FOLDER, drawings_option, mnist_option
from settings import load_settings


@click.command()
@click.argument("net", type=click.Choice(["fnn", "cnn"]))
@mnist_option
@drawings_option
@click.option("--epochs", type=click.IntRange(1), help="Default: 40 for fnn, 20 for cnn.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--out", type=FOLDER, help="Default: MODELS_FOLDER.")
def train(
    net: str, mnist: Path, drawings: Sequence[Path], epochs: int | None, seed: int, out: Path | None
) -> None:
    """Train an original from scratch and write its weights.

    Drawings of held-out writers (one in six, by a hash of the name) are left out.
    """
    import training
    from two_layer_net import History

    folder = out or load_settings().models_folder

    def report(epoch: int, history: History) -> None:
        click.echo(
            f"epoch {epoch + 1:3}  loss {history.loss[-1]:.4f}  "
            f"train {history.accuracy[-1]:.2%}  validation {history.validation_accuracy[-1]:.2%}"
        )

    training.train_original(net, mnist, drawings, folder, epochs=epochs, seed=seed, report=report)
    if net == "cnn":
        training.write_serving_graph(folder)
    click.echo(f"Wrote {folder / f'{net}.npz'}.")
