"""What a command has in hand that makes a version beside a running server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inkling.cli.failures import told_in_one_line
from inkling.settings import load_settings

if TYPE_CHECKING:
    from inkling import checkpoints
    from inkling.journal.outbox import Outbox


@contextmanager
def beside_a_server() -> Iterator[tuple["Outbox", "Mapping[str, checkpoints.Arrays]"]]:
    """Journal with store, and the originals by net; at the end, all other processes are told.

    Failures of disk, store and database end the command in one line.
    """
    from inkling import checkpoints, failpoints
    from inkling.coordination.coordination import open_coordination
    from inkling.journal.outbox import Outbox
    from inkling.journal.writer import open_journal
    from inkling.storage.stores import open_store

    settings = load_settings()
    failpoints.arm(settings.fault)
    with told_in_one_line():
        originals = checkpoints.originals(settings.models_folder)
        journal = open_journal(settings)
        try:
            yield Outbox(journal, open_store(settings)), originals
        finally:
            journal.close()
        coordination = open_coordination(settings)
        coordination.versions.notify()
        coordination.labels.notify()  # an idle trainer looks, and delivers
