"""`inkling network evaluate`: accuracy and loss of networks, by the graphs that serve them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from inkling.cli.measured_sets import read_material
from inkling.cli.networks.data import MNIST, data_option, read_data
from inkling.cli.networks.found import AllNetworks
from inkling.cli.options import drawings_option, json_option
from inkling.cli.progress import Progress
from inkling.cli.score_tables import percent
from inkling.cli.session import Session
from inkling.data.paper import digits_on_paper
from inkling.data.strokes import labels_of
from inkling.errors import InvalidInput
from inkling.evaluation.evaluate import DigitSet
from inkling.evaluation.networks import figures_of
from inkling.nets.description import Figures
from inkling.nets.registry import MODELS
from inkling.settings import Settings

ON_PAPER, PAPER_SEED = "validation writers on paper", 0
Sets = dict[str, DigitSet]


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@data_option
@click.option(
    "--split",
    type=click.Choice(["test", "train"]),
    default="test",
    show_default=True,
    help="Which digits of --data.",
)
@drawings_option
@click.option("--paper", is_flag=True, help="The drawings also as photographs of paper.")
@json_option
def evaluate(
    names: Sequence[str],
    data: Path | str | None,
    split: str,
    drawings: Sequence[Path],
    paper: bool,
    as_json: bool,
) -> None:
    """How good the networks NAME are, or all: accuracy and loss, as they are served.

    On the digits of --data (MNIST where nothing is named), and on the drawings of held-out
    writers (one in six, by a hash of the name) through the whole app.
    """
    if paper and not drawings:
        raise InvalidInput("There are no drawings to put on paper.", "Name --drawings FILE.")
    with Session() as session:
        found = AllNetworks(session)
        wanted = found.chosen(names)
        if data is None and not drawings:
            data = MNIST
        sets = _sets(session.settings, data, split, drawings, paper)
        done = _counter(wanted, sets)
        told = {name: _judge(found, wanted, each, done) for name, each in sets.items()}
    if as_json:
        rows = {n: {m: vars(f) for m, f in figures.items()} for n, figures in told.items()}
        click.echo(json.dumps({"sets": rows}))
        return
    width = max(len(name) for name in wanted) + 2
    for name, figures in told.items():
        click.echo(f"{name}: {len(sets[name].labels):,} digits")
        click.echo(f"{'':{width}}{'accuracy':>10}{'loss':>10}")
        for model, each in figures.items():
            click.echo(f"{model:{width}}{percent(each.accuracy):>10}{each.loss:>10.4f}")


def _judge(
    found: AllNetworks, names: Sequence[str], digits: DigitSet, done: Callable[[int], None]
) -> dict[str, Figures]:
    said = found.said(names, digits.digits, done)
    return {name: figures_of(said[name], digits.labels) for name in names}


def _counter(names: Sequence[str], sets: Sets) -> Callable[[int], None]:
    """Return what is told how many more digits are done; the page's models see each together."""
    times = len([name for name in names if name not in MODELS])
    times += any(name in MODELS for name in names)
    return Progress("Measuring").counter(times * sum(len(each.labels) for each in sets.values()))


def _sets(
    settings: Settings, data: Path | str | None, split: str, drawings: Sequence[Path], paper: bool
) -> Sets:
    """Return the digits to judge on, by the name of their set."""
    sets: Sets = {}
    if data is not None:
        sample = read_data(data, settings)
        part = sample.train if split == "train" else sample.test
        if part is None:
            raise InvalidInput(f"{sample.name} has no test digits.", "Give --split train.")
        sets[f"{sample.name} {split}"] = DigitSet(part.seen(), part.labels)
    material = read_material(drawings)
    sets |= material.digit_sets()
    if material.strokes and paper:
        on_paper = digits_on_paper(material.strokes, PAPER_SEED)
        sets[ON_PAPER] = DigitSet(on_paper, labels_of(material.strokes))
    return sets
