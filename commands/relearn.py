"""`inkling relearn`: all labels learned once more, by the rule of today."""

import click

from commands.failures import told_in_one_line
from commands.progress import Progress
from settings import load_settings


@click.command()
def relearn() -> None:
    """Learn all labels once more, from the originals, by the rule of today.

    For when the originals or the learning rule changed: then the weights served are not those that
    the journal implies, and `inkling verify` says so. Safe beside a running server. The rebuilt
    weights become a new version; `inkling rollback` brings older ones back, as long as they are
    stored.
    """
    import faults
    import weights
    from coordination import open_coordination
    from history.lineage import lineage_of
    from history.relearning import Relearning
    from journal import open_journal
    from outbox import Outbox
    from stores import open_store
    from trainer import both_nets

    settings = load_settings()
    faults.arm(settings.fault)
    learning = Progress("Learning again")
    with told_in_one_line():
        originals = weights.originals(settings.models_folder)
        journal = open_journal(settings)
        try:
            lineage = lineage_of(journal)
            of = len(lineage.lessons(lineage.newest))
            if not of:
                raise ValueError("Nothing was learned yet. There is nothing to learn again.")
            again = Relearning(
                Outbox(journal, open_store(settings)), originals, both_nets(originals)
            )
            while again.work():
                learning.to(again.done, max(of, again.done))
        finally:
            journal.close()
        open_coordination(settings).versions.ring()
    click.echo(f"Version {again.version} has learned {again.done:,} labels again.")
