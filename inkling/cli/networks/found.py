"""All networks as the commands see them: the page's four models, and those beside them."""

import json
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from functions import FloatArray
from inkling import checkpoints
from inkling.cli.session import Session
from inkling.errors import InvalidInput
from inkling.evaluation.evaluate import probabilities
from inkling.evaluation.metrics import MNIST_TEST, scores_from_json
from inkling.evaluation.models import Models, load_models
from inkling.evaluation.networks import network_probabilities
from inkling.journal.networks import NetworkRow, networks_of, read_object
from inkling.nets.architectures import ARCHITECTURES
from inkling.nets.description import Description
from inkling.nets.page_models import page_network
from inkling.nets.registry import MODELS
from inkling.nets.shipped import shipped_graph, shipped_networks, shipped_weights
from inkling.parallel import Done, ignore
from two_layer_net import Weights

PAGE, SHIPPED, TRAINED, IMPORTED = "page", "shipped", "trained", "imported"  # where from


class AllNetworks:
    """Networks by name; each is read when something of it is asked for first."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folder = session.settings.models_folder

    @cached_property
    def rows(self) -> dict[str, NetworkRow]:
        """Those of the journal."""
        return networks_of(self._session.journal)

    @cached_property
    def shipped(self) -> dict[str, Description]:
        """Those of MODELS_FOLDER."""
        return shipped_networks(self._folder)

    @property
    def beside(self) -> dict[str, Description]:
        """What each one beside the page's is; one of the journal is in a shipped one's place."""
        return self.shipped | {name: row.description for name, row in self.rows.items()}

    @property
    def names(self) -> list[str]:
        """The names of all, the page's first."""
        return [*MODELS, *self.beside]

    @cached_property
    def _page(self) -> Models:
        return load_models(self._session.settings)

    def check(self, name: str) -> None:
        """Raise InvalidInput for a name that no network has."""
        if name not in self.names:
            raise InvalidInput(
                f"There is no network {name!r}.", f"Choose from: {', '.join(self.names)}."
            )

    def chosen(self, names: Collection[str]) -> list[str]:
        """Return these names, each once; all where there are none. Raises as `check` does."""
        for name in names:
            self.check(name)
        return list(dict.fromkeys(names)) or self.names

    def origin(self, name: str) -> str:
        """Return where a network is from, in a word."""
        if name in MODELS:
            return PAGE
        if name not in self.rows:
            return SHIPPED
        trained = self.rows[name].description.architecture in ARCHITECTURES
        return TRAINED if trained else IMPORTED

    def describe(self, name: str) -> Description:
        """Return what a network is. Raises InvalidInput for a name that none has."""
        self.check(name)
        return self._page_network(name)[0] if name in MODELS else self.beside[name]

    def weights(self, name: str) -> Weights:
        """Return a network's weights by number and name. Raises InvalidInput, OSError."""
        self.check(name)
        if name in MODELS:
            return self._page_network(name)[1]
        if name in self.rows:
            content = read_object(self._session.store, self.rows[name].weights)
        else:
            content = shipped_weights(self._folder, name)
        return checkpoints.unpack(content)

    def graph(self, name: str) -> bytes | None:
        """Return what serves a network; None for one of the page's. Raises as `weights` does."""
        self.check(name)
        if name in MODELS:
            return None
        if name in self.rows:
            return read_object(self._session.store, self.rows[name].graph)
        return shipped_graph(self._folder, name)

    def accuracy(self, name: str) -> float | None:
        """Return the accuracy in [0, 1] that is told of a network; None where none is."""
        if name not in MODELS:
            return self.beside[name].accuracy
        if MODELS[name].retrained and self._page.version:
            return None  # the Progress page tells it
        try:
            sets = scores_from_json(
                json.loads((self._folder / "evaluation.json").read_text())["sets"]
            )
            return sets[MNIST_TEST][name].accuracy
        except (OSError, ValueError, KeyError, TypeError, InvalidInput):
            return None  # this folder was not evaluated

    def said(
        self, names: Iterable[str], digits: FloatArray, done: Done = ignore
    ) -> dict[str, FloatArray]:
        """Return what networks say, (n, 10), of digits (n, 28, 28) in [0, 1].

        The page's are asked together; `done` is told how many more digits each has seen.
        """
        wanted = [*names]
        of_page = [name for name in wanted if name in MODELS]
        said: Mapping[str, FloatArray] = {}
        if of_page:
            said = probabilities(self._page, digits, done=done)
        found = {}
        for name in wanted:
            graph = self.graph(name)
            if graph is None:
                found[name] = said[name]
            else:
                scale = self.beside[name].scale
                found[name] = network_probabilities(graph, scale, digits, done=done)
        return found

    def _page_network(self, name: str) -> tuple[Description, Weights]:
        model = MODELS[name]
        states = self._page.retrained if model.retrained else None
        return page_network(name, (states or self._page.originals)[model.network.key])
