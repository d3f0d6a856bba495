"""The nets that learn, with their replay buffer: a drawing in, one step per net, a receipt out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from functions import BROKEN_IMAGE, Grey, augment, decode_png
from inkling import checkpoints
from inkling.errors import InklingError, InvalidInput
from inkling.learning import gate, screen
from inkling.learning.reference import ANCHORS, Reference, make_reference, read_anchors
from inkling.learning.replay_buffer import (
    CannotLearn,
    Earlier,
    Refused,
    ReplayBuffer,
    example_of,
    read_digits,
)
from inkling.learning.rule import (
    LEARNING_RULES,
    MEMORY,
    Anchors,
    LearningRule,
    Rehearsed,
    Rule,
    choose,
    make_batch,
    mean_of,
)
from inkling.nets.registry import NETWORKS, RETRAINED, Net, PlainNet
from inkling.nets.unlike_digits import read_unlike_digits
from inkling.records import Drawing, Example, Receipt
from inkling.rejections import Code, Rejection
from two_layer_net import Batch, FloatArray, IntArray, softmax

SHIPPED = Path(__file__).parent.parent.parent / "models"
LearningNet = Net | PlainNet  # by which kind of rule it learns


class UnknownRule(InklingError):
    """Weights learned by a rule that there is no more."""


class Learner(Mapping[str, LearningNet]):
    """Nets by their key, and how they learn.

    What it does with a drawing follows from the nets' states, the drawing and the lessons before
    it, and from nothing else.
    """

    def __init__(
        self,
        nets: Mapping[str, LearningNet],
        originals: Mapping[str, checkpoints.Arrays],
        rule: LearningRule = MEMORY,
        models_folder: Path = SHIPPED,
        probe: gate.Probe | None = None,
    ) -> None:
        """Take nets as `build_nets` makes them for the rule.

        The anchors and, unless another one is given, the probe come from the models folder.
        """
        self._nets, self._originals, self.rule = dict(nets), originals, rule
        self._models_folder, self._given_probe = models_folder, probe
        self._references: dict[str, Reference] = {}  # by net, from the first lesson on
        self._unlike_digits = read_unlike_digits(models_folder)
        self._unmoved: dict[str, PlainNet] = {}  # the originals, of nets that move as a whole
        self._memory = ReplayBuffer()

    def __getitem__(self, name: str) -> LearningNet:
        return self._nets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nets)

    def __len__(self) -> int:
        return len(self._nets)

    @property
    def memory(self) -> ReplayBuffer:
        """The drawings that it learned."""
        return self._memory

    def follow(self, rule: str | None) -> None:
        """Learn by the rule of this name after the next `start`; None: as before.

        Raises UnknownRule where there is none.
        """
        if rule is None or rule == self.rule.name:
            return
        if rule not in LEARNING_RULES:
            raise UnknownRule(
                f"These weights learned by the rule {rule}, which is no more.",
                "Learn all labels again: inkling relearn.",
            )
        self.rule = LEARNING_RULES[rule]
        self._nets = build_nets(self._originals, self.rule, self._models_folder, [*self])

    def start(
        self, states: Mapping[str, checkpoints.Arrays], earlier: Earlier | None = None
    ) -> None:
        """Go on from these states, which had learned the earlier drawings, in their order."""
        for name, net in self._nets.items():
            net.load(states[name])
        self._memory = ReplayBuffer(earlier)

    def states(self) -> dict[str, checkpoints.Arrays]:
        """Return copies of the nets' states, by net."""
        return {name: net.state() for name, net in self._nets.items()}

    def learn(self, drawing: Drawing, screened: bool = False) -> Receipt:
        """Take one step of every net and remember the drawing; return how each saw it.

        Raises Refused for a drawing that does not pass the screen, where it has to; CannotLearn
        for one with a named fault: then the nets may be half changed: start again from a state.
        """
        lesson = self._prepare(drawing)
        if screened and (rejection := self._screen(lesson)):
            raise Refused(rejection)
        receipt = {NETWORKS[name].retrained: self._step(name, lesson) for name in self}
        self._memory.remember(lesson.example)
        return receipt

    def learn_together(
        self, drawings: Sequence[Drawing], screened: bool = False
    ) -> dict[str, Rejection]:
        """Take one step of every net on all of these drawings, of those that pass the screen.

        Return why the others do not, by their ids. An experiment: a trainer takes a step for each
        label. Raises CannotLearn as `learn` does, InvalidInput where a net takes plain steps.
        """
        lessons, refused = list[_Lesson](), dict[str, Rejection]()
        for drawing in drawings:
            lesson = self._prepare(drawing)
            if screened and (rejection := self._screen(lesson)):
                refused[drawing.id] = rejection
            else:
                lessons.append(lesson)
        for name in self if lessons else ():
            rule = self._rule_of(name)
            if rule is None:
                raise InvalidInput(f"{self.rule.name} steps on one drawing at a time.", "Use 1.")
            net = self._net(name)
            batch = mean_of([self._batch(name, rule, lesson) for lesson in lessons])
            if not np.isfinite(net.learn(batch, rule.rate_at(net.steps))):
                raise CannotLearn(Rejection(Code.NOT_FINITE))
        for lesson in lessons:
            self._memory.remember(lesson.example)
        return refused

    def _prepare(self, drawing: Drawing) -> "_Lesson":
        """Make the drawing's variants, and note what each net and its original say of it."""
        variants = augment(_decode(drawing.png), drawing.seed)
        if variants is None:
            raise CannotLearn(Rejection(Code.NOTHING_DRAWN))
        digit = read_digits([drawing.digit])
        both = np.concatenate([digit, variants])
        features = {name: self._net(name).features(both) for name in self if self._rule_of(name)}
        return _Lesson(
            drawing.seed,
            example_of(drawing),
            digit,
            variants,
            features,
            {n: softmax(self._reference(n).original(own)) for n, own in features.items()},
            {name: self._sees(name, digit, features.get(name)) for name in self},
        )

    def _screen(self, lesson: "_Lesson") -> Rejection | None:
        originals = [self._original_of(name, lesson) for name in self]
        said = [*originals, *lesson.before.values()]
        excess = self._unlike_digits.excess(lesson.digit[0]) if self._unlike_digits else None
        return screen.objection(lesson.example.label, said, excess)

    def _original_of(self, name: str, lesson: "_Lesson") -> FloatArray:
        """Return the probabilities (10,) that a net's original gives the lesson's digit."""
        if name in lesson.originals:
            return np.asarray(lesson.originals[name][0])
        if name not in self._unmoved:
            self._unmoved[name] = NETWORKS[name].build_plain(self._originals[name])
        return np.asarray(self._unmoved[name].probabilities(lesson.digit)[0])

    def _step(self, name: str, lesson: "_Lesson") -> dict[str, float]:
        """Move one net; return its probability of the label before and after."""
        rule, label = self._rule_of(name), lesson.example.label
        if rule is None:
            loss = self._plain(name).step(lesson.variants, np.full(len(lesson.variants), label))
        else:
            net = self._net(name)
            loss = net.learn(self._batch(name, rule, lesson), rule.rate_at(net.steps))
        before = float(lesson.before[name][label])
        after = float(self._sees(name, lesson.digit, lesson.features.get(name))[label])
        if not np.isfinite((loss, after)).all():
            raise CannotLearn(Rejection(Code.NOT_FINITE))
        return {"before": round(before, 6), "after": round(after, 6)}

    def _batch(self, name: str, rule: Rule, lesson: "_Lesson") -> Batch:
        net, own, reference = self._net(name), lesson.features[name], self._reference(name)
        label = lesson.example.label
        trust = lesson.originals[name][1:, label]
        earlier, anchors = choose(lesson.seed, len(self._memory), len(reference.anchors), rule)
        seen = self._memory.examples(earlier)
        rehearsed = Rehearsed(
            net.known_features(read_digits(example.digit for example in seen))
            if seen
            else np.empty((0, own.shape[1]), np.float32),
            np.array([example.label for example in seen], np.int64),
        )
        kept = Anchors(reference.anchors.features[anchors], reference.anchors.scores[anchors])
        return make_batch(own, label, trust, rehearsed, kept, rule)

    def _sees(self, name: str, digit: FloatArray, features: FloatArray | None) -> FloatArray:
        """Return a net's probabilities (10,) for a digit (1, 28, 28), from features if it can."""
        if features is None:
            return np.asarray(self[name].probabilities(digit)[0])
        return np.asarray(softmax(self._net(name).scores(features[:1]))[0])

    def drift(self, towards: Iterable[int]) -> gate.Drift | None:
        """Return the drift towards one of these digits that is the furthest beyond its limit.

        None where all are within it. A net whose rule is Plain is held to nothing.
        """
        rows = self._probe.rows(towards)
        found = [drift for name in self for drift in self._drifts(name, rows)]
        beyond = {drift: drift.nats - self._limit(drift.net) for drift in found}
        beyond = {drift: nats for drift, nats in beyond.items() if not nats <= 0}  # no NaN passes
        return max(beyond, key=lambda drift: beyond[drift], default=None)

    def is_within(self, drift: gate.Drift, share: float) -> bool:
        """Return whether the net's drift between the same digits is now within a share of it."""
        found = self._drifts(drift.net, self._probe.rows([drift.towards]))
        (now,) = (one.nats for one in found if one.digit == drift.digit)
        return now <= share * self._limit(drift.net)

    def _drifts(self, name: str, rows: IntArray) -> list[gate.Drift]:
        if not self._rule_of(name):
            return []
        probe, reference = self._probe, self._reference(name)
        labels, towards = probe.labels[rows], probe.towards[rows]
        now = gate.log_odds(self._net(name).scores(reference.probe[rows]), labels, towards)
        return gate.drifts(name, now - reference.before[rows], labels, towards)

    def _limit(self, name: str) -> float:
        rule = self._rule_of(name)
        return rule.drift if rule else np.inf

    def trust(self, examples: Sequence[Example]) -> FloatArray:
        """Return the probability (n,) of the label of each, the mean of what the originals give."""
        digits = read_digits(example.digit for example in examples)
        labels = np.array([example.label for example in examples], np.int64)
        each = np.arange(len(labels))
        said = [self._original_says(name, digits)[each, labels] for name in self]
        return np.asarray(np.mean(said, axis=0))

    def _original_says(self, name: str, digits: FloatArray) -> FloatArray:
        return softmax(self._reference(name).original(self._net(name).known_features(digits)))

    def _net(self, name: str) -> Net:
        """Return a net that learns by a Rule."""
        return cast(Net, self._nets[name])

    def _plain(self, name: str) -> PlainNet:
        """Return a net that takes plain steps."""
        return cast(PlainNet, self._nets[name])

    def _rule_of(self, name: str) -> Rule | None:
        """Return the rule that a net learns by; None for a plain step on the variants."""
        rule = self.rule.by_net[name]
        return rule if isinstance(rule, Rule) else None

    def _reference(self, name: str) -> Reference:
        """Return what a net learns from and is measured by beside drawings; made at first use."""
        if name not in self._references:
            anchors = read_anchors(self._models_folder / ANCHORS)
            made = make_reference(self._net(name), self._originals[name], anchors, self._probe)
            self._references[name] = made
        return self._references[name]

    @property
    def _probe(self) -> gate.Probe:
        return self._given_probe or gate.read_probe(self._models_folder / gate.PROBE)


def _decode(png: bytes) -> Grey:
    try:
        return decode_png(png)
    except BROKEN_IMAGE as error:
        rejection = Rejection(Code.UNREADABLE, {"error": type(error).__name__})
        raise CannotLearn(rejection) from error


def build_learner(
    originals: Mapping[str, checkpoints.Arrays],
    rule: LearningRule = MEMORY,
    models_folder: Path = SHIPPED,
) -> Learner:
    """Return all nets that learn, with these weights.

    For a Plain rule TensorFlow is imported, which takes some 4 s the first time.
    """
    nets = build_nets(originals, rule, models_folder, RETRAINED)
    return Learner(nets, originals, rule, models_folder)


def build_nets(
    originals: Mapping[str, checkpoints.Arrays],
    rule: LearningRule,
    models_folder: Path,
    keys: Iterable[str],
) -> dict[str, LearningNet]:
    """Return nets of these keys with these weights, of the kinds that learn by the rule."""
    graphs = checkpoints.graphs(models_folder)

    def build(key: str) -> LearningNet:
        if isinstance(rule.by_net[key], Rule):
            return NETWORKS[key].build(originals[key], graphs.get(key, b""))
        return NETWORKS[key].build_plain(originals[key])

    return {key: build(key) for key in keys}


@dataclass(frozen=True)
class _Lesson:
    """A drawing to be learned: the digit (1, 28, 28) that the nets see and its variants.

    By net, of those with a Rule: what the layers that learn see of both (25, d), and the
    probabilities (25, 10) that the original gives them. By net: what it gives the digit (10,).
    """

    seed: int
    example: Example
    digit: FloatArray
    variants: FloatArray
    features: Mapping[str, FloatArray]
    originals: Mapping[str, FloatArray]
    before: Mapping[str, FloatArray]
