"""`inkling relearn`: all labels learned once more, by the rule of today."""

import click

from inkling.cli.beside import beside_a_server
from inkling.cli.progress import Progress


@click.command()
def relearn() -> None:
    """Learn all labels once more, from the originals, by the rule of today.

    For when the originals or the learning rule changed: then the weights served are not those that
    the journal implies, and `inkling verify` says so. Safe beside a running server. The rebuilt
    weights become a new version; `inkling rollback` brings older ones back, as long as they are
    stored.
    """
    from inkling.history.rebuild import relearn_all
    from inkling.learning.learner import build_learner

    learning = Progress("Learning again")
    with beside_a_server() as (outbox, originals):
        lineage = outbox.journal.lineage()
        of = len(lineage.lessons(lineage.newest))
        if not of:
            raise ValueError("Nothing was learned yet. There is nothing to learn again.")
        nets = build_learner(originals)
        version, learned = relearn_all(outbox, originals, nets, learning.now_and_then)
    click.echo(f"Version {version} has learned {learned:,} labels again.")
