"""`inkling rollback`: the weights of an older version again."""

from typing import TYPE_CHECKING

import click

from commands.failures import told_in_one_line
from commands.progress import Progress
from settings import load_settings

if TYPE_CHECKING:
    from history.undoing import RolledBack

TOLD = 100  # lessons between two lines of progress


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
    import faults
    import weights
    from coordination import open_coordination
    from history.lineage import lineage_of
    from history.undoing import check_target
    from history.undoing import rollback as go_back
    from journal import open_journal
    from outbox import Outbox
    from stores import open_store
    from trainer import both_nets

    settings = load_settings()
    faults.arm(settings.fault)
    learning = Progress("Learning again")

    def progress(done: int, of: int) -> None:
        if done % TOLD == 0 or done == of:
            learning.to(done, of)

    with told_in_one_line():
        originals = weights.originals(settings.models_folder)
        journal = open_journal(settings)
        try:
            check_target(lineage_of(journal), version)  # before TensorFlow is loaded
            outbox = Outbox(journal, open_store(settings))
            done = go_back(outbox, originals, both_nets(originals), version, progress)
        finally:
            journal.close()
        coordination = open_coordination(settings)
        coordination.versions.ring()
        coordination.labels.ring()  # an idle trainer looks, and delivers
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
