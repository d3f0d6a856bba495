"""How a network is trained when only its name is given: as its source does, or as it was before."""

from dataclasses import dataclass, fields
from typing import Any

from inkling.errors import InklingError, InvalidInput
from inkling.nets.architectures import ARCHITECTURES, Architecture, Recipe, recipe_of
from inkling.nets.description import Description

DENSE = "dense"  # a name that many networks may have had before: it says nothing of the layers


class CannotTrain(InklingError):
    """Nobody knows how this network is trained."""


@dataclass(frozen=True)
class Retraining:
    """All that a training follows from, but the digits."""

    architecture: Architecture
    recipe: Recipe
    hidden: tuple[int, ...]
    seed: int


def retraining_of(name: str, description: Description | None) -> Retraining:
    """Return how the network of this name and description, if it has one, is trained.

    Those of a source as that does it, others as they were trained before. Raises CannotTrain for
    one that was imported, that learned from drawings, or that there is not.
    """
    known = ARCHITECTURES.get(name)
    if known and (name != DENSE or description is None):
        return Retraining(known, recipe_of(known), known.hidden, seed=0)
    if description is None:
        raise CannotTrain(f"There is no network {name!r}.", "Train or import one of this name.")
    architecture = ARCHITECTURES.get(description.architecture)
    if architecture is None:
        raise CannotTrain(
            f"The network {name} was not trained here: nothing says how it is done.",
            "Import it anew, or train one: inkling network train.",
        )
    if "warping" in description.training:
        raise CannotTrain(
            f"The network {name} learned from drawings that are varied, which no sample holds.",
            "Train it anew: inkling network train … --drawings.",
        )
    try:
        return _as_before(architecture, description.training)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"What {name} says of its training cannot be read ({error}).",
            "Train it anew: inkling network train.",
        ) from error


def _as_before(architecture: Architecture, told: dict[str, Any]) -> Retraining:
    found = {field.name: told[field.name] for field in fields(Recipe) if field.name in told}
    hidden = tuple(int(units) for units in told["hidden"])
    return Retraining(architecture, Recipe(**found), hidden, int(told["seed"]))
