"""`inkling forget`: a drawing deleted everywhere, from the weights too."""

from functools import partial
from typing import TYPE_CHECKING

import click

from commands.failures import told_in_one_line
from commands.progress import Progress
from settings import load_settings

if TYPE_CHECKING:
    from history.forgetting import Forgotten

TOLD = 100  # lessons between two lines of progress
STAYS = "Backups and exports that were made before still have it: delete those too."


@click.command()
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(id: str, yes: bool) -> None:
    """Delete the drawing ID everywhere, and what the nets learned from it.

    Safe beside a running server. What was learned after it is learned once more without it, from
    the last stored weights before it: the result is that of a run which never saw it. All weights
    that hold it are deleted. Killed or failed in between, the same command finishes it. Backups and
    exports that were made before keep it.
    """
    import faults
    import weights
    from coordination import open_coordination
    from history.forgetting import forget as forget_drawing
    from journal import open_journal
    from outbox import Outbox
    from stores import open_store
    from trainer import both_nets

    settings = load_settings()
    faults.arm(settings.fault)
    if not yes:
        click.confirm(f"Delete drawing {id} for ever?", abort=True)
    learning = Progress("Learning again")

    def progress(done: int, of: int) -> None:
        if done % TOLD == 0 or done == of:
            learning.to(done, of)

    with told_in_one_line():
        originals = weights.originals(settings.models_folder)
        journal = open_journal(settings)
        outbox = Outbox(journal, open_store(settings))
        try:
            open_nets = partial(both_nets, originals)
            done = forget_drawing(outbox, originals, open_nets, id, progress)
        finally:
            journal.close()
        coordination = open_coordination(settings)
        coordination.versions.ring()
        coordination.labels.ring()  # an idle trainer looks, and delivers
    click.echo(f"{_told(done, id)} {STAYS}")


def _told(done: "Forgotten", id: str) -> str:
    if not done.found:
        return f"The journal has no drawing {id}; what the object store had of it is deleted."
    if done.version is None:
        return f"Drawing {id} is deleted. The newest weights do not hold it."
    return (
        f"Drawing {id} is deleted. Version {done.version} is what learning without it gives; the "
        f"weights that hold it, from version {done.lesson} on, are deleted."
    )
