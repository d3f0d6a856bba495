"""A drawing answered by an older version: its weights are fetched when somebody asks for it.

A few versions stay loaded, one thread at a time loads or uses them, and few may wait for it:
whatever is asked here, today's answers come as fast as ever and memory stays bounded.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from functions import FloatArray
from inkling import checkpoints
from inkling.errors import InklingError, Unavailable
from inkling.journal.writer import Journal
from inkling.nets.registry import RETRAINED, Net
from inkling.serving.recognizer import Prediction, Recognizer
from inkling.storage.base import ObjectMissing
from inkling.words import marked

LOADED = 2  # older versions that stay in memory: some 9 MB each
ORIGINAL = "original"  # what version 0 is; the others' kinds are the journal's


class NotStored(InklingError):
    """There is no such version to look back to. `text` says so, with %(version)s for its number."""

    def __init__(self, text: str, version: int) -> None:
        super().__init__(text % {"version": version})
        self.text = text


class Busy(Unavailable):
    """Too many look back at this moment."""


@dataclass(frozen=True)
class PastVersion:
    """A version that can answer: its number, what made it, and when (none: as shipped)."""

    number: int
    kind: str
    made: datetime | None


class PastVersions:
    """Answers of stored versions; safe for many threads."""

    def __init__(self, recognizer: Recognizer, journal: Journal, waiting: int = 2) -> None:
        """Take how many threads, at most, may be held here at a time, however slow the store is."""
        self._recognizer, self._journal = recognizer, journal
        self._seats = threading.BoundedSemaphore(waiting)
        self._turn = threading.Lock()  # the loaded nets are for one thread at a time
        self._loaded: OrderedDict[tuple[str, ...], dict[str, Net]] = OrderedDict()
        self._listed: tuple[int, list[PastVersion]] = (-1, [])

    def predict(self, digit: FloatArray, version: int) -> Prediction:
        """Return what the originals and a version's retrained nets say of a digit (28, 28).

        Raises NotStored, Busy, and OSError where the store does not answer.
        """
        return self._as_of(version, digit, self._recognizer.predict(digit))

    def _as_of(self, version: int, digit: FloatArray, newest: Prediction) -> Prediction:
        """Return what the newest version's prediction is with a stored version's retrained nets."""
        said = newest.probabilities
        past = said | self._retrained(digit, version, said)
        return replace(newest, probabilities=past, version=version)

    def through(self, digit: FloatArray) -> Iterator[tuple[PastVersion, Prediction]]:
        """Yield what each stored version says of a digit (28, 28), oldest first.

        One that is thinned or forgotten meanwhile is passed over. Raises Busy, and OSError where
        the store does not answer.
        """
        newest = self._recognizer.predict(digit)
        for version in self.stored():
            with suppress(NotStored):
                yield version, self._as_of(version.number, digit, newest)

    def _retrained(
        self, digit: FloatArray, version: int, said: dict[str, FloatArray]
    ) -> dict[str, FloatArray]:
        if version == 0:
            return {retrained: said[net] for net, retrained in RETRAINED.items()}
        if not self._seats.acquire(blocking=False):
            raise Busy(marked("Too many look back at once."), marked("Try again in a moment."))
        try:
            with self._turn:
                nets = self._nets(version)
                digits = digit[np.newaxis]
                return {key: nets[net].probabilities(digits)[0] for net, key in RETRAINED.items()}
        finally:
            self._seats.release()

    def _nets(self, version: int) -> dict[str, Net]:
        """Return a version's nets. Ask the journal each time: a version may be forgotten."""
        objects = self._journal.objects(version)
        if not objects:
            self._listed = (-1, [])  # it may be on the list still
            raise NotStored(
                marked("Version %(version)s is not stored. GET /versions lists those that are."),
                version,
            )
        name = tuple(objects[net] for net in sorted(objects))
        if name not in self._loaded:
            while len(self._loaded) >= LOADED:
                self._loaded.popitem(last=False)  # first, so that there are never more
            self._loaded[name] = self._load(version)
        self._loaded.move_to_end(name)
        return self._loaded[name]

    def _load(self, version: int) -> dict[str, Net]:
        try:
            return self._recognizer.nets_of(version)
        except ObjectMissing as error:
            text = marked("Version %(version)s is not stored any more. Choose another one.")
            raise NotStored(text, version) from error
        except checkpoints.BadWeights as error:
            text = marked("Version %(version)s is damaged where it is stored. Choose another one.")
            raise NotStored(text, version) from error

    def stored(self) -> list[PastVersion]:
        """Return the versions that can answer, oldest first; read them once per newest version."""
        newest = self._recognizer.version
        known, listed = self._listed
        if known != newest:
            listed = self._read()
            self._listed = (newest, listed)
        return listed

    def _read(self) -> list[PastVersion]:
        kept = self._journal.kept()
        return [PastVersion(0, ORIGINAL, None), *(PastVersion(*version) for version in kept)]
