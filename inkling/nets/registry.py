"""The table of networks: what each kind is called, how it is built and served, whether it learns.

A new kind of network is one entry at the end of this file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from two_layer_net import Batch, FloatArray, IntArray, TwoLayerNet, Weights


class ServedNet(Protocol):
    """A network that answers; for one thread at a time."""

    takes_many: bool  # whether `probabilities` takes any number of digits, or one

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Return probabilities (n, 10) for digits (n, 28, 28) in [0, 1]."""

    def load(self, weights: Weights, /) -> None:
        """Take up other weights, in place; `checkpoints.check_shapes` tells whether they fit."""


class Net(Protocol):
    """A network that answers and learns."""

    @property
    def steps(self) -> int: ...
    def probabilities(self, digits: FloatArray) -> FloatArray: ...
    def features(self, digits: FloatArray) -> FloatArray: ...
    def known_features(self, digits: FloatArray) -> FloatArray: ...
    def scores(self, features: FloatArray) -> FloatArray: ...
    def scorer(self, state: Weights) -> Callable[[FloatArray], FloatArray]: ...
    def learn(self, batch: Batch, rate: float) -> float: ...
    def step(self, digits: FloatArray, labels: IntArray) -> float: ...
    def state(self) -> Weights: ...
    def load(self, state: Weights) -> None: ...


@dataclass(frozen=True)
class Network:
    """A kind of network.

    key: its name in files, tables and answers. title, description: its names for people. about,
    layers: what the Models page tells of it, and in what order its layers come.
    build: makes a net that learns of a state. serve: makes one that only answers, of weights and
    the bytes of its serving graph. graph: that graph's file in MODELS_FOLDER; none where serving
    needs no other file than `<key>.npz`. learns: whether it has a retrained version. votes: whether
    the app's answer is made of what it says. replay_tolerance: how far a replayed weight may be off
    the stored one; 0 demands the same bits.
    """

    key: str
    title: str
    description: str
    build: Callable[[Weights], Net]
    serve: Callable[[Weights, bytes], ServedNet]
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
        return "retrained" if self.retrained else "original"

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


def serve_all(weights: Mapping[str, Weights], graphs: Mapping[str, bytes]) -> dict[str, ServedNet]:
    """Return served nets by network, of weights by network and serving graphs by network."""
    return {key: NETWORKS[key].serve(weights[key], graphs.get(key, b"")) for key in weights}


def _build_conv_net(state: Weights) -> Net:
    from conv_net import ConvNet  # TensorFlow: 4 s and 580 MB, which only who learns may pay

    return ConvNet(state)


def _serve_conv_net(weights: Weights, graph: bytes) -> ServedNet:
    from inkling.nets.litert import ServedConvNet  # LiteRT, which a process that learns never uses

    return ServedConvNet(graph, weights)


ABOUT_FNN = """\
The simple one. It looks at all 784 dots of your picture (28\u00a0×\u00a028) at once. A hundred
cells each weigh all of them; ten more, one a digit, weigh what the hundred say. It is written out
by hand, in numpy."""
ABOUT_CNN = """\
The sharper one. It slides small windows, 4\u00a0×\u00a04 dots, over your picture and notes where
strokes, bends and corners are; a second round of windows puts those together. Then 625 cells
weigh what was found. It runs in TensorFlow."""

register(
    Network(
        key="fnn",
        title="FNN",
        description="feed-forward net",
        build=TwoLayerNet,
        serve=lambda weights, graph: TwoLayerNet(weights),
        about=ABOUT_FNN,
        layers="784 dots, then 100 cells, then ten digits",
        votes=True,
    )
)
register(
    Network(
        key="cnn",
        title="CNN",
        description="convolutional net",
        build=_build_conv_net,
        serve=_serve_conv_net,
        about=ABOUT_CNN,
        layers="two rounds of sliding windows, then 625 cells, then ten digits",
        graph="cnn.tflite",
        votes=True,
        replay_tolerance=1e-6,  # TensorFlow's sums may come in another order on another machine
    )
)
