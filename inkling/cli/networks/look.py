"""`inkling network list` and `summary`: what there is, without loading any of it."""

import json

import click

from inkling.cli.networks.found import AllNetworks
from inkling.cli.options import json_option
from inkling.cli.score_tables import percent
from inkling.cli.session import Session
from inkling.nets.description import Description
from inkling.nets.layers import layers_of


@click.command(name="list")
@json_option
def list_networks(as_json: bool) -> None:
    """All networks: name, title, parameters, accuracy, and where each is from.

    `page`: one of the page's four models; `shipped`: it came trained; `trained` or `imported`: it
    was, here, and takes the place of a shipped one of its name. The accuracy is that on test
    digits, as it was told when the network was made.
    """
    with Session() as session:
        found = AllNetworks(session)
        rows = [_row(found, name) for name in found.names]
    if as_json:
        click.echo(json.dumps({"networks": rows}))
        return
    head = {key: key if key != "from" else "where from" for key in rows[0]}
    told = [head, *({key: _told(key, value) for key, value in row.items()} for row in rows)]
    widths = {key: max(len(row[key]) for row in told) for key in head}
    for row in told:
        cells = [
            f"{row[key]:>{width}}" if key in ("parameters", "accuracy") else f"{row[key]:{width}}"
            for key, width in widths.items()
        ]
        click.echo("  ".join(cells).rstrip())


def _row(found: AllNetworks, name: str) -> dict[str, str | int | float | None]:
    description = found.describe(name)
    return {
        "name": name,
        "title": description.title,
        "parameters": description.parameters,
        "accuracy": found.accuracy(name),
        "from": found.origin(name),
    }


def _told(key: str, value: str | int | float | None) -> str:
    if key == "accuracy":
        return percent(None if value is None else float(value))
    return f"{value:,}" if isinstance(value, int) else str(value)


@click.command()
@click.argument("name")
def summary(name: str) -> None:
    """The layers of the network NAME, how it was trained, and how good it was then."""
    with Session() as session:
        found = AllNetworks(session)
        description, origin = found.describe(name), found.origin(name)
    click.echo(f"{description.title} ({name}, {origin})\n{description.about}\n")
    _tell_layers(description)
    if description.scale != 1:
        click.echo(f"It takes digits from 0 to {description.scale:g}.")
    for key, value in description.training.items():
        if value is not None and value is not False and value != []:
            told = ", ".join(map(str, value)) if isinstance(value, list) else value
            click.echo(f"{key.replace('_', ' ')}: {told}")
    for split, figures in description.figures.items():
        click.echo(
            f"{split}: accuracy {percent(figures.accuracy)}, loss {figures.loss:.4f} "
            f"on {figures.digits:,} digits"
        )


def _tell_layers(description: Description) -> None:
    rows = [("layer", "kind", "output", "parameters"), ("digits", "input", "28×28×1", "0")]
    rows += [
        (layer.name, layer.kind, "×".join(map(str, layer.output)), f"{layer.parameters:,}")
        for layer in layers_of(description.config)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for name, kind, output, parameters in rows:
        click.echo(
            f"{name:{widths[0]}}  {kind:{widths[1]}}  {output:>{widths[2]}}  "
            f"{parameters:>{widths[3]}}"
        )
    click.echo(f"{description.parameters:,} parameters\n")
