"""What a network that was trained as a whole is, and how it came about: told beside its weights."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from inkling.errors import InvalidInput
from inkling.nets.registry import MODELS

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
# The first parts of the app's own addresses; a test compares them with its routes.
ADDRESSES = frozenset(
    (
        "about",
        "gallery",
        "my-drawings",
        "admin",
        "api",
        "collect",
        "contribute",
        "drawings",
        "healthz",
        "jobs",
        "list_nn",
        "metrics",
        "models",
        "openapi.json",
        "predict",
        "progress",
        "readyz",
        "static",
        "steps",
        "train",
        "versions",
        "weights",
    )
)


@dataclass(frozen=True)
class Figures:
    """How good it is on some digits: how many, mean cross-entropy in nats, accuracy in [0, 1]."""

    digits: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Description:
    """A network and its training.

    architecture: the key of its kind; `imported` for one that was trained elsewhere. config: its
    layers in Keras's form. scale: what a digit in [0, 1] is multiplied by before the first layer.
    training: with what and how it was trained. history: the curves, one entry an epoch.
    figures: how good it is, by the digits' name (`train`, `test`).
    """

    name: str
    title: str
    about: str
    architecture: str
    config: dict[str, Any]
    parameters: int
    scale: float = 1.0
    training: dict[str, Any] = field(default_factory=dict)
    history: dict[str, list[float]] = field(default_factory=dict)
    figures: dict[str, Figures] = field(default_factory=dict)
    made: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @property
    def accuracy(self) -> float | None:
        """The accuracy in [0, 1] that is told of it: on test digits, else on those it learned."""
        found = self.figures.get("test") or self.figures.get("train")
        return found.accuracy if found else None

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return asdict(self) | {"made": self.made.astimezone(UTC).isoformat(timespec="seconds")}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote. Raises InvalidInput for anything else."""
        try:
            figures = {name: Figures(**found) for name, found in values["figures"].items()}
            made = datetime.fromisoformat(values["made"])
            return cls(**dict(values) | {"figures": figures, "made": made})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problem = f"The description cannot be read ({error})."
            raise InvalidInput(problem, "Train or import the network anew.") from error


class ServableNetwork(NamedTuple):
    """A network with all that serving and going on need: an .npz file and a LiteRT graph."""

    description: Description
    weights: bytes
    graph: bytes


def check_name(name: str) -> None:
    """Raise InvalidInput for a name that no network of one's own may have."""
    if not NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} is no name of a network.",
            "Use small letters, digits and '-', 40 at most, a letter first.",
        )
    if name in MODELS or name in ADDRESSES:
        what = "one of the page's models" if name in MODELS else "an address of the app"
        raise InvalidInput(f"{name!r} is {what}.", "Name the network otherwise.")
