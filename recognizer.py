"""Four models behind one `predict`: numpy and LiteRT, swapped in place by version.

TensorFlow is never imported here. The CNN runs in LiteRT, TensorFlow's inference runtime, on a
graph that takes its weights as inputs, so that a new version is a few array copies.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

import weights
from functions import FloatArray
from journal import Journal
from storage import ObjectMissing, ObjectStore
from two_layer_net import TwoLayerNet

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
from ai_edge_litert.interpreter import Interpreter

MODELS = ("fnn", "fnn_retrained", "cnn", "cnn_retrained")
CHECK_EVERY = 0.01  # seconds between two looks at the journal for a newer version
CHECK_EVERY_AFTER_FAILURE = 1.0

log = logging.getLogger("inkling.recognizer")


class ServedConvNet:
    """A CNN in LiteRT on one thread. Not safe for several threads at once."""

    def __init__(self, graph: bytes, arrays: weights.Arrays) -> None:
        self._interpreter = Interpreter(model_content=graph, num_threads=1)
        self._interpreter.allocate_tensors()
        self._inputs = {d["name"]: d["index"] for d in self._interpreter.get_input_details()}
        self._output = self._interpreter.get_output_details()[0]["index"]
        self.load(arrays)

    def load(self, arrays: weights.Arrays) -> None:
        """Swap in other weights: arrays by the graph's input names, float32."""
        for name in self._inputs.keys() - {"digits"}:
            self._interpreter.set_tensor(self._inputs[name], arrays[name])

    def probabilities(self, digit: FloatArray) -> FloatArray:
        """Probabilities (10,) for a digit (28, 28) in [0, 1]."""
        self._interpreter.set_tensor(self._inputs["digits"], digit.reshape(1, 28, 28, 1))
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output)[0])


@dataclass(frozen=True)
class Prediction:
    """What the four models say of one digit: probabilities (10,) by model; the version it was."""

    probabilities: dict[str, FloatArray]
    version: int


class Recognizer:
    """The originals and the newest retrained nets; safe for many threads."""

    def __init__(self, models_folder: Path, journal: Journal, store: ObjectStore) -> None:
        self._journal, self._store = journal, store
        self._lock = threading.Lock()
        originals = weights.originals(models_folder)
        graph = (models_folder / "cnn.tflite").read_bytes()
        self._fnn = {"fnn": TwoLayerNet(originals["fnn"])}
        self._fnn["fnn_retrained"] = self._fnn["fnn"]
        self._cnn = {
            name: ServedConvNet(graph, originals["cnn"]) for name in ("cnn", "cnn_retrained")
        }
        self.version = 0
        self.refresh()

    def predict(self, digit: FloatArray) -> Prediction:
        """What the four models say of a digit (28, 28), float32 in [0, 1]."""
        if time.monotonic() > self._next_check:
            self.refresh()
        with self._lock:
            said = {
                name: net.probabilities(digit[np.newaxis])[0] for name, net in self._fnn.items()
            }
            said |= {name: net.probabilities(digit) for name, net in self._cnn.items()}
            return Prediction({name: said[name] for name in MODELS}, self.version)

    def refresh(self) -> None:
        """Serve the journal's newest version from now on; where it cannot be had, the last one.

        Without journal or store there is still a good version to answer with.
        """
        self._next_check = time.monotonic() + CHECK_EVERY
        try:
            newest = self._journal.current_version()
            if newest != self.version:
                self._load(newest)
        except (ObjectMissing, weights.BadWeights, OSError, SQLAlchemyError):
            self._next_check = time.monotonic() + CHECK_EVERY_AFTER_FAILURE
            log.exception("No newer version can be loaded; version %d serves on.", self.version)

    def _load(self, version: int) -> None:
        objects = self._journal.objects(version)
        if objects is None:
            raise ObjectMissing(f"The weights of version {version}")
        fnn = TwoLayerNet(weights.get(self._store, objects["fnn"]))
        cnn = weights.get(self._store, objects["cnn"])
        with self._lock:
            if version > self.version:  # else another thread was faster
                self._fnn["fnn_retrained"] = fnn
                self._cnn["cnn_retrained"].load(cnn)
                self.version = version
