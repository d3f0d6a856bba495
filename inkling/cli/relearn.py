"""`inkling relearn`: all labels learned once more, by the rule of today."""

import click

from inkling.cli.progress import Progress
from inkling.cli.session import Session
from inkling.errors import InvalidInput
from inkling.history.rebuild import relearn_all


@click.command()
def relearn() -> None:
    """Learn all labels once more, from the originals, by the rule of today.

    For when the originals or the learning rule changed: then the weights served are not those that
    the journal implies, and `inkling verify` says so. Safe beside a running server. The rebuilt
    weights become a new version; `inkling rollback` brings older ones back, as long as they are
    stored.
    """
    learning = Progress("Learning again")
    with Session() as session:
        originals = session.originals
        lineage = session.journal.lineage()
        of = len(lineage.lessons(lineage.newest))
        if not of:
            raise InvalidInput("Nothing was learned yet.", "There is nothing to learn again.")
        nets = session.build_learner()
        version, learned = relearn_all(session.outbox, originals, nets, learning.now_and_then)
        session.notify()
    click.echo(f"Version {version} has learned {learned:,} labels again.")
