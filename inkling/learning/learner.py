"""The nets that learn, with what they remember: a drawing in, one step per net, a receipt out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from functions import augment, decode_png, process_image, to_bytes
from inkling import checkpoints
from inkling.learning import gate, screen
from inkling.learning.reference import Reference, make_reference, shipped_anchors
from inkling.learning.replay_buffer import CannotLearn, Example, Refused, ReplayBuffer, read_digits
from inkling.learning.rule import (
    RULES,
    Anchors,
    Digits,
    Plain,
    Rehearsed,
    Rule,
    Rules,
    choose,
    make_batch,
)
from inkling.nets.registry import NETWORKS, Net
from inkling.records import Drawing
from two_layer_net import Batch, FloatArray, softmax

Receipt = dict[str, dict[str, float]]


class Learner(Mapping[str, Net]):
    """The nets by name, `fnn` and `cnn` or one of them, and how they learn.

    What it does with a drawing follows from the nets' states, the drawing and the lessons before
    it, and from nothing else.
    """

    def __init__(
        self,
        nets: Mapping[str, Net],
        originals: Mapping[str, checkpoints.Arrays],
        rules: Rules = RULES,
        anchors: Digits | None = None,
        probe: gate.Probe | None = None,
    ) -> None:
        """`anchors` and `probe` are the shipped ones unless others are given."""
        self._nets, self._originals, self._rules = dict(nets), originals, rules
        self._anchors, self._probe = anchors, probe
        self._taught: dict[str, Reference] = {}  # by net, from the first lesson on
        self._last: dict[str, gate.Score] = {}  # by net, when it was last published or loaded
        self._memory = ReplayBuffer()

    def __getitem__(self, name: str) -> Net:
        return self._nets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nets)

    def __len__(self) -> int:
        return len(self._nets)

    @property
    def memory(self) -> ReplayBuffer:
        """The drawings that it learned."""
        return self._memory

    @property
    def has_rules(self) -> bool:
        """Whether every net learns by a rule, and none by a plain step."""
        return all(self._follows_rule(name) for name in self)

    def start(
        self, states: Mapping[str, checkpoints.Arrays], earlier: Iterable[Example] = ()
    ) -> None:
        """Go on from these states, which had learned the earlier drawings, in their order."""
        for name, net in self._nets.items():
            net.load(states[name])
        self._last = {}
        self._memory = ReplayBuffer(earlier)

    def states(self) -> dict[str, checkpoints.Arrays]:
        """Copies of the nets' states, by net."""
        return {name: net.state() for name, net in self._nets.items()}

    def learn(self, drawing: Drawing, screened: bool = False) -> Receipt:
        """One step of every net; how each saw the drawing before and after. It is remembered.

        Raises Refused for a drawing that does not pass the screen, where it has to; CannotLearn
        for one that cannot be learned: then the nets may be half changed: start again from a state.
        """
        try:
            self._last = self._last or self._scores()
            lesson = self._lesson(drawing)
            if screened and (reason := self._screen(lesson)):
                raise Refused(reason)
            receipt = {NETWORKS[name].retrained: self._step(name, lesson) for name in self}
        except (CannotLearn, MemoryError):
            raise
        except Exception as error:
            raise CannotLearn(f"{type(error).__name__}: {error}") from error
        self._memory.remember(lesson.seen)
        return receipt

    def objection(self) -> str | None:
        """Why the nets as they are must not be published; None where they may be.

        Where they may, later ones are compared with them. A net whose rule is Plain is held to
        nothing.
        """
        now = self._scores()
        for name, score in now.items():
            before, count = self._taught_of(name).before, len(self._the_probe())
            if reason := gate.objection(name, before, self._last[name], score, count):
                return reason
        self._last = now
        return None

    def _scores(self) -> dict[str, gate.Score]:
        labels, held = self._the_probe().labels, (n for n in self if self._follows_rule(n))
        return {n: gate.score(self[n].scores(self._taught_of(n).probe), labels) for n in held}

    def _follows_rule(self, name: str) -> bool:
        return isinstance(self._rules[name], Rule)

    def _lesson(self, drawing: Drawing) -> "_Lesson":
        grey = decode_png(drawing.png)
        digit, variants = process_image(grey), augment(grey, drawing.seed)
        if digit is None or variants is None:
            raise CannotLearn("Nothing is drawn.")
        both = np.concatenate([digit[np.newaxis], variants])
        features = {name: self[name].features(both) for name in self if self._follows_rule(name)}
        return _Lesson(
            drawing.seed,
            Example(drawing.label, drawing.digit or to_bytes(digit)),
            digit[np.newaxis],
            variants,
            features,
            {n: softmax(self._taught_of(n).original(own)) for n, own in features.items()},
            {n: self._sees(n, digit[np.newaxis], features.get(n)) for n in self},
        )

    def _sees(self, name: str, digit: FloatArray, features: FloatArray | None) -> FloatArray:
        """The probabilities (10,) that a net gives a digit (1, 28, 28), from features if it can."""
        if features is None:
            return np.asarray(self[name].probabilities(digit)[0])
        return np.asarray(softmax(self[name].scores(features[:1]))[0])

    def _screen(self, lesson: "_Lesson") -> str | None:
        said = [p for n, o in lesson.originals.items() for p in (o[0], lesson.before[n])]
        return screen.objection(lesson.seen.label, said)

    def _step(self, name: str, lesson: "_Lesson") -> dict[str, float]:
        net, rule, label = self[name], self._rules[name], lesson.seen.label
        if isinstance(rule, Plain):
            loss = net.step(lesson.variants, np.full(len(lesson.variants), label))
        else:
            loss = net.learn(self._batch(name, rule, lesson), rule.rate_at(net.steps))
        before = float(lesson.before[name][label])
        after = float(self._sees(name, lesson.digit, lesson.features.get(name))[label])
        if not np.isfinite((loss, after)).all():
            raise CannotLearn("The step would have made weights infinite.")
        return {"before": round(before, 6), "after": round(after, 6)}

    def _batch(self, name: str, rule: Rule, lesson: "_Lesson") -> Batch:
        net, own, taught = self._nets[name], lesson.features[name], self._taught_of(name)
        label = lesson.seen.label
        trust = lesson.originals[name][1:, label]
        earlier, anchors = choose(lesson.seed, len(self._memory), len(taught.anchors), rule)
        rehearsed = Rehearsed(
            net.known_features(read_digits(self._memory.digits(earlier)))
            if len(earlier)
            else np.empty((0, own.shape[1]), np.float32),
            self._memory.labels(earlier),
        )
        kept = Anchors(taught.anchors.features[anchors], taught.anchors.scores[anchors])
        return make_batch(own, label, trust, rehearsed, kept, rule)

    def _taught_of(self, name: str) -> Reference:
        """What a net is taught beside drawings, made at its first lesson."""
        if name not in self._taught:
            anchors = shipped_anchors() if self._anchors is None else self._anchors
            original = self._originals[name]
            self._taught[name] = make_reference(self[name], original, anchors, self._the_probe())
        return self._taught[name]

    def _the_probe(self) -> gate.Probe:
        return self._probe or gate.shipped_probe()


@dataclass(frozen=True)
class _Lesson:
    """A drawing to be learned: the digit (1, 28, 28) that the nets see and its variants.

    By net, of those with a Rule: what the layers that learn see of both (25, d), and the
    probabilities (25, 10) that the original gives them. By net: what it gives the digit (10,).
    """

    seed: int
    seen: Example
    digit: FloatArray
    variants: FloatArray
    features: Mapping[str, FloatArray]
    originals: Mapping[str, FloatArray]
    before: Mapping[str, FloatArray]
