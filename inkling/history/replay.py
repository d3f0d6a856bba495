"""The retrained nets rebuilt from originals and journal alone, and how like the stored ones."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from inkling import checkpoints
from inkling.errors import InklingError
from inkling.journal.lineage import Lineage, MissingLesson
from inkling.journal.writer import Journal
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import CannotLearn
from inkling.nets.registry import NETWORKS
from inkling.records import Drawing

Array = NDArray[np.floating]
NOTHING: Mapping[str, int] = MappingProxyType({})
Progress = Callable[[int, int], None]  # lessons that are done, of how many


class CannotReplay(InklingError):
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
        tolerance = NETWORKS[self.net].replay_tolerance
        return self.equal or bool(tolerance and self.largest <= tolerance)


def replay(
    journal: Journal,
    originals: Mapping[str, checkpoints.Arrays],
    nets: Learner,
    version: int,
    progress: Progress = lambda done, of: None,
) -> dict[str, checkpoints.Arrays]:
    """Return the nets' states at a version, by net: all lessons on its line from the originals on.

    `originals` and `nets` go by `fnn` and `cnn`; what the nets hold is replaced. Raises
    CannotReplay where a lesson is missing, was forgotten or cannot be learned.
    """
    lineage = journal.lineage()
    if lost := lineage.lost(version):
        raise CannotReplay(
            f"Version {version} cannot be rebuilt any more: the drawing that made "
            f"version {lost[0]} was forgotten or left out.",
            "Name a version before that, or the newest.",
        )
    nets.follow(journal.rule(version))
    nets.start(originals)
    relearn(journal, lineage, nets, version, progress=progress)
    return nets.states()


def relearn(
    journal: Journal,
    lineage: Lineage,
    nets: Learner,
    version: int,
    after: int = 0,
    without: Collection[str] = (),
    progress: Progress = lambda done, of: None,
    relabelled: Mapping[str, int] = NOTHING,
) -> int:
    """Learn once more what came after version `after`, up to `version`, on whose line `after` is.

    The nets must remember what came before: see `Learner.start`.
    The drawings whose ids are in `without` are left out; those in `relabelled` are learned with the
    label that it has for them. Return how many were learned. Raises
    CannotReplay where a lesson is missing or cannot be learned.
    """
    of = len(lineage.lessons(version, after)) - len(without)
    done = 0
    try:
        for drawing in journal.lessons_of(lineage, version, after):
            if drawing.id not in without:
                label = relabelled.get(drawing.id, drawing.label)
                _relearn(nets, replace(drawing, label=label))
                done += 1
                progress(done, max(done, of))
    except MissingLesson as error:
        raise CannotReplay(str(error), "Restore a backup.") from error
    return done


def _relearn(nets: Learner, drawing: Drawing) -> None:
    try:
        nets.learn(drawing)
    except CannotLearn as error:
        raise CannotReplay(
            f"Drawing {drawing.id} of version {drawing.version} cannot be learned any more: "
            f"{error}",
            "Restore a backup.",
        ) from error


def difference(net: str, replayed: checkpoints.Arrays, stored: checkpoints.Arrays) -> Difference:
    """Return how far a net's replayed state is off the stored one, with the optimizer's part."""
    if checkpoints.shapes_of(replayed) != checkpoints.shapes_of(stored):
        return Difference(net, float("inf"), equal=False)
    equal = all(replayed[name].tobytes() == stored[name].tobytes() for name in stored)
    return Difference(net, max(_largest(replayed[n], stored[n]) for n in stored), equal)


def _largest(one: Array, other: Array) -> float:
    largest = float(np.max(np.abs(one.astype(np.float64) - other), initial=0.0))
    return largest if np.isfinite(largest) else float("inf")
