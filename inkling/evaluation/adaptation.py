"""What learning from some people's labels does for them, and what it costs everybody else."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from functions import FloatArray
from inkling import checkpoints
from inkling.data.rendering import render_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.errors import InvalidInput
from inkling.evaluation.evaluate import DigitSet, drawn_set
from inkling.evaluation.metrics import ANSWER, score, score_answer
from inkling.learning.gate import Drift
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import Refused
from inkling.learning.steering import (
    SHARE,
    WINDOW,
    attempts,
    digits_to_check,
    doubtful,
    steers,
)
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


class Teacher:
    """Teaches drawings as the trainer does, with screen and gate, and without a journal."""

    def __init__(
        self, learner: Learner, originals: Mapping[str, checkpoints.Arrays], batch: int = 1
    ) -> None:
        """Let the learner start anew from the originals, by net; take so many labels a step."""
        self.learner, self._originals, self._batch = learner, originals, batch
        self._lessons: list[Drawing] = []
        learner.start(originals)

    def teach(
        self, drawings: Sequence[StrokeDrawing], seed: int, done: Progress = lambda count: None
    ) -> list[Rejection]:
        """Teach drawings one after another; return why some labels, also earlier ones, do not stay.

        The seed stands for the ids that the drawings would get.
        """
        rng = np.random.default_rng((seed, len(drawings), 1))
        rejections: list[Rejection] = []
        for first in range(0, len(drawings), self._batch):
            labelled = [
                Drawing.of(
                    drawing.digit,
                    render_strokes(drawing.strokes),
                    id=str(uuid.UUID(bytes=rng.bytes(16), version=4)),
                )
                for drawing in drawings[first : first + self._batch]
            ]
            rejections += self._teach(labelled)
            done(len(labelled))
        return rejections

    def teach_one(self, drawing: Drawing) -> list[Rejection]:
        """Teach one drawing; return why it, or earlier ones, do not stay."""
        return self._teach([drawing])

    def _teach(self, drawings: Sequence[Drawing]) -> list[Rejection]:
        refused = self._step(drawings)
        drawings = [drawing for drawing in drawings if drawing.id not in refused]
        if not drawings:
            return [*refused.values()]
        self._lessons += drawings
        labels = [drawing.label for drawing in drawings]
        drift = self.learner.drift(digits_to_check(labels, len(self._lessons)))
        if drift is None:
            return [*refused.values()]
        suspected = doubtful(self.learner, self._lessons[-WINDOW:], drift.towards)
        left_out = self._leave_out(suspected, drift)
        return [*refused.values(), *[steers(drift)] * len(left_out)]

    def _step(self, drawings: Sequence[Drawing], screened: bool = True) -> dict[str, Rejection]:
        """Take a step; return why some drawings, by id, are not learned."""
        if len(drawings) > 1:
            return self.learner.learn_together(drawings, screened=screened)
        (drawing,) = drawings
        try:
            self.learner.learn(drawing, screened=screened)
        except Refused as refused:
            return {drawing.id: refused.rejection}
        return {}

    def _leave_out(self, suspected: Sequence[Drawing], drift: Drift) -> Sequence[Drawing]:
        if not suspected:
            return []
        for chosen in attempts(suspected):
            ids = {drawing.id for drawing in chosen}
            self._start_again([lesson for lesson in self._lessons if lesson.id not in ids])
            if self.learner.is_within(drift, SHARE):
                break
        return chosen

    def _start_again(self, lessons: Sequence[Drawing]) -> None:
        self.learner.start(self._originals)
        for first in range(0, len(lessons), self._batch):
            self._step(lessons[first : first + self._batch], screened=False)
        self._lessons = [*lessons]


def probabilities(learner: Learner, digits: FloatArray) -> dict[str, FloatArray]:
    """Return the probabilities (n, 10) that each net gives digits (n, 28, 28) in [0, 1]."""
    starts = range(0, len(digits), AT_ONCE)
    return {
        name: np.concatenate([net.probabilities(digits[n : n + AT_ONCE]) for n in starts])
        for name, net in learner.items()
    }


def accuracies(learner: Learner, digits: DigitSet) -> Accuracies:
    """Return the share of digits that each net, and the app's answer of both, gets right."""
    said = probabilities(learner, digits.digits)
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
    batch: int = 1,
) -> Adaptation:
    """Teach the originals the labels of each group in turn; return what that did.

    What the learner held is replaced. `batch`: labels that share a step.
    """
    teacher = Teacher(learner, originals, batch)
    own = drawn_set([drawing for group in groups for drawing in group.others])
    sets = {"": own, **retained}
    before = {name: accuracies(learner, digits) for name, digits in sets.items()}
    rejected = 0
    for number, group in enumerate(groups):
        rejected += len(teacher.teach(group.labelled, seed + number, done))
    changes = {
        name: Change(len(digits.labels), before[name], accuracies(learner, digits))
        for name, digits in sets.items()
    }
    labels = sum(len(group.labelled) for group in groups)
    return Adaptation(labels, rejected, changes.pop(""), changes)
