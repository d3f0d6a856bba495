"""The weights of the four models as a word names them, and the nets that serve them.

Nothing here moves with the journal: whoever measures must see the same weights from first to last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from functions import SIDE
from inkling import checkpoints
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.nets.litert import ServedConvNet
from inkling.serving.recognizer import Net
from inkling.settings import Settings
from inkling.storage.base import ObjectMissing
from inkling.storage.stores import open_store
from two_layer_net import TwoLayerNet

WORDS = "'original', 'retrained', a version's number or a folder"


@dataclass(frozen=True)
class Models:
    """The weights of the four models, and the graph that serves a CNN.

    originals, retrained: arrays by net, `fnn` and `cnn`; `retrained` is None where they are the
    originals. version: the retrained nets' number; None for those of a folder.
    """

    graph: bytes
    originals: Mapping[str, checkpoints.Arrays]
    retrained: Mapping[str, checkpoints.Arrays] | None = None
    version: int | None = 0

    def nets(self) -> dict[str, Net]:
        """The nets that differ, by model, as web workers serve them."""
        nets = _served(self.graph, self.originals)
        if self.retrained is not None:
            served = _served(self.graph, self.retrained)
            nets |= {checkpoints.RETRAINED[name]: net for name, net in served.items()}
        return nets


def load_models(settings: Settings, word: str = "retrained") -> Models:
    """The models that a word names: `retrained`, `original`, a version's number, a folder.

    `retrained` is the journal's newest version. The nets of a folder are both original and
    retrained; without a `cnn.tflite` of its own, MODELS_FOLDER's serves them.

    Raises ValueError for another word and for weights that cannot be had or used.
    """
    models = _named(settings, word)
    try:
        for net in models.nets().values():
            net.probabilities(np.zeros((1, SIDE, SIDE), np.float32))
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"The weights {word!r} do not fit the nets: {error}. Use others."
        ) from error
    return models


def _named(settings: Settings, word: str) -> Models:
    shipped = settings.models_folder
    if word == "original":
        return Models(_graph(shipped), _originals(shipped))
    if word == "retrained":
        return _stored(settings)
    if word.isdecimal():
        return _stored(settings, int(word))
    folder = Path(word)
    if not folder.is_dir():
        raise ValueError(f"The weights are {word!r}. Name {WORDS}.")
    graph = _graph(folder if (folder / "cnn.tflite").is_file() else shipped)
    return Models(graph, _originals(folder), version=None)


def _stored(settings: Settings, number: int | None = None) -> Models:
    """A version of the journal, by default the newest."""
    models = Models(_graph(settings.models_folder), _originals(settings.models_folder))
    journal = open_journal(settings)
    outbox = Outbox(journal, open_store(settings))
    try:
        newest = journal.current_version()
        version = newest if number is None else number
        if version > newest:
            raise ValueError(f"Version {version} is unknown: the newest is {newest}. Name another.")
        if version == 0:
            return models
        objects = journal.objects(version)
        if objects is None:
            kept = ", ".join(map(str, sorted(journal.kept_versions())))
            raise ValueError(f"Version {version} is stored no more. Name one of 0, {kept}.")
        arrays = {net: checkpoints.get(outbox, objects[net]) for net in checkpoints.NETS}
    except ObjectMissing as error:
        raise ValueError(
            f"The store has no {error} of version {version}. Restore it from a backup."
        ) from error
    finally:
        journal.close()
    return replace(models, retrained=arrays, version=version)


def _graph(folder: Path) -> bytes:
    return _read(folder / "cnn.tflite")


def _originals(folder: Path) -> dict[str, checkpoints.Arrays]:
    try:
        return {net: checkpoints.unpack(_read(folder / f"{net}.npz")) for net in checkpoints.NETS}
    except checkpoints.BadWeights as error:
        raise ValueError(f"In {folder}: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}). Write it anew.") from error


def _served(graph: bytes, arrays: Mapping[str, checkpoints.Arrays]) -> dict[str, Net]:
    return {"fnn": TwoLayerNet(arrays["fnn"]), "cnn": ServedConvNet(graph, arrays["cnn"])}
