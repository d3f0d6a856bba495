"""Four models behind one `predict`: numpy and LiteRT, swapped in place by version.

TensorFlow is never imported here. The CNN runs in LiteRT, TensorFlow's inference runtime, on a
graph that takes its weights as inputs, so that a new version is a few array copies.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from functions import FloatArray, select_answer
from inkling import checkpoints
from inkling.journal.outbox import Outbox
from inkling.nets.litert import ServedConvNet
from inkling.storage.base import ObjectMissing
from two_layer_net import TwoLayerNet

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

MODELS = ("fnn", "fnn_retrained", "cnn", "cnn_retrained")
TRIES = 5  # to load a version before an even newer one took its place

log = logging.getLogger("inkling.recognizer")


class Net(Protocol):
    """What both kinds of nets can do here."""

    def probabilities(self, digits: FloatArray) -> FloatArray: ...


@dataclass(frozen=True)
class Prediction:
    """What the four models say of one digit: probabilities (10,) by model; the version it was."""

    probabilities: dict[str, FloatArray]
    version: int

    @property
    def answer(self) -> int | None:
        """The app's answer; None where it is unsure."""
        said = self.probabilities
        return select_answer(said["fnn_retrained"], said["cnn_retrained"])

    @property
    def said(self) -> dict[str, Any]:
        """What a drawing's row keeps of it, by the names of Drawing's fields."""
        return {
            "predictions": {
                name: [round(float(p), 5) for p in probabilities]
                for name, probabilities in self.probabilities.items()
            },
            "predicted_version": self.version,
            **{f"said_{name}": int(p.argmax()) for name, p in self.probabilities.items()},
            "said_answer": self.answer,
        }


class Recognizer:
    """The originals and the newest retrained nets; safe for many threads."""

    def __init__(self, models_folder: Path, outbox: Outbox) -> None:
        self._outbox, self._journal = outbox, outbox.journal
        self._lock = threading.Lock()  # a ServedConvNet is for one thread at a time
        self._graph = (models_folder / "cnn.tflite").read_bytes()
        originals = checkpoints.originals(models_folder)
        self._originals: dict[str, Net] = {
            "fnn": TwoLayerNet(originals["fnn"]),
            "cnn": ServedConvNet(self._graph, originals["cnn"]),
        }
        self._retrained: dict[str, Net] = {}  # nothing until a version was loaded
        self._loading = threading.Lock()
        self._cnns: list[ServedConvNet] = []  # one to answer, one to load the next version into
        self.trouble = ""  # why the newest version could not be had at the last look
        self.version = 0
        self.refresh()

    def predict(self, digit: FloatArray) -> Prediction:
        """What the four models say of a digit (28, 28), float32 in [0, 1]."""
        digits = digit[np.newaxis]
        said = {}
        with self._lock:
            for name, net in self._originals.items():
                said[name] = net.probabilities(digits)[0]
                retrained = self._retrained.get(name)
                # Version 0 is the originals: what they said need not be computed twice.
                said[checkpoints.RETRAINED[name]] = (
                    retrained.probabilities(digits)[0] if retrained else said[name]
                )
            return Prediction({name: said[name] for name in MODELS}, self.version)

    def refresh(self) -> bool:
        """Serve the journal's newest version from now on; False where it cannot be had.

        Without journal or store there is still a good version to answer with: the last one.
        """
        try:
            self._load_newest()
        except (ObjectMissing, checkpoints.BadWeights, OSError, SQLAlchemyError) as error:
            why = str(error) or repr(error)
            if why != self.trouble:  # once, not at every look
                log.error(
                    "No newer version can be had; version %d serves on. %s", self.version, why
                )
                self.trouble = why
            return False
        self.trouble = ""
        return True

    def _load_newest(self) -> None:
        for attempt in range(TRIES):
            newest = self._journal.current_version()
            try:
                if newest != self.version:
                    self._load(newest)
                return
            except ObjectMissing:
                # Thinned, perhaps, because there is a newer version since a moment ago.
                if attempt == TRIES - 1 or newest == self._journal.current_version():
                    raise

    def _load(self, version: int) -> None:
        arrays = self._arrays(version)
        with self._loading:
            if version <= self.version:
                return  # another thread was faster
            with _shapes_of(version):
                fnn, cnn = TwoLayerNet(arrays["fnn"]), self._spare_cnn(arrays["cnn"])
            with self._lock:
                self._retrained, self.version = {"fnn": fnn, "cnn": cnn}, version

    def nets_of(self, version: int) -> dict[str, Net]:
        """The retrained nets of a stored version by net, beside the ones that answer everybody.

        They are for one thread at a time. Raises ObjectMissing where the version is not stored,
        BadWeights where it is damaged, OSError where the store does not answer.
        """
        arrays = self._arrays(version)
        with _shapes_of(version):
            cnn = ServedConvNet(self._graph, arrays["cnn"])
            return {"fnn": TwoLayerNet(arrays["fnn"]), "cnn": cnn}

    def _arrays(self, version: int) -> dict[str, checkpoints.Arrays]:
        """A stored version's weights by net."""
        objects = self._journal.objects(version)
        if objects is None:
            raise ObjectMissing(f"The weights of version {version}")
        missing = {*checkpoints.NETS} - objects.keys()
        if missing:
            raise checkpoints.BadWeights(
                f"Version {version} has no weights of {', '.join(missing)}."
            )
        return {net: checkpoints.get(self._outbox, objects[net]) for net in checkpoints.NETS}

    def _spare_cnn(self, arrays: checkpoints.Arrays) -> ServedConvNet:
        """A served CNN with these weights that answers nobody yet; two take turns."""
        for net in self._cnns:
            if net is not self._retrained.get("cnn"):
                net.load(arrays)
                return net
        self._cnns.append(ServedConvNet(self._graph, arrays))
        return self._cnns[-1]


@contextmanager
def _shapes_of(version: int) -> Iterator[None]:
    """BadWeights where a version's arrays do not fit the nets that take them up."""
    try:
        yield
    except (KeyError, ValueError) as error:
        raise checkpoints.BadWeights(f"Version {version} is misshapen: {error}") from error
