"""What keeps a thread of the trainer from its work: told in the log once, not at every look."""

import logging

from inkling.errors import InklingError


class ToldOnce:
    """What is wrong, as it was said last."""

    def __init__(self, log: logging.Logger, consequence: str) -> None:
        """Take what it means, a sentence, as `Jobs wait.`"""
        self._log, self._consequence = log, consequence
        self._told = ""

    def tell(self, error: Exception) -> None:
        """Log an error, unless it is the one before; of a bug its traceback."""
        if str(error) == self._told:
            return
        self._told = str(error)
        if isinstance(error, InklingError | OSError):
            self._log.warning("%s %s", self._consequence, error)
        else:
            self._log.exception("%s", self._consequence)

    def is_over(self) -> None:
        """Note that all is well: the next error is told, whatever it is."""
        self._told = ""
