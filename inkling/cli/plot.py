"""`inkling plot`: pictures of training, samples, mistakes, variants and the nets themselves."""

from collections.abc import Sequence
from pathlib import Path

import click

from functions import augment, process_image
from inkling import checkpoints
from inkling.cli.options import FILE, FILE_OR_FOLDER, NEW_FILE, net_argument, seed_option
from inkling.cli.plot_inputs import (
    drawn_samples,
    history_of,
    mnist_samples,
    pick,
    read_dropout,
    read_scores,
)
from inkling.data.image_folder import read_image
from inkling.errors import InklingError, InvalidInput
from inkling.evaluation.metrics import Scores
from inkling.plots import charts, diagrams
from inkling.settings import load_settings

out_option = click.option(
    "--out",
    type=NEW_FILE,
    required=True,
    help="The picture to write: .svg or .png.",
)
dark_option = click.option("--dark", is_flag=True, help="For dark pages.")


@click.group()
def plot() -> None:
    """Draw training, samples, mistakes, variants or the nets, as SVG or PNG."""


@plot.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE|NAME…")
@out_option
@dark_option
def history(files: Sequence[str], out: Path, dark: bool) -> None:
    """Loss and accuracy over the epochs, from the history that `inkling train` wrote.

    Each FILE is one net; several are drawn side by side. NAME is a network of `inkling network
    list`, beside the page's four.
    """
    charts.plot_history([history_of(word) for word in files], out, dark=dark)
    click.echo(f"Wrote {out}.")


@plot.command()
@click.option("--drawings", type=FILE, help="A stroke file (NDJSON, or .gz).")
@click.option(
    "--mnist",
    type=FILE_OR_FOLDER,
    help="Keras's mnist.npz, or a folder of IDX files; the train split is shown.",
)
@click.option("--count", type=click.IntRange(1), default=6, show_default=True, help="Of a digit.")
@seed_option
@out_option
@dark_option
def samples(
    drawings: Path | None, mnist: Path | None, count: int, seed: int, out: Path, dark: bool
) -> None:
    """Samples of each digit as the nets see them, from --drawings or from --mnist."""
    if drawings and not mnist:
        digits = drawn_samples(drawings, count, seed)
    elif mnist and not drawings:
        digits = mnist_samples(mnist, count, seed)
    else:
        raise InvalidInput("Samples come from one file.", "Give --drawings FILE or --mnist FILE.")
    charts.plot_samples(digits, out, dark=dark)
    click.echo(f"Wrote {out}.")


@plot.command()
@click.argument("file", type=FILE)
@click.option("--set", "only_set", help="A set of digits in FILE; default: all.")
@click.option("--model", "models", multiple=True, help="A model; may be repeated; default: all.")
@out_option
@dark_option
def confusion(
    file: Path, only_set: str | None, models: Sequence[str], out: Path, dark: bool
) -> None:
    """What was said for which label, from FILE, which `inkling evaluate --json` printed."""
    found = read_scores(file)
    sets = [only_set] if only_set else list(found)
    chosen: Scores = {}
    for name in sets:
        of_set = pick(found, name, f"{file} has no set")
        wanted = models or list(of_set)
        chosen[name] = {m: pick(of_set, m, f"{file} has, for {name}, no model") for m in wanted}
    charts.plot_confusion(chosen, out, dark=dark)
    click.echo(f"Wrote {out}.")


@plot.command()
@click.argument("image", type=FILE)
@seed_option
@out_option
@dark_option
def variants(image: Path, seed: int, out: Path, dark: bool) -> None:
    """The 24 variants of a drawing that a retrained net learns from, beside the digit itself."""
    grey = read_image(image)
    digit, found = process_image(grey), augment(grey, seed)
    if digit is None or found is None:
        raise InvalidInput(f"{image} shows no ink.", "Name a picture of a digit, dark on light.")
    charts.plot_variants(digit, found, out, dark=dark)
    click.echo(f"Wrote {out}.")


@plot.command()
@net_argument
@out_option
@dark_option
def diagram(net: str, out: Path, dark: bool) -> None:
    """A net's layers, with the shapes and the parameters of its original in MODELS_FOLDER.

    The shares of dropout come from its history there, if it has one.
    """
    path = load_settings().models_folder / f"{net}.npz"
    history_file = path.with_name(f"{net}.history.json")
    try:
        arrays = checkpoints.unpack(path.read_bytes())
        layers = diagrams.fnn_layers(arrays) if net == "fnn" else diagrams.cnn_layers(arrays)
    except (OSError, KeyError, InklingError) as error:
        raise InvalidInput(
            f"{path} holds no weights of the {net.upper()} ({error}).",
            f"Train it: inkling train {net}",
        ) from error
    if net == "cnn" and history_file.exists():
        layers = diagrams.cnn_layers(arrays, read_dropout(history_file))
    diagrams.plot_diagram(net, layers, out, dark=dark)
    click.echo(f"Wrote {out}.")
