"""What a command works with: settings, journal, object store, originals, coordination."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from typing import Self

from inkling import checkpoints, failpoints
from inkling.coordination.coordination import Coordination, open_coordination
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal, open_journal
from inkling.learning.learner import Learner, build_learner
from inkling.learning.rule import LEARNING_RULES
from inkling.live_weights import LiveWeights
from inkling.settings import load_settings
from inkling.storage.base import ObjectStore
from inkling.storage.stores import open_store


class Session:
    """Opens each at its first use, and closes the journal also where the command fails.

        with Session() as session:
            session.journal.current_version()

    What fails to open raises as the function does that opens it; `inkling.cli.main` tells it.
    """

    def __init__(self) -> None:
        """Read the settings, and arm the failpoint that they name."""
        self.settings = load_settings()
        failpoints.arm(self.settings.fault)
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._opened.close()

    @cached_property
    def journal(self) -> Journal:
        """The journal, its tables brought up to date."""
        journal = open_journal(self.settings)
        self._opened.callback(journal.close)
        return journal

    @cached_property
    def store(self) -> ObjectStore:
        """The object store; no network is touched before its first use."""
        return open_store(self.settings)

    @cached_property
    def outbox(self) -> Outbox:
        """The journal with its object store."""
        return Outbox(self.journal, self.store)

    @cached_property
    def originals(self) -> Mapping[str, checkpoints.Arrays]:
        """The weights of the original nets, by net."""
        return checkpoints.originals(self.settings.models_folder)

    def build_learner(self) -> Learner:
        """Return the nets that learn, as the trainer has them."""
        rule = LEARNING_RULES[self.settings.learning_rule]
        return build_learner(self.originals, rule, self.settings.models_folder)

    @cached_property
    def coordination(self) -> Coordination:
        """The locks and notifiers that servers and trainers share."""
        return open_coordination(self.settings)

    def notify(self) -> None:
        """Tell servers and trainers of a version that this command made.

        Weights that a trainer has shown may hold what was forgotten: they do not stay.
        """
        LiveWeights(self.settings.tmp_folder).remove()
        self.coordination.versions.notify()
        self.coordination.labels.notify()  # an idle trainer looks, and delivers
