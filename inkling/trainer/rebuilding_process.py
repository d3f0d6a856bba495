"""The process that makes the nets anew for what was changed of drawings that they had learned.

Started by `change_runner.py`, gone when it is done. Killed anywhere, nothing has changed.
"""

import logging
import sys

from inkling import checkpoints
from inkling.coordination.coordination import open_coordination
from inkling.errors import InklingError
from inkling.history.changes import Applied, apply_changes
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.learning.learner import Learner, build_learner
from inkling.learning.rule import LEARNING_RULES
from inkling.settings import Settings
from inkling.storage.stores import open_store
from inkling.trainer import child

log = logging.getLogger("inkling.changes")


def rebuild(settings: Settings) -> Applied | None:
    """Do what waits to be done to drawings; return None where nothing does. Raises InklingError."""
    journal = open_journal(settings)
    originals = checkpoints.originals(settings.models_folder)

    def open_nets() -> Learner:
        rule = LEARNING_RULES[settings.learning_rule]
        return build_learner(originals, rule, settings.models_folder)

    return apply_changes(Outbox(journal, open_store(settings)), originals, open_nets)


def main() -> int:
    """Do it once, tell web workers and trainer, and return how it went."""
    settings = child.begin()
    try:
        done = rebuild(settings)
    except (InklingError, OSError) as error:
        log.warning("The nets are not made anew. %s", error)
        return 1
    if done:
        log.info("Drawings changed or deleted: %d. Version %s.", done.drawings, done.version)
        open_coordination(settings).versions.notify()
    return 0


if __name__ == "__main__":
    sys.exit(main())
