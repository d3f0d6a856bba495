"""The retrained nets rebuilt from originals and journal alone, and how like the stored ones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import weights
from journal import Journal
from storage import ObjectMissing
from trainer import CannotLearn, Net, learn

# How far a replayed number may be off the stored one; the FNN's must be the same to the last bit.
TOLERANCE = {"fnn": 0.0, "cnn": 1e-6}

Array = NDArray[np.floating]
Progress = Callable[[int, int], None]  # lessons that are done, of how many


class CannotReplay(ValueError):
    """The journal's lessons cannot be done again. The message says which one, and what to do."""


@dataclass(frozen=True)
class Difference:
    """How far a net's replayed weights are off the stored ones."""

    net: str
    largest: float  # absolute; infinite where names, shapes or types differ
    equal: bool  # to the last bit

    @property
    def fits(self) -> bool:
        """Whether they are as equal as this net's must be."""
        tolerance = TOLERANCE[self.net]
        return self.equal or bool(tolerance and self.largest <= tolerance)


def replay(
    journal: Journal,
    originals: Mapping[str, weights.Arrays],
    nets: Mapping[str, Net],
    version: int,
    progress: Progress = lambda done, of: None,
) -> dict[str, weights.Arrays]:
    """The states of the nets at a version, by net: every lesson up to it, from the originals on.

    `originals` and `nets` go by `fnn` and `cnn`; what the nets hold is replaced. Raises
    CannotReplay where a lesson is missing or cannot be learned.
    """
    for name, net in nets.items():
        net.load(originals[name])
    done = 0
    for drawing in journal.lessons(version):
        if drawing.version != done + 1:
            break
        try:
            learn(nets, drawing)
        except CannotLearn as error:
            raise CannotReplay(
                f"Drawing {drawing.id} of version {drawing.version} cannot be learned any more: "
                f"{error} Restore a backup."
            ) from error
        done += 1
        progress(done, version)
    if done != version:
        raise CannotReplay(
            f"The journal has no drawing that made version {done + 1}. Restore a backup."
        )
    return {name: net.state() for name, net in nets.items()}


def difference(net: str, replayed: weights.Arrays, stored: weights.Arrays) -> Difference:
    """How far a net's replayed state is off the stored one, the optimizer's part included."""
    if _shapes(replayed) != _shapes(stored):
        return Difference(net, float("inf"), equal=False)
    equal = all(replayed[name].tobytes() == stored[name].tobytes() for name in stored)
    return Difference(net, max(_largest(replayed[n], stored[n]) for n in stored), equal)


def _shapes(state: weights.Arrays) -> dict[str, tuple[tuple[int, ...], str]]:
    return {name: (array.shape, array.dtype.str) for name, array in state.items()}


def _largest(one: Array, other: Array) -> float:
    largest = float(np.max(np.abs(one.astype(np.float64) - other), initial=0.0))
    return largest if np.isfinite(largest) else float("inf")


def stored_states(
    source: weights.Source, objects: Mapping[str, str] | None, nets: Iterable[str]
) -> dict[str, weights.Arrays]:
    """The states of a version's nets as they are stored, by net.

    Raises ObjectMissing where any part of them is not there, BadWeights where it is damaged.
    """
    states: dict[str, weights.Arrays] = {}
    objects = objects or {}
    for net in nets:
        states[net] = {}
        for part in weights.PARTS[net]:
            if part not in objects:
                raise ObjectMissing(f"The name of {part}")
            states[net] |= weights.get(source, objects[part])
    return states
