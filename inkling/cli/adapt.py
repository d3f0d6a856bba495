"""`inkling adapt`: an experiment that shows what learning from some writers' labels does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from inkling import checkpoints
from inkling.cli.options import (
    FILE,
    MNIST_WORDS,
    MnistFile,
    json_option,
    read_drawings_of,
    read_mnist_of,
    seed_option,
)
from inkling.cli.progress import Progress
from inkling.data.strokes import StrokeDrawing
from inkling.errors import InvalidInput
from inkling.evaluation import adaptation
from inkling.evaluation.adaptation import Accuracies, Adaptation, Change, Split
from inkling.evaluation.evaluate import DigitSet, drawn_set
from inkling.learning.learner import build_learner
from inkling.learning.rule import LEARNING_RULES, MEMORY
from inkling.settings import load_settings


@click.command()
@click.option("--drawings", type=FILE, multiple=True, required=True, help="A stroke file.")
@click.option(
    "--writers",
    metavar="PREFIX",
    multiple=True,
    required=True,
    help="Labels come from writers whose names begin so; repeated, from each group in turn.",
)
@click.option(
    "--labels", type=click.IntRange(1), required=True, help="How many, shared by the groups."
)
@click.option(
    "--retain",
    type=FILE,
    multiple=True,
    help="A stroke file that must not get worse; may be repeated.",
)
@click.option(
    "--mnist",
    type=MnistFile(),
    metavar=MNIST_WORDS,
    help="MNIST, whose test split must not get worse: mnist.npz, a folder of IDX files, or "
    "`download`.",
)
@seed_option
@click.option(
    "--rule",
    type=click.Choice([*LEARNING_RULES]),
    default=MEMORY.name,
    show_default=True,
    help="The learning rule; sgd: a plain step on the variants alone.",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Labels that share a step; a server's trainer takes a step for each.",
)
@json_option
def adapt(
    drawings: Sequence[Path],
    writers: Sequence[str],
    labels: int,
    retain: Sequence[Path],
    mnist: Path | str | None,
    seed: int,
    rule: str,
    batch: int,
    as_json: bool,
) -> None:
    """Teach the originals some writers' drawings; tell what it did.

    The originals of MODELS_FOLDER learn the labels as they would on the server, one after another.
    Measured are the writers' other drawings, and what must not get worse, before and after. No
    journal is read or written.
    """
    groups = _groups(read_drawings_of(drawings)[0], writers, labels, seed)
    retained: dict[str, DigitSet] = {}
    for path in retain:
        retained[str(path)] = drawn_set(read_drawings_of([path])[0])
    if mnist is not None:
        retained["MNIST test"] = _mnist_digits(mnist)
    originals = checkpoints.originals(load_settings().models_folder)
    learner = build_learner(originals, LEARNING_RULES[rule])
    progress = Progress("Learning").counter(labels)
    found = adaptation.adapt(learner, originals, groups, retained, seed, progress, batch)
    if as_json:
        asked = {"rule": rule, "batch": batch, "writers": list(writers), "seed": seed}
        click.echo(json.dumps(asked | asdict(found)))
    else:
        _tell(found)


def _groups(
    drawings: Sequence[StrokeDrawing], writers: Sequence[str], labels: int, seed: int
) -> list[Split]:
    shares = [labels // len(writers) + (n < labels % len(writers)) for n in range(len(writers))]
    groups = []
    for prefix, share in zip(writers, shares, strict=True):
        chosen = [drawing for drawing in drawings if drawing.writer.startswith(prefix)]
        if not chosen:
            raise InvalidInput(
                f"No drawing is by a writer whose name begins with {prefix!r}.",
                "Name other --drawings or --writers.",
            )
        groups.append(adaptation.split(chosen, share, seed))
    return groups


def _mnist_digits(mnist: Path | str) -> DigitSet:
    test = read_mnist_of(mnist)
    return DigitSet(test.test_digits, test.test_labels)


def _tell(found: Adaptation) -> None:
    click.echo(
        f"{found.labels:,} labels, {found.rejected:,} rejected; errors in % before and after"
    )
    sets: Mapping[str, Change] = {"the writers' others": found.own, **found.retained}
    for name, change in sets.items():
        click.echo(f"\n{name}: {change.count:,} digits")
        for model in change.before:
            click.echo(f"  {model:10}{_errors(model, change.before, change.after)}")


def _errors(model: str, before: Accuracies, after: Accuracies) -> str:
    return f"{100 - 100 * before[model]:8.2f}{100 - 100 * after[model]:8.2f}"
