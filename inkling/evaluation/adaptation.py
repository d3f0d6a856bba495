"""What learning from some people's labels does for them, and what it costs everybody else."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inkling import checkpoints
from inkling.data.rendering import render_strokes
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.errors import InvalidInput
from inkling.evaluation.evaluate import DigitSet, pipeline_digits
from inkling.evaluation.metrics import ANSWER, score, score_answer
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import Refused
from inkling.nets.registry import NETWORKS
from inkling.records import Drawing
from inkling.rejections import Rejection

AT_ONCE = 1000

Accuracies = dict[str, float]  # shares in [0, 1] by net and for the answer
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Split:
    """Some people's drawings: those that are labelled, in that order, and the others."""

    labelled: Sequence[StrokeDrawing]
    others: Sequence[StrokeDrawing]


@dataclass(frozen=True)
class Change:
    """How good the nets and the answer were on a set of digits before and after."""

    count: int
    before: Accuracies
    after: Accuracies


@dataclass(frozen=True)
class Adaptation:
    """What labels did: for the drawings that were not labelled, and for each retained set."""

    labels: int
    rejected: int  # of them, by screen and gate
    own: Change
    retained: dict[str, Change]


def split(drawings: Sequence[StrokeDrawing], labels: int, seed: int) -> Split:
    """Return so many drawings at random to be labelled, and what is left to measure on.

    Raises InvalidInput where nothing would be left.
    """
    if labels >= len(drawings):
        raise InvalidInput(
            f"Of {len(drawings)} drawings {labels} cannot be labelled and others be "
            "left to measure on.",
            "Ask for fewer labels, or name more writers.",
        )
    order = np.random.default_rng((seed, len(drawings))).permutation(len(drawings))
    shuffled = [drawings[n] for n in order]
    return Split(shuffled[:labels], shuffled[labels:])


def digits_of(drawings: Sequence[StrokeDrawing]) -> DigitSet:
    """Return what the nets see of drawings. Raises InvalidInput where one shows no ink."""
    return DigitSet(pipeline_digits(drawings), labels_of(drawings))


def teach(
    learner: Learner,
    drawings: Sequence[StrokeDrawing],
    seed: int,
    done: Progress = lambda count: None,
) -> list[Rejection]:
    """Learn drawings as the trainer does, with screen and gate; return why some were rejected.

    The seed stands for the ids that the drawings would get.
    """
    rng = np.random.default_rng((seed, len(drawings), 1))
    rejections: list[Rejection] = []
    for drawing in drawings:
        id = str(uuid.UUID(bytes=rng.bytes(16), version=4))
        paper = render_strokes(drawing.strokes)
        rejection = _learn(learner, Drawing.of(drawing.digit, paper, id=id))
        rejections += [rejection] if rejection else []
        done(1)
    return rejections


def _learn(learner: Learner, drawing: Drawing) -> Rejection | None:
    """Learn a drawing, or leave all as it was and return why."""
    states, earlier = learner.states(), list(learner.memory)
    try:
        learner.learn(drawing, screened=True)
    except Refused as refused:
        return refused.rejection
    if rejection := learner.objection():
        learner.start(states, earlier)
    return rejection


def accuracies(learner: Learner, digits: DigitSet) -> Accuracies:
    """Return the share of digits that each net, and the app's answer of both, gets right."""
    starts = range(0, len(digits.labels), AT_ONCE)
    said = {
        name: np.concatenate([net.probabilities(digits.digits[n : n + AT_ONCE]) for n in starts])
        for name, net in learner.items()
    }
    found = {name: score(given, digits.labels).accuracy for name, given in said.items()}
    voting = [given for key, given in said.items() if NETWORKS[key].votes]
    if len(voting) == 2:
        found[ANSWER] = score_answer(voting[0], voting[1], digits.labels).accuracy
    return found


def adapt(
    learner: Learner,
    originals: Mapping[str, checkpoints.Arrays],
    groups: Sequence[Split],
    retained: Mapping[str, DigitSet],
    seed: int,
    done: Progress = lambda count: None,
) -> Adaptation:
    """Teach the originals the labels of each group in turn; return what that did.

    What the learner held is replaced.
    """
    learner.start(originals)
    own = digits_of([drawing for group in groups for drawing in group.others])
    sets = {"": own, **retained}
    before = {name: accuracies(learner, digits) for name, digits in sets.items()}
    rejected = 0
    for number, group in enumerate(groups):
        rejected += len(teach(learner, group.labelled, seed + number, done))
    changes = {
        name: Change(len(digits.labels), before[name], accuracies(learner, digits))
        for name, digits in sets.items()
    }
    labels = sum(len(group.labelled) for group in groups)
    return Adaptation(labels, rejected, changes.pop(""), changes)
