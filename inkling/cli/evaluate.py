"""`inkling evaluate`: how good the four models and the app's answer are."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from inkling.cli.measured_sets import Material, read_material, unseen_option
from inkling.cli.options import (
    NEW_FILE,
    drawings_option,
    json_option,
    mnist_option,
    read_mnist_of,
)
from inkling.cli.progress import Progress
from inkling.cli.score_tables import robustness_table, score_tables
from inkling.data.datasets import Mnist
from inkling.errors import InvalidInput
from inkling.evaluation.evaluate import (
    DigitSet,
    Mistake,
    answers,
    score_models,
    worst_mistakes,
)
from inkling.evaluation.metrics import MNIST_TEST, Scores, scores_to_json
from inkling.evaluation.models import Models, load_models
from inkling.evaluation.robustness import robustness as score_robustness
from inkling.evaluation.robustness import row_names
from inkling.files import own_folder
from inkling.nets.unlike_digits import read_unlike_digits
from inkling.plots.contact_sheet import contact_sheet, write_contact_sheet
from inkling.settings import load_settings

MISTAKES = "worst-mistakes.png"


@click.command()
@mnist_option
@drawings_option
@unseen_option
@click.option(
    "--writers",
    metavar="PREFIX",
    help="Use all drawings of the writers whose names begin so, held out or not.",
)
@click.option(
    "--weights",
    default="retrained",
    show_default=True,
    metavar="WHICH",
    help="retrained: the newest version; original; a version's number; or a folder of models.",
)
@click.option(
    "--mistakes",
    type=NEW_FILE,
    help=f"Where the worst mistakes are pictured. Default: {MISTAKES} in INSTANCE_FOLDER; "
    "with --json, nowhere.",
)
@click.option("--robustness", is_flag=True, help="Also with other pens, sizes, places and tilts.")
@json_option
def evaluate(
    mnist: Path | str | None,
    drawings: Sequence[Path],
    unseen: Sequence[Path],
    writers: str | None,
    weights: str,
    mistakes: Path | None,
    robustness: bool,
    as_json: bool,
) -> None:
    """How good the four models and the app's answer are.

    On MNIST's test split, on the drawings of validation writers (held out of training, one in six,
    by a hash of the name) as PNGs through the whole app, on stroke files of which nothing was
    learned, and on labelled images. Where the writers are known, accuracies by writer are told too,
    and how far the figures may be trusted: intervals of 95 % by a bootstrap that draws whole
    writers.
    """
    if mnist is None and not drawings and not unseen:
        raise InvalidInput(
            "There is nothing to evaluate on.", "Name --mnist, --drawings or --unseen."
        )
    settings = load_settings()
    models = load_models(settings, weights)
    material = read_material(drawings, unseen, writers)
    if robustness and not material.strokes:
        raise InvalidInput("There are no stroke drawings to vary.", "Name --drawings FILE.")
    test = None if mnist is None else read_mnist_of(mnist)
    done = Progress("Measuring").counter(_length(test, material, robustness))
    sets = _mnist_set(test) | material.digit_sets(done)
    said = answers(models, sets, done=done)
    rows = score_robustness(models, material.strokes, done=done) if robustness else {}
    scores = {name: score_models(said[name], s.labels, s.writers) for name, s in sets.items()}
    if mistakes or not as_json:
        if not mistakes:
            own_folder(settings.instance_folder)
            mistakes = settings.instance_folder / MISTAKES
        pictured = _picture(worst_mistakes(sets, said), mistakes)
    refused = _refused(settings.models_folder, sets)
    if as_json:
        found = _as_json(weights, models, scores, rows)
        click.echo(json.dumps(found | ({"refused": refused} if refused else {})))
    else:
        _tell(weights, models, scores, rows)
        if refused:
            shares = ", ".join(f"{name} {share:.2%}" for name, share in refused.items())
            pictured = f"Like no digit to the app: {shares}.\n{pictured}"
        click.echo(("\n" if rows else "") + pictured)


def _length(test: Mnist | None, material: Material, robustness: bool) -> int:
    """How many digits there are to draw and to look at, each counted once for either."""
    digits = 0 if test is None else len(test.test_labels)
    images = sum(map(len, material.images.values()))
    varied = len(row_names()) * len(material.strokes) if robustness else 0
    return digits + 2 * material.steps() + images + varied


def _mnist_set(test: Mnist | None) -> dict[str, DigitSet]:
    return {} if test is None else {MNIST_TEST: DigitSet(test.test_digits, test.test_labels)}


def _picture(mistakes: Sequence[Mistake], path: Path) -> str:
    """Write the contact sheet of the mistakes; a line that says where."""
    if not mistakes:
        return "There is no mistake to picture."
    captions = [f"{m.label}, said {m.said}\n{m.probability:.1%} sure" for m in mistakes]
    sheet = contact_sheet([mistake.digit for mistake in mistakes], captions)
    write_contact_sheet(path, sheet, private=True)
    return f"The {len(mistakes)} surest mistakes are pictured in {path}."


def _refused(models_folder: Path, sets: Mapping[str, DigitSet]) -> dict[str, float]:
    """What share of each set looks like no digit; nothing where no net of the folder tells."""
    net = read_unlike_digits(models_folder)
    if net is None:
        return {}
    return {
        name: round(float(np.mean([not net.is_digit(digit) for digit in found.digits])), 6)
        for name, found in sets.items()
        if len(found.labels)
    }


def _as_json(weights: str, models: Models, scores: Scores, rows: Scores) -> dict[str, Any]:
    found = {"weights": weights, "version": models.version, "sets": scores_to_json(scores)}
    return found | ({"robustness": scores_to_json(rows)} if rows else {})


def _tell(weights: str, models: Models, scores: Scores, rows: Scores) -> None:
    version = "" if models.version is None else f" (version {models.version})"
    click.echo(f"Weights: {weights}{version}\n")
    for line in score_tables(scores):
        click.echo(line)
    for line in robustness_table(rows):
        click.echo(line)
