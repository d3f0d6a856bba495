"""`inkling forget`: a drawing deleted everywhere, from the weights too."""

import click

from inkling.cli.progress import Progress
from inkling.cli.session import Session
from inkling.history.forget import Forgotten
from inkling.history.forget import forget as forget_drawing

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
    if not yes:
        click.confirm(f"Delete drawing {id} for ever?", abort=True)
    progress = Progress("Learning again").now_and_then
    with Session() as session:
        originals = session.originals
        open_nets = session.build_learner
        done = forget_drawing(session.outbox, originals, open_nets, id, progress)
        session.notify()
    click.echo(f"{_told(done, id)} {STAYS}")


def _told(done: Forgotten, id: str) -> str:
    if not done.found:
        return f"The journal has no drawing {id}; what the object store had of it is deleted."
    if done.version is None:
        return f"Drawing {id} is deleted. The newest weights do not hold it."
    return (
        f"Drawing {id} is deleted. Version {done.version} is what learning without it gives; the "
        f"weights that hold it, from version {done.lesson} on, are deleted."
    )
