"""`inkling search`: hyperparameters."""

import os
from collections.abc import Sequence
from pathlib import Path

import click
import optuna

from inkling.cli.options import (
    FOLDER,
    drawings_option,
    mnist_option,
    net_argument,
    read_material_of,
    seed_option,
)
from inkling.cli.progress import Progress
from inkling.files import create_private, own_folder
from inkling.pretraining import search as searching
from inkling.pretraining.search_report import table, write_report
from inkling.pretraining.train import training_set
from inkling.settings import SEARCH_FILE, load_settings
from inkling.tensorflow_check import check_tensorflow

SHOWN = 10  # of the best recipes


@click.command()
@net_argument
@mnist_option
@drawings_option
@click.option(
    "--trials",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="That the search has in the end, counting those of earlier runs and other machines.",
)
@click.option(
    "--processes",
    type=click.IntRange(1),
    help="Default: one for each processor for fnn; for cnn, whose trainings use all, one.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="The most that a trial trains.",
)
@seed_option
@click.option(
    "--out",
    type=FOLDER,
    help="Where plot, table and best recipe go. Default: INSTANCE_FOLDER.",
)
def search(
    net: str,
    mnist: Path | str | None,
    drawings: Sequence[Path],
    trials: int,
    processes: int | None,
    epochs: int,
    seed: int,
    out: Path | None,
) -> None:
    """Search for better hyperparameters, judged on validation digits only.

    It trains on what is named: MNIST, drawings or both; where neither is, on MNIST, which Keras
    downloads.

    Trials lie in a database, search.sqlite in INSTANCE_FOLDER or the one at DATABASE_URL: the same
    command goes on after a kill, and takes part from another machine. In the end there are a
    picture, search-NET.svg, a table, search-NET.md, and the best recipe, search-NET.json, for
    `inkling train NET --recipe`.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    check_tensorflow()
    settings = load_settings()
    own_folder(settings.instance_folder)
    if not settings.database_url:
        create_private(settings.instance_folder / SEARCH_FILE)
    data = training_set(*read_material_of(mnist, drawings))
    task = searching.Search(net, data, settings.search_url, settings.tmp_folder, epochs, seed)
    processes = processes or (len(os.sched_getaffinity(0)) if net == "fnn" else 1)
    varying, trying = Progress("Varying digits"), Progress("Trial")
    study = searching.search(
        task,
        trials,
        processes,
        prepared=varying.to,
        progress=lambda done, of, best: trying.to(
            done, of, f"best {best:.2%}" if best is not None else ""
        ),
    )
    best = searching.best_trials(study, SHOWN)
    folder = out or settings.instance_folder
    write_report(net, study.get_trials(deepcopy=False), best, folder)
    click.echo(table(best))
    click.echo(f"Wrote search-{net}.svg, .md and .json to {folder}.")
