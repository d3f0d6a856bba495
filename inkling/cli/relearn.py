"""`inkling relearn`: all labels learned once more, by the rule of today."""

import click

from inkling.cli.progress import Progress
from inkling.cli.session import Session
from inkling.history.rebuild import Relearning
from inkling.journal.lineage import lineage_of
from inkling.trainer.trainer import both_nets


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
        lineage = lineage_of(session.journal)
        of = len(lineage.lessons(lineage.newest))
        if not of:
            raise ValueError("Nothing was learned yet. There is nothing to learn again.")
        again = Relearning(session.outbox, originals, both_nets(originals))
        while again.work():
            if again.done < of:  # more than there were, where others label meanwhile
                learning.now_and_then(again.done, of)
        learning.to(again.done, again.done)
        session.notify()
    click.echo(f"Version {again.version} has learned {again.done:,} labels again.")
