"""`inkling rollback`: the weights of an older version again."""

import click

from inkling.cli.progress import Progress
from inkling.cli.session import Session
from inkling.history.rollback import RolledBack, check_target
from inkling.history.rollback import rollback as go_back


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
    progress = Progress("Learning again").now_and_then
    with Session() as session:
        originals = session.originals
        check_target(session.journal.lineage(), version)  # before TensorFlow is loaded
        done = go_back(session.outbox, originals, session.build_learner(), version, progress)
        session.notify()
    click.echo(_told(done))


def _told(done: RolledBack) -> str:
    without = ""
    if done.forgotten:
        drawings = "drawing that was" if done.forgotten == 1 else "drawings that were"
        without = f", without {done.forgotten} {drawings} forgotten since"
    return (
        f"Version {done.version} has the weights of version {done.target}{without}. Drawings that "
        f"are rejected now: {done.rejected}; that are learned again: {done.again}."
    )
