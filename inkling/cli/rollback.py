"""`inkling rollback`: the weights of an older version again."""

from typing import TYPE_CHECKING

import click

from inkling.cli.beside import beside_a_server
from inkling.cli.progress import Progress

if TYPE_CHECKING:
    from inkling.history.rollback import RolledBack


@click.command()
@click.option(
    "--to", "version", type=click.IntRange(0), required=True, help="A version; 0: the originals."
)
def rollback(version: int) -> None:
    """Serve the weights of an older version again, and learn on from there.

    Safe beside a running server. What was learned since is kept as `rejected` and is in the weights
    no more. It becomes a new version, so a rollback can itself be rolled back. Where the version's
    weights are not stored, they are made again from older ones.
    """
    from inkling.history.rollback import check_target
    from inkling.history.rollback import rollback as go_back
    from inkling.learning.learner import build_learner

    progress = Progress("Learning again").now_and_then
    with beside_a_server() as (outbox, originals):
        check_target(outbox.journal.lineage(), version)  # before TensorFlow is loaded
        done = go_back(outbox, originals, build_learner(originals), version, progress)
    click.echo(_told(done))


def _told(done: "RolledBack") -> str:
    without = ""
    if done.forgotten:
        drawings = "drawing that was" if done.forgotten == 1 else "drawings that were"
        without = f", without {done.forgotten} {drawings} forgotten since"
    return (
        f"Version {done.version} has the weights of version {done.target}{without}. Drawings that "
        f"are rejected now: {done.rejected}; that are learned again: {done.again}."
    )
