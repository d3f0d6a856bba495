"""`inkling network train`: a network as a whole, as its source trains it or otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkling.cli.networks.data import MNIST, data_option, read_data
from inkling.cli.options import FILE, FOLDER, Count, seed_option
from inkling.cli.progress import Progress, TrainingProgress
from inkling.cli.score_tables import percent
from inkling.cli.session import Session
from inkling.data.datasets import read_strokes
from inkling.data.samples import TrainingSample
from inkling.errors import InvalidInput
from inkling.files import write_whole
from inkling.journal.networks import publish_network
from inkling.nets.architectures import (
    ARCHITECTURES,
    VARIED_RECIPE,
    VARIED_RECIPES,
    Recipe,
    recipe_of,
)
from inkling.nets.description import ServableNetwork, check_name
from inkling.nets.shipped import write_shipped
from inkling.tensorflow_check import check_tensorflow

if TYPE_CHECKING:
    from inkling.pretraining.network_training import History, Plan

MOST_UNITS, MOST_HIDDEN = 10_000, 20
NOTHING_WATCHED = "Nothing is watched, so nothing can stop it early."


class Hidden(click.ParamType[tuple[int, ...]]):
    """Units of hidden layers: `128`, `10,10`."""

    name = "hidden"

    def convert(
        self,
        value: str | tuple[int, ...],
        param: click.Parameter | None,
        context: click.Context | None,
    ) -> tuple[int, ...]:
        """The numbers between commas."""
        if isinstance(value, tuple):
            return value
        words = [word.strip() for word in value.split(",")]
        units = [int(word) for word in words if word.isdecimal() and len(word) < 9]
        fits = len(units) == len(words) and all(1 <= count <= MOST_UNITS for count in units)
        if not fits or len(units) > MOST_HIDDEN:
            wrong = f"{value!r} is no list of units, each from 1 to {MOST_UNITS:,}: 10,10"
            self.fail(wrong, param, context)
        return tuple(units)


class FileCheckpoint:
    """A training's state in a file, which the same command goes on from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> bytes | None:
        """Return what was saved last; None where nothing was."""
        return self.path.read_bytes() if self.path.exists() else None

    def save(self, content: bytes, history: "History") -> None:
        """Keep this instead of what was saved before."""
        write_whole(self.path, content)


@click.command()
@click.argument("net", type=click.Choice([*ARCHITECTURES]))
@data_option
@click.option(
    "--drawings",
    type=FILE,
    multiple=True,
    help="A stroke file: learn from its writers that are not held out, and from distorted digits, "
    "too; may be repeated.",
)
@click.option("--epochs", type=Count(), help="Default: the source's; with --drawings 40.")
@click.option("--batch", type=Count(), help="Digits a step. Default: the source's.")
@click.option(
    "--validation-split",
    type=click.FloatRange(0, 1, max_open=True),
    metavar="SHARE",
    help="Only watch this share of the training digits, the last of them.",
)
@click.option("--validate-on-test", is_flag=True, help="Watch the test digits.")
@click.option(
    "--early-stopping",
    type=Count(),
    metavar="PATIENCE",
    help="Stop after so many epochs without a lower val_loss; keep the best epoch's weights.",
)
@click.option(
    "--hidden", type=Hidden(), metavar="10,10", help="Units of hidden layers, of `dense`."
)
@seed_option
@click.option("--name", help="What to call it. Default: NET, with its hidden layers.")
@click.option(
    "--out", type=FOLDER, help="Write it to FOLDER/networks, as those that come trained, instead."
)
@click.option("--keep-variations", is_flag=True, help="Keep varied digits for the next training.")
def train(
    net: str,
    data: Path | str | None,
    drawings: Sequence[Path],
    epochs: int | None,
    batch: int | None,
    validation_split: float | None,
    validate_on_test: bool,
    early_stopping: int | None,
    hidden: tuple[int, ...] | None,
    seed: int,
    name: str | None,
    out: Path | None,
    keep_variations: bool,
) -> None:
    """Train the network NET from scratch, as its source does where no option says otherwise.

    A running server serves it within moments of its end, in the place of one that has its name.
    Stopped or killed, the same command goes on from the last epoch. With --drawings, what is
    watched is drawings of one writer in ten. The figures on test digits are told at the end; a
    network that was stopped by them, or chosen by them, is judged on what it has seen.
    """
    check_tensorflow()
    name = _name(net, hidden, name)
    varied = VARIED_RECIPES.get(net, VARIED_RECIPE)
    recipe = varied if drawings else recipe_of(ARCHITECTURES[net], hidden or ())
    recipe = replace(recipe, epochs=epochs or recipe.epochs, batch=batch or recipe.batch)
    recipe = _watching(recipe, validation_split, validate_on_test, bool(drawings))
    if early_stopping and not recipe.is_watched and not drawings:
        raise InvalidInput(NOTHING_WATCHED, "Give --validation-split or --validate-on-test.")
    with Session() as session:
        if out is None:
            session.journal.current_version()  # whether it answers, before hours of training
        found = read_data(data or MNIST, session.settings)
        from inkling.pretraining.network_training import Plan  # Keras: 4 s

        recipe = replace(recipe, patience=early_stopping or recipe.patience)
        plan = Plan(ARCHITECTURES[net], recipe, hidden or (), seed)
        trained = _train(session, name, plan, found, drawings, out, keep_variations)
    for split, figures in trained.description.figures.items():
        click.echo(f"{split}: accuracy {percent(figures.accuracy)}, loss {figures.loss:.4f}")
    where = out / "networks" if out else None
    click.echo(f"Wrote {name} to {where}." if where else f"{name} is served.")


def _name(net: str, hidden: tuple[int, ...] | None, name: str | None) -> str:
    if hidden and net != "dense":
        raise InvalidInput(f"{net} has no hidden layers to choose.", "Leave --hidden out.")
    units = hidden if hidden and hidden != ARCHITECTURES[net].hidden else ()
    name = name or "-".join([net, *map(str, units)])
    check_name(name)
    if name in ARCHITECTURES and name != net:
        raise InvalidInput(f"{name!r} is another kind of network.", "Give another --name.")
    return name


def _watching(recipe: Recipe, share: float | None, on_test: bool, varied: bool) -> Recipe:
    """Return the recipe with other digits to watch, where options name some."""
    if (share is not None) + on_test + varied > 1:
        raise InvalidInput(
            "Only one of --validation-split, --validate-on-test and --drawings says what is "
            "watched.",
            "Leave the others out.",
        )
    if on_test:
        return replace(recipe, validate_on_test=True, validation_share=0.0)
    if share is not None:
        return replace(recipe, validate_on_test=False, validation_share=share)
    return recipe


def _train(
    session: Session,
    name: str,
    plan: "Plan",
    sample: TrainingSample,
    drawings: Sequence[Path],
    out: Path | None,
    keep_variations: bool,
) -> ServableNetwork:
    """Train, publish or write, and clear up."""
    from inkling.pretraining.network_training import fingerprint
    from inkling.pretraining.train import CHECKPOINT
    from inkling.pretraining.trained_network import split, train_network
    from inkling.pretraining.varied_digits import vary

    learned, watched = split(sample, plan)
    work, told = session.settings.tmp_folder, Progress("Varying digits")
    parts = [part for part in (learned, watched) if part]
    varied = None
    if drawings:
        pen = [drawing for path in drawings for drawing in read_strokes(path)]
        varied = vary(
            learned, pen, work, epochs=plan.recipe.epochs, seed=plan.seed, progress=told.to
        )
        if plan.recipe.patience and varied.watched is None:
            raise InvalidInput(NOTHING_WATCHED, "Name --drawings by more writers.")
    folder = varied.folder if varied else work  # whose name tells of drawings and distortions
    checkpoint = FileCheckpoint(folder / f"network-{fingerprint(plan, parts)}{CHECKPOINT}")
    beside = f" and {varied.told['drawings']:,} drawings" if varied else ""
    click.echo(f"Learning from {len(learned):,} digits of {sample.name}{beside}.", err=True)
    trained = train_network(
        name,
        plan,
        sample,
        checkpoint,
        TrainingProgress().tell,
        varied.epoch if varied else None,
        lambda: varied.told if varied else {},
        varied.watched if varied else None,
    )
    if out:
        write_shipped(out, *trained)
    else:
        publish_network(session.outbox, *trained)
        session.coordination.versions.notify()
    checkpoint.path.unlink(missing_ok=True)
    if varied and not keep_variations:
        varied.remove()
    return trained
