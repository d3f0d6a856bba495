"""The weights of the four models as a word names them, and the nets that serve them.

Nothing here moves with the journal: whoever measures must see the same weights from first to last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.nets.registry import NETWORKS, RETRAINED, Net, build_all
from inkling.settings import Settings
from inkling.storage.stores import open_store

WORDS = "'original', 'retrained', a version's number or a folder"


@dataclass(frozen=True)
class Models:
    """The weights of all models, and the graphs that serve them.

    graphs: serving graphs by network. originals, retrained: arrays by network; `retrained` is None
    where they are the originals. version: the retrained nets' number; None for those of a folder.
    """

    graphs: Mapping[str, bytes]
    originals: Mapping[str, checkpoints.Arrays]
    retrained: Mapping[str, checkpoints.Arrays] | None = None
    version: int | None = 0

    def nets(self) -> dict[str, Net]:
        """Return the nets that differ, by model, as web workers serve them."""
        nets = build_all(self.originals, self.graphs)
        if self.retrained is not None:
            served = build_all(self.retrained, self.graphs)
            nets |= {RETRAINED[key]: net for key, net in served.items()}
        return nets


def load_models(settings: Settings, word: str = "retrained") -> Models:
    """Return the models that a word names: `retrained`, `original`, a version's number, a folder.

    `retrained` is the journal's newest version. The nets of a folder are both original and
    retrained; without a `cnn.tflite` of its own, MODELS_FOLDER's serves them.

    Raises InvalidInput for another word and for weights that cannot be had or used.
    """
    models = _named(settings, word)
    shipped = checkpoints.originals(settings.models_folder)
    for weights in (models.originals, models.retrained or {}):
        for net, arrays in weights.items():
            try:
                checkpoints.check_shapes(arrays, checkpoints.shapes_of(shipped[net]))
            except checkpoints.BadWeights as error:
                raise InvalidInput(
                    f"The weights {word!r} do not fit the nets. {error.message}", "Use others."
                ) from error
    models.nets()  # reads the graphs
    return models


def _named(settings: Settings, word: str) -> Models:
    shipped = settings.models_folder
    if word == "original":
        return Models(_graphs(shipped, shipped), _originals(shipped))
    if word == "retrained":
        return _stored(settings)
    if word.isdecimal():
        return _stored(settings, int(word))
    folder = Path(word)
    if not folder.is_dir():
        raise InvalidInput(f"The weights are {word!r}.", f"Name {WORDS}.")
    return Models(_graphs(folder, shipped), _originals(folder), version=None)


def _stored(settings: Settings, number: int | None = None) -> Models:
    """Return a version of the journal, by default the newest."""
    shipped = settings.models_folder
    models = Models(_graphs(shipped, shipped), _originals(shipped))
    journal = open_journal(settings)
    outbox = Outbox(journal, open_store(settings))
    try:
        if number is None:
            version, arrays = outbox.load_newest(RETRAINED)
        else:
            version, arrays = number, _load(outbox, number)
    finally:
        journal.close()
    return replace(models, retrained=arrays, version=version) if version else models


def _load(outbox: Outbox, version: int) -> dict[str, checkpoints.Arrays]:
    """Return a version's weights by network. Raises InvalidInput for one that has none."""
    journal = outbox.journal
    newest = journal.current_version()
    if version > newest:
        raise InvalidInput(
            f"Version {version} is unknown: the newest is {newest}.", "Name another."
        )
    if version == 0:
        return {}
    if journal.objects(version) is None:
        kept = ", ".join(map(str, sorted(journal.kept_versions())))
        raise InvalidInput(f"Version {version} is stored no more.", f"Name one of 0, {kept}.")
    return outbox.load(version, RETRAINED)


def _graphs(folder: Path, shipped: Path) -> dict[str, bytes]:
    """Return the serving graphs by network: the folder's own, else the shipped ones."""
    files = {key: network.graph for key, network in NETWORKS.items() if network.graph}
    folders = {key: folder if (folder / file).is_file() else shipped for key, file in files.items()}
    return {key: _read(folders[key] / file) for key, file in files.items()}


def _originals(folder: Path) -> dict[str, checkpoints.Arrays]:
    try:
        return {key: checkpoints.unpack(_read(folder / f"{key}.npz")) for key in NETWORKS}
    except checkpoints.BadWeights as error:
        raise InvalidInput(f"In {folder}: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}).", "Write it anew."
        ) from error
