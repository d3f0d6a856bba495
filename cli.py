"""The commands: `inkling …` once installed in .venv, `python cli.py …` anywhere."""

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path

# Nets this small lose more than they gain on several threads.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import click

from settings import SettingError, load_settings

# Rooms are imported by the command that needs them: `inkling --help` answers at once.

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
mnist_option = click.option("--mnist", type=FILE, required=True, help="Keras's mnist.npz.")
drawings_option = click.option(
    "--drawings", type=FILE, multiple=True, help="A stroke file (NDJSON, or .gz); may be repeated."
)


@click.group()
def inkling() -> None:
    """A model that learns from its users."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")


@inkling.command()
@click.option("--parent", type=int, help="End when the process with this number is gone.")
def trainer(parent: int | None) -> None:
    """Learn from labels until stopped. The server starts this by itself."""
    import trainer as room

    room.run(load_settings(), parent)


@inkling.command()
@click.argument("net", type=click.Choice(["fnn", "cnn"]))
@mnist_option
@drawings_option
@click.option("--epochs", type=click.IntRange(1), help="Default: 40 for fnn, 20 for cnn.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Default: MODELS_FOLDER."
)
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


@inkling.command()
@mnist_option
@drawings_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(mnist: Path, drawings: Sequence[Path], as_json: bool) -> None:
    """Accuracy of the four models and of the app's answer.

    On MNIST's test split, and on the held-out writers' drawings as PNGs through the whole app.
    """
    import evaluation
    from datasets import held_out, read_mnist, read_strokes
    from journal import open_journal
    from recognizer import Recognizer
    from storage import open_store

    settings = load_settings()
    recognizer = Recognizer(settings.models_folder, open_journal(settings), open_store(settings))
    test = read_mnist(mnist)
    found = {
        "MNIST test": evaluation.accuracies(recognizer, test.test_digits, test.test_labels),
    }
    kept = [d for path in drawings for d in read_strokes(path) if held_out(d.writer)]
    if kept:
        digits = evaluation.pipeline_digits(kept)
        labels = [drawing.digit for drawing in kept]
        found["held-out writers"] = evaluation.accuracies(recognizer, digits, labels)
    if as_json:
        click.echo(json.dumps({"version": recognizer.version, "accuracy": found}))
        return
    click.echo(f"{'version ' + str(recognizer.version):18}" + "".join(f"{n:>15}" for n in found))
    for name in found["MNIST test"]:
        click.echo(f"{name:18}" + "".join(f"{row[name]:>15.2%}" for row in found.values()))


def main() -> None:
    """Run a command; say what is wrong with a setting or a file in one line."""
    try:
        inkling()
    except (SettingError, ValueError) as error:
        raise SystemExit(f"Error: {error}") from error


if __name__ == "__main__":
    main()
