"""Four models behind one `predict`: numpy and LiteRT, swapped in place by version.

TensorFlow is never imported here. The CNN's convolutions run in LiteRT, TensorFlow's inference
runtime, once for original and retrained net where both have the same; all else is numpy, so that a
new version is a few array copies.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from functions import FloatArray, select_answer
from inkling import checkpoints
from inkling.errors import InklingError
from inkling.journal.outbox import Outbox
from inkling.live_weights import LiveVersion, LiveWeights
from inkling.nets.registry import MODELS, RETRAINED, Net, build_all, voters
from inkling.nets.unlike_digits import read_unlike_digits

log = logging.getLogger("inkling.recognizer")


@dataclass(frozen=True)
class Prediction:
    """What the four models say of one digit: probabilities (10,) by model; the version it was.

    is_digit: whether it looks like a digit at all.
    """

    probabilities: dict[str, FloatArray]
    version: int
    is_digit: bool = True

    @property
    def answer(self) -> int | None:
        """The app's answer; None where it is unsure, or where this looks like no digit."""
        if not self.is_digit:
            return None
        said = self.probabilities
        first, second = voters()
        return select_answer(said[first], said[second])

    @property
    def as_shipped(self) -> int | None:
        """The answer of the originals."""
        if not self.is_digit:
            return None
        original = {retrained: net for net, retrained in RETRAINED.items()}
        first, second = (self.probabilities[original[key]] for key in voters())
        return select_answer(first, second)

    @property
    def digits(self) -> FloatArray:
        """The probability (10,) of each digit: what the surer of the two that answer says."""
        first, second = (self.probabilities[key] for key in voters())
        return first if first.max() > second.max() else second

    @property
    def said(self) -> dict[str, Any]:
        """What a drawing's row keeps of it, by the names of Drawing's fields."""
        return {
            "predictions": {
                name: [round(float(p), 5) for p in probabilities]
                for name, probabilities in self.probabilities.items()
            },
            "predicted_version": self.version,
            "said": {name: int(p.argmax()) for name, p in self.probabilities.items()},
            "answer": self.answer,
        }


class Recognizer:
    """The originals and the newest retrained nets; safe for many threads."""

    def __init__(
        self, models_folder: Path, outbox: Outbox, live: LiveWeights | None = None
    ) -> None:
        """Take where a trainer on this machine leaves the newest weights, if one may be here."""
        self._outbox, self._journal, self._live = outbox, outbox.journal, live
        self._lock = threading.Lock()  # a served net is for one thread at a time
        self._graphs = checkpoints.graphs(models_folder)
        shipped = checkpoints.originals(models_folder)
        self._unlike_digits = read_unlike_digits(models_folder)
        self._originals = build_all(shipped, self._graphs)
        self._shapes = {net: checkpoints.shapes_of(arrays) for net, arrays in shipped.items()}
        self._retrained: dict[str, Net] = {}  # nothing until a version was loaded
        self._seeing_alike: set[str] = set()  # networks whose retrained net has the same features
        self._loading = threading.Lock()
        self.trouble = ""  # why the newest version could not be had at the last look
        self.version = 0
        self.refresh()

    def predict(self, digit: FloatArray) -> Prediction:
        """Return what every model says of a digit (28, 28), float32 in [0, 1]."""
        with self._lock:
            said = self._ask(digit[np.newaxis])
            version = self.version
        return Prediction(said, version, self.is_digit(digit))

    def _ask(self, digits: FloatArray) -> dict[str, FloatArray]:
        """Return what every model says, (10,), of one digit (1, 28, 28); compute nothing twice."""
        said: dict[str, FloatArray] = {}
        seen: dict[str, FloatArray] = {}  # by network: features, where original and retrained agree
        for key, model in MODELS.items():
            network = model.network.key
            if not model.retrained:
                seen[network] = self._originals[network].features(digits)
                said[key] = self._originals[network].answers(seen[network])[0]
            elif not self._retrained:
                said[key] = said[network]  # version 0 is the originals
            elif network in self._seeing_alike:
                said[key] = self._retrained[network].answers(seen[network])[0]
            else:
                said[key] = self._retrained[network].probabilities(digits)[0]
        return said

    def is_digit(self, digit: FloatArray) -> bool:
        """Whether a digit (28, 28), float32 in [0, 1], looks like one at all."""
        return self._unlike_digits is None or self._unlike_digits.is_digit(digit)

    def refresh(self) -> None:
        """Serve the journal's newest version from now on; where it cannot be had, set `trouble`.

        Without journal or store there is still a good version to answer with: the last one.
        """
        try:
            self._load_newest()
        except (InklingError, OSError) as error:
            why = str(error) or repr(error)
            if why != self.trouble:  # once, not at every look
                log.error(
                    "No newer version can be had; version %d serves on. %s", self.version, why
                )
                self.trouble = why
        else:
            self.trouble = ""

    def _load_newest(self) -> None:
        found = self._newest_live()
        if found is None:
            if self._journal.newest_stored() <= self.version:
                return
            found = self._outbox.load_newest(RETRAINED)
        version, weights = found
        with self._loading:
            if version <= self.version:
                return  # another thread was faster
            self._check(version, weights)
            with self._lock:
                self._take_up(weights)
                self.version = version

    def _newest_live(self) -> tuple[int, dict[str, checkpoints.Arrays]] | None:
        """Return what a trainer here has left, where it is newer than what is served."""
        there = self._live and self._live.version()
        if not self._live or not there or there.number <= self.version:
            return None
        if not self._stands(there):
            return None  # undone, or of another journal
        found = self._live.read()
        if found is None or (found[0] != there and not self._stands(found[0])):
            return None
        return found[0].number, found[1]

    def _stands(self, version: LiveVersion) -> bool:
        return self._journal.made_by(version.number, version.drawing)

    def _take_up(self, weights: dict[str, checkpoints.Arrays]) -> None:
        """Give these weights to the retrained nets; make them where there were none."""
        for key, net in self._retrained.items():  # half a millisecond, for which answers wait
            net.load(weights[key])
        self._retrained = self._retrained or build_all(weights, self._graphs)
        nets = self._retrained.items()
        self._seeing_alike = {key for key, net in nets if net.sees_as(self._originals[key])}

    def nets_of(self, version: int) -> dict[str, Net]:
        """Return the nets of a stored version, beside the ones that answer everybody.

        They are for one thread at a time. Raises ObjectMissing where the version is not stored,
        BadWeights where it is damaged, OSError where the store does not answer.
        """
        weights = self._outbox.load(version, RETRAINED)
        self._check(version, weights)
        return build_all(weights, self._graphs)

    def _check(self, version: int, weights: Mapping[str, checkpoints.Arrays]) -> None:
        """Raise BadWeights where a version's arrays do not fit the nets that take them up."""
        for net, arrays in weights.items():
            try:
                checkpoints.check_shapes(arrays, self._shapes[net])
            except checkpoints.BadWeights as error:
                raise checkpoints.BadWeights(
                    f"Version {version} is misshapen. {error.message}", error.remedy
                ) from error
