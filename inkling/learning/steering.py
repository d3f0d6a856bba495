"""What is done about labels that steer the nets: which are suspected, how many are left out.

A digit that drifted too far towards another was moved there by labels of the other. Those among the
latest that the originals doubt are taken out again, the newest first, until the nets are well
within the limit; then they are as if these had never been learned. Nobody else's label is refused.
Labels that the originals trust are above suspicion: they say what the nets knew already.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from inkling.learning.gate import Drift
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import example_of
from inkling.nets.registry import NETWORKS
from inkling.records import Drawing, LearnedDigit
from inkling.rejections import Code, Rejection
from two_layer_net import CLASSES

Labelled = TypeVar("Labelled", Drawing, LearnedDigit)

WINDOW = 500  # lessons that are looked through, the latest
TRUSTED = 0.9  # the probability that the originals give a label, from which on they trust it
AT_FIRST = 8  # labels that are left out; where that is not enough, twice as many
SHARE = 0.5  # of its limit, within which the drift must be afterwards


def digits_to_check(labels: Sequence[int], version: int) -> set[int]:
    """Return the digits that others may have been moved towards when these labels were learned.

    One more each time, in turn: rehearsal goes on teaching what was learned before.
    """
    return {*labels, version % CLASSES}


def doubtful(learner: Learner, drawings: Sequence[Labelled], label: int) -> list[Labelled]:
    """Return the drawings with this label that the originals do not trust, in the same order.

    What a person has accepted is never among them.
    """
    found = [drawing for drawing in drawings if drawing.label == label and not drawing.accepted]
    if not found:
        return []
    trust = learner.trust([example_of(drawing) for drawing in found])
    return [drawing for drawing, p in zip(found, trust, strict=True) if not p >= TRUSTED]


def steers(drift: Drift) -> Rejection:
    """Return why labels that made this drift are not learned."""
    figures = {**drift._asdict(), "net": NETWORKS[drift.net].title, "nats": round(drift.nats, 2)}
    return Rejection(Code.STEERS, figures)


def attempts(suspected: Sequence[Labelled]) -> Iterator[Sequence[Labelled]]:
    """Yield what to leave out: a few of the latest, then ever more; at last all.

    >>> [len(chosen) for chosen in attempts(range(20))]
    [8, 16, 20]
    """
    count = AT_FIRST
    while count < len(suspected):
        yield suspected[-count:]
        count *= 2
    yield suspected
