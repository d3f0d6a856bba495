"""The table of networks: what each kind is called, how it is built and served, whether it learns.

A new kind of network is one entry at the end of this file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from inkling.tensorflow_check import check_tensorflow
from inkling.words import marked
from two_layer_net import Batch, FloatArray, IntArray, TwoLayerNet, Weights


class Net(Protocol):
    """A network that answers, and learns by a rule, which moves its last layers.

    For one thread at a time.
    """

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Return probabilities (n, 10) for digits (n, 28, 28) in [0, 1]."""

    def features(self, digits: FloatArray) -> FloatArray:
        """Return what its last layers see, (n, d), of digits (n, 28, 28) in [0, 1]."""

    def answers(self, features: FloatArray) -> FloatArray:
        """Return probabilities (n, 10) of features (n, d)."""

    def sees_as(self, other: Any, /) -> bool:
        """Whether another network of its kind has the same features of every digit."""

    def load(self, state: Weights, /) -> None:
        """Take up weights, or a whole state, in place; `checkpoints.check_shapes` tells of those
        that do not fit."""

    @property
    def steps(self) -> int: ...
    @property
    def weights(self) -> Weights: ...
    def known_features(self, digits: FloatArray) -> FloatArray: ...
    def scores(self, features: FloatArray) -> FloatArray: ...
    def scorer(self, state: Weights) -> Callable[[FloatArray], FloatArray]: ...
    def learn(self, batch: Batch, rate: float) -> float: ...
    def state(self) -> Weights: ...


class PlainNet(Protocol):
    """A network that answers, and takes plain steps of its own kind, which move all of it."""

    @property
    def weights(self) -> Weights: ...
    def probabilities(self, digits: FloatArray) -> FloatArray: ...
    def step(self, digits: FloatArray, labels: IntArray) -> float: ...
    def state(self) -> Weights: ...
    def load(self, state: Weights) -> None: ...


@dataclass(frozen=True)
class Network:
    """A kind of network.

    key: its name in files, tables and answers. title, description: its names for people. about,
    layers: what the Models page tells of it, and in what order its layers come.
    build: makes a net of weights, or a whole state, and the bytes of its graph. build_plain: makes
    one of a state that takes plain steps. graph: the graph's file in MODELS_FOLDER; none where
    a net needs no other file than `<key>.npz`. learns: whether it has a retrained version. votes:
    whether the app's answer is made of what it says. replay_tolerance: how far a replayed weight
    may be off the stored one; 0 demands the same bits.
    """

    key: str
    title: str
    description: str
    build: Callable[[Weights, bytes], Net]
    build_plain: Callable[[Weights], PlainNet]
    about: str = ""
    layers: str = "its layers"
    graph: str | None = None
    learns: bool = True
    votes: bool = False
    replay_tolerance: float = 0.0

    @property
    def retrained(self) -> str:
        """The key of the model that visitors teach."""
        return f"{self.key}_retrained"

    @property
    def parts(self) -> tuple[str, ...]:
        """The objects that a version of it is stored as: its weights, and its optimizer's state."""
        return (self.key, f"{self.key}_optimizer")


@dataclass(frozen=True)
class Model:
    """A network with a set of weights: as it was shipped, or as visitors have taught it."""

    key: str
    network: Network
    retrained: bool

    @property
    def title(self) -> str:
        """The network's title."""
        return self.network.title

    @property
    def kind(self) -> str:
        """Which weights it has, in a word."""
        return marked("retrained") if self.retrained else marked("original")

    @property
    def full_title(self) -> str:
        """The network's title, and which weights it has."""
        return f"{self.title}, {self.kind}"


NETWORKS: dict[str, Network] = {}  # by key, in the order in which they are shown
MODELS: dict[str, Model] = {}  # by key: each network's original, then its retrained one
RETRAINED: dict[str, str] = {}  # the retrained model's key by network, of those that learn


def register(network: Network) -> None:
    """Add a kind of network to the table, at the start of a process, before anything uses it."""
    NETWORKS[network.key] = network
    MODELS[network.key] = Model(network.key, network, retrained=False)
    if network.learns:
        MODELS[network.retrained] = Model(network.retrained, network, retrained=True)
        RETRAINED[network.key] = network.retrained


def voters() -> tuple[str, str]:
    """Return the keys of the two retrained models that the app's answer is made of."""
    first, second = (network.retrained for network in NETWORKS.values() if network.votes)
    return first, second


def build_all(weights: Mapping[str, Weights], graphs: Mapping[str, bytes]) -> dict[str, Net]:
    """Return nets by network, of weights by network and graphs by network."""
    return {key: NETWORKS[key].build(weights[key], graphs.get(key, b"")) for key in weights}


def _build_conv_net(state: Weights, graph: bytes) -> Net:
    from inkling.nets.lite_conv_net import LiteConvNet  # LiteRT: 30 MB

    return LiteConvNet(graph, state)


def _build_plain_conv_net(state: Weights) -> PlainNet:
    check_tensorflow()
    from conv_net import ConvNet  # TensorFlow: 4 s and 580 MB

    return ConvNet(state)


ABOUT_FNN = marked(
    "The simple one. It looks at all 784 dots of your picture (28\u00a0×\u00a028) at once. A "
    "hundred cells each weigh all of them; ten more, one a digit, weigh what the hundred say. It "
    "is written out by hand, in numpy."
)
ABOUT_CNN = marked(
    "The sharper one. It slides small windows, 4\u00a0×\u00a04 dots, over your picture and notes "
    "where strokes, bends and corners are; a second round of windows puts those together. Then 625 "
    "cells weigh what was found. It was trained in TensorFlow."
)

register(
    Network(
        key="fnn",
        title="FNN",
        description=marked("feed-forward net"),
        build=lambda weights, graph: TwoLayerNet(weights),
        build_plain=TwoLayerNet,
        about=ABOUT_FNN,
        layers=marked("784 dots, then 100 cells, then ten digits"),
        votes=True,
    )
)
register(
    Network(
        key="cnn",
        title="CNN",
        description=marked("convolutional net"),
        build=_build_conv_net,
        build_plain=_build_plain_conv_net,
        about=ABOUT_CNN,
        layers=marked("two rounds of sliding windows, then 625 cells, then ten digits"),
        graph="cnn.tflite",
        votes=True,
        replay_tolerance=1e-6,  # LiteRT's sums may come in another order on another processor
    )
)
