"""`inkling network export`, `import` and `remove`: networks in files, and out of the journal."""

from pathlib import Path

import click

from inkling.cli.networks.found import IMPORTED, TRAINED, AllNetworks
from inkling.cli.options import FILE
from inkling.cli.session import Session
from inkling.errors import InvalidInput
from inkling.formats.exporting import FORMATS, export_network
from inkling.formats.importing import import_network
from inkling.journal.networks import publish_network, remove_network
from inkling.nets.architectures import ARCHITECTURES


@click.command()
@click.argument("name")
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS]),
    required=True,
    help="keras: for Keras 3. tflite: for LiteRT. tfjs: model.json and its weights, for "
    "tf.loadLayersModel. npz: numpy arrays with the layers as JSON, for `inkling network import`.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file, or for tfjs the folder, to write. Default: NAME.keras, NAME-tfjs, … here.",
)
def export(name: str, form: str, out: Path | None) -> None:
    """Write the network NAME, or one of the page's four models, in a format that others open.

    A digit goes in as (28, 28, 1), light on dark; ten probabilities come out.
    """
    with Session() as session:
        found = AllNetworks(session)
        description, arrays, graph = found.describe(name), found.weights(name), found.graph(name)
    out = out or Path(name + FORMATS[form])
    for path in export_network(description, arrays, graph, form, out):
        click.echo(f"Wrote {path}.")
    click.echo(f"It takes digits from 0 to {description.scale:g}.")


@click.command(name="import")
@click.argument("file", type=FILE)
@click.option("--name", required=True, help="What to call it: small letters, digits and '-'.")
@click.option(
    "--scale",
    type=click.FloatRange(0, 1e6, min_open=True),
    metavar="NUMBER",
    help="What a digit in [0, 1] is multiplied by before the first layer: 255 for a network that "
    "was trained on 0 to 255. Default: 1, or what an .npz of ours says.",
)
@click.option("--replace", is_flag=True, help="Also where a network has this name already.")
def import_file(file: Path, name: str, scale: float | None, replace: bool) -> None:
    """Serve a network that was trained elsewhere: FILE is .keras, .h5 or .npz.

    It takes 28×28 and gives ten classes, by a chain of plain layers; one that ends in scores gets
    a softmax. No code in the file is run. An .npz is what `inkling network export` wrote, or the
    kernels and biases of dense layers by turns. A running server serves it within moments.
    """
    if name in ARCHITECTURES:
        raise InvalidInput(f"{name!r} is trained here.", "Name the network otherwise.")
    with Session() as session:
        if name in AllNetworks(session).beside and not replace:
            raise InvalidInput(
                f"There is a network {name!r} already.", "Name it otherwise, or give --replace."
            )
        found = import_network(file, name, scale)
        publish_network(session.outbox, *found)
        session.coordination.versions.notify()
    click.echo(f"{name} is served, with {found.description.parameters:,} parameters.")


@click.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the network NAME, which was trained or imported here.

    Where it stood in the place of a shipped one, that is served again.
    """
    with Session() as session:
        found = AllNetworks(session)
        found.check(name)
        origin = found.origin(name)
        if origin not in (TRAINED, IMPORTED):
            what = "one of the page's models" if name not in found.beside else "shipped"
            raise InvalidInput(f"{name!r} is {what}.", "Only trained or imported ones are removed.")
        remove_network(session.outbox, name)
        session.coordination.versions.notify()
        again = " The shipped one is served again." if name in found.shipped else ""
        click.echo(f"Removed {name}.{again}")
