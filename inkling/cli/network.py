"""`inkling network`: the networks that are trained as a whole, beside the page's four models."""

import click

from inkling.cli.networks.evaluate import evaluate
from inkling.cli.networks.files import export, import_file, remove
from inkling.cli.networks.look import list_networks, summary
from inkling.cli.networks.predict import predict
from inkling.cli.networks.train import train


@click.group()
def network() -> None:
    """Networks beside the page's four models: train, judge, ask, export, import."""


for command in (list_networks, summary, train, evaluate, predict, export, import_file, remove):
    network.add_command(command)
