"""`inkling evaluate`: how good the four models and the app's answer are."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from commands.options import drawings_option, mnist_option
from settings import load_settings


@click.command()
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
