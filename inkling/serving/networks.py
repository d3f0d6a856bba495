"""The networks beside the page's four models: found, loaded at first use, asked.

Those of the models folder, and those of the journal, which take the place of a shipped one of the
same name. TensorFlow is never imported here.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from functions import FloatArray
from inkling.errors import InklingError
from inkling.journal.networks import NetworkRow, networks_of, newest_networks, read_object
from inkling.journal.outbox import Outbox
from inkling.nets.description import Description
from inkling.nets.shipped import shipped_graph, shipped_networks
from inkling.storage.base import ObjectMissing

if TYPE_CHECKING:
    from inkling.nets.litert import ServedNetwork

LOADED = 8  # networks that are kept loaded, the ones that were asked last


class NoSuchNetwork(InklingError):
    """No network has this name."""


@dataclass
class _Loaded:
    """A network that answers, for one thread at a time."""

    net: "ServedNetwork"
    graph: str  # the object that it was read from; empty: shipped
    scale: float
    lock: threading.Lock = field(default_factory=threading.Lock)


class Networks:
    """All networks by name; safe for many threads."""

    def __init__(self, models_folder: Path, outbox: Outbox) -> None:
        """Read what is shipped; ask the journal nothing yet."""
        self._folder, self._outbox = models_folder, outbox
        self._shipped = shipped_networks(models_folder)
        self._rows: dict[str, NetworkRow] | None = None  # nothing before the first look
        self._newest: dict[str, tuple[str, datetime]] = {}
        self._loaded: OrderedDict[str, _Loaded] = OrderedDict()
        self._lock, self._looking = threading.Lock(), threading.Lock()

    def refresh(self) -> None:
        """Take up what was trained, imported or removed since the last look.

        Raises JournalUnavailable.
        """
        with self._looking:  # an older look must not overwrite a newer one
            newest = newest_networks(self._outbox.journal)
            if self._rows is None or newest != self._newest:
                self._rows = networks_of(self._outbox.journal)
                self._newest = newest

    def descriptions(self) -> dict[str, Description]:
        """Return what each network is, by name."""
        return self._shipped | {name: row.description for name, row in self._found().items()}

    def find(self, name: str) -> Description | None:
        """Return what a network is, if there is one of this name."""
        row = self._found().get(name)
        return row.description if row else self._shipped.get(name)

    def describe(self, name: str) -> Description:
        """Return what a network is. Raises NoSuchNetwork."""
        found = self.find(name)
        if found is None:
            names = ", ".join(self.descriptions())
            raise NoSuchNetwork(f"There is no network {name!r}.", f"Choose from: {names}.")
        return found

    def probabilities(self, name: str, digit: FloatArray) -> FloatArray:
        """Return probabilities (10,) that a network gives to a digit (28, 28) in [0, 1].

        Raises NoSuchNetwork; ObjectMissing, OSError or InvalidInput where it cannot be loaded.
        """
        try:
            loaded = self._take(name)
        except ObjectMissing:  # perhaps a newer one has taken its place a moment ago
            self.refresh()
            loaded = self._take(name)
        with loaded.lock:
            return np.asarray(loaded.net.probabilities(digit[np.newaxis])[0])

    def _found(self) -> dict[str, NetworkRow]:
        if self._rows is None:
            self.refresh()
        return self._rows or {}

    def _take(self, name: str) -> _Loaded:
        """Return the network as it is now, loaded anew where it has changed.

        Where the new one cannot be read, the former one answers on.
        """
        row = self._found().get(name)
        graph = row.graph if row else ""
        scale = (row.description if row else self.describe(name)).scale
        with self._lock:
            loaded = self._loaded.get(name)
            if loaded:
                self._loaded.move_to_end(name)
        if loaded and (loaded.graph, loaded.scale) == (graph, scale):
            return loaded
        try:
            fresh = self._load(name, graph, scale)
        except (InklingError, OSError):
            if loaded:
                return loaded
            raise
        with self._lock:
            self._loaded[name] = fresh
            while len(self._loaded) > LOADED:
                self._loaded.popitem(last=False)
        return fresh

    def _load(self, name: str, graph: str, scale: float) -> _Loaded:
        from inkling.nets.litert import ServedNetwork

        store = self._outbox.store
        content = read_object(store, graph) if graph else shipped_graph(self._folder, name)
        return _Loaded(ServedNetwork(content, scale), graph, scale)
