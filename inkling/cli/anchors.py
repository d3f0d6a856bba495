"""`inkling anchors`: the digits that the nets learn beside, and those they are probed with."""

from pathlib import Path

import click

from inkling import checkpoints
from inkling.cli.options import FOLDER
from inkling.learning.learner import build_learner
from inkling.pretraining.anchors import make_anchors, make_probe, write
from inkling.settings import load_settings


@click.command()
@click.option(
    "--out",
    type=FOLDER,
    help="The folder to write to. Default: MODELS_FOLDER, where the nets look.",
)
def anchors(out: Path | None) -> None:
    """Draw the anchors and the probe anew: digits of the project's own stroke generator.

    anchors.npz: what the nets are kept true to while they learn. probe.npz: others, all of them
    read by both originals. The same files come out each time, as long as the originals are the
    same.
    """
    settings = load_settings()
    folder = out or settings.models_folder
    nets = build_learner(checkpoints.originals(settings.models_folder))
    folder.mkdir(parents=True, exist_ok=True)
    probe = make_probe({name: net.probabilities for name, net in nets.items()})
    for name, drawn in (("anchors.npz", make_anchors()), ("probe.npz", probe)):
        write(folder / name, drawn)
        click.echo(f"{folder / name}: {len(drawn.labels):,} digits")
