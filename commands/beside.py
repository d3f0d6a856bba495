"""What a command has in hand that makes a version beside a running server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from commands.failures import told_in_one_line
from settings import load_settings

if TYPE_CHECKING:
    import weights
    from outbox import Outbox


@contextmanager
def beside_a_server() -> Iterator[tuple["Outbox", "Mapping[str, weights.Arrays]"]]:
    """Journal with store, and the originals by net; at the end, all other processes are told.

    Failures of disk, store and database end the command in one line.
    """
    import faults
    import weights
    from coordination import open_coordination
    from journal import open_journal
    from outbox import Outbox
    from stores import open_store

    settings = load_settings()
    faults.arm(settings.fault)
    with told_in_one_line():
        originals = weights.originals(settings.models_folder)
        journal = open_journal(settings)
        try:
            yield Outbox(journal, open_store(settings)), originals
        finally:
            journal.close()
        coordination = open_coordination(settings)
        coordination.versions.ring()
        coordination.labels.ring()  # an idle trainer looks, and delivers
