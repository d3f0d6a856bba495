"""The learning rule: what one online step learns from beside its drawing, and how strongly.

A step's batch has four parts, in this order: the drawing itself, its 24 variants, earlier drawings
from the journal (rehearsal) and anchors, which say what the originals knew. The drawing's seed and
the lessons before it decide which; nothing else does, so that a drawing whose row is gone leaves no
trace in weights that are made again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from two_layer_net import CLASSES, Batch, FloatArray, IntArray, one_hot, softmax

VARIANTS = 24
OWN = 1 + VARIANTS  # rows that come of the drawing itself
Digits = NDArray[np.uint8]  # (n, 28, 28), 255 the darkest ink


@dataclass(frozen=True)
class Rule:
    """How one net learns from a label: Adam on its dense layers, with rehearsal and anchors.

    rate: Adam's at first; it falls as 1 / sqrt(1 + steps / half) and not below floor times that.
    earlier, anchors: how many of each a batch has. own, varied, rehearsed, anchored: what the mean
    cross-entropies of the batch's parts weigh in the loss. pull: what the anchors' squared distance
    to the originals' scores weighs. drift: nats that labels may move a digit towards another (see
    `gate`).

    - Rehearsal: Robins (1995), "Catastrophic forgetting, rehearsal and pseudorehearsal"; Chaudhry
      et al. (2019), "On tiny episodic memories in continual learning".
    - Anchors: pseudorehearsal, again Robins (1995); Li and Hoiem (2016), "Learning without
      forgetting"; probabilities as targets as in Hinton, Vinyals and Dean (2015), scores as in
      Buzzega et al. (2020), "Dark experience for general continual learning".
    - Adam: Kingma and Ba (2015). A rate that falls with the root of the steps: Robbins and Monro
      (1951).
    - Convolutions stay as they were trained, as in Donahue et al. (2014), "DeCAF".
    - A variant weighs as much as the original takes it for the label: a 1 that is stretched to a
      square and turned by 30° is a bad 1. Weighted samples: Kumar et al. (2010), "Self-paced
      learning".
    """

    rate: float
    half: int
    anchors: int
    pull: float
    drift: float
    earlier: int = 48
    floor: float = 0.3
    own: float = 1.0
    varied: float = 0.1
    rehearsed: float = 1.0
    anchored: float = 5.0

    def rate_at(self, steps: int) -> float:
        """Return the learning rate of the step after so many."""
        return self.rate * max(self.floor, float(1 / np.sqrt(1 + (steps + 1) / self.half)))


@dataclass(frozen=True)
class Plain:
    """How one net learns by the rule as first described: a step of its own kind on the 24 variants.

    The FNN's is gradient descent with weight decay, the CNN's RMSprop on all of its layers.
    """


@dataclass(frozen=True)
class LearningRule:
    """How all nets learn: what LEARNING_RULE names, and each version notes. by_net: by its key."""

    name: str
    by_net: Mapping[str, Rule | Plain]


RULES = {
    "fnn": Rule(rate=2.5e-3, half=40, anchors=256, pull=0.15, drift=1.5),
    "cnn": Rule(rate=1e-3, half=50, anchors=96, pull=0.1, drift=2.0),
}
MEMORY = LearningRule("memory2", RULES)  # `memory` was the same, in TensorFlow
SGD = LearningRule("sgd", dict.fromkeys(RULES, Plain()))
LEARNING_RULES = {rule.name: rule for rule in (MEMORY, SGD)}


@dataclass(frozen=True)
class Anchors:
    """What one net holds on to: features (n, d) of digits, and the original's scores (n, 10)."""

    features: FloatArray
    scores: FloatArray

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True)
class Rehearsed:
    """The earlier drawings of a batch: features (n, d) and labels (n,), n full or 0."""

    features: FloatArray
    labels: IntArray


def choose(
    seed: int, seen: int, anchors: int, rule: Rule
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of the earlier drawings and of the anchors that a batch has.

    Of `seen` earlier drawings each may come several times, of all anchors each once. The seed
    decides: first on the drawings, then on the anchors.
    """
    rng = np.random.default_rng(seed)
    earlier = rng.integers(0, seen, rule.earlier) if seen else np.empty(0, np.int64)
    return earlier, rng.choice(anchors, min(rule.anchors, anchors), replace=False)


def make_batch(
    own: FloatArray, label: int, trust: FloatArray, earlier: Rehearsed, anchors: Anchors, rule: Rule
) -> Batch:
    """Return a step's batch: `own` (25, d) are the features of the drawing and its variants.

    trust: the original's probability (24,) of the label for each variant. Where there are no
    earlier drawings yet, blank rows that weigh nothing stand in: batches of one shape are compiled
    once, and summed in one order.
    """
    rehearsed, labels = _filled(earlier, rule.earlier, own.shape[1])
    count, known = len(anchors), OWN + rule.earlier
    weight = np.concatenate(
        [
            [rule.own],
            trust * (rule.varied / VARIANTS),
            np.full(rule.earlier, rule.rehearsed / rule.earlier if len(earlier.labels) else 0),
            np.full(count, rule.anchored / count),
        ]
    )
    pull = np.concatenate([np.zeros(known), np.full(count, rule.pull / count)])
    answers = np.concatenate([np.full(OWN, label), labels])
    return Batch(
        features=np.concatenate([own, rehearsed, anchors.features]),
        targets=np.concatenate([one_hot(answers), softmax(anchors.scores)]),
        weight=weight.astype(np.float32),
        scores=np.concatenate([np.zeros((known, CLASSES), np.float32), anchors.scores]),
        pull=pull.astype(np.float32),
    )


def mean_of(batches: Sequence[Batch]) -> Batch:
    """Return one batch whose loss is the mean of these batches' losses."""
    share = np.float32(1 / len(batches))
    return Batch(
        features=np.concatenate([batch.features for batch in batches]),
        targets=np.concatenate([batch.targets for batch in batches]),
        weight=np.concatenate([batch.weight for batch in batches]) * share,
        scores=np.concatenate([batch.scores for batch in batches]),
        pull=np.concatenate([batch.pull for batch in batches]) * share,
    )


def _filled(earlier: Rehearsed, count: int, width: int) -> tuple[FloatArray, IntArray]:
    if len(earlier.labels):
        return earlier.features, earlier.labels
    return np.zeros((count, width), np.float32), np.zeros(count, np.int64)
