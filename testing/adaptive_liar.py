"""A liar who knows the code and chooses: who wants one digit read as another, and asks first.

It bends drawings of the digit, asks the models about each, and labels as the other digit what the
app itself reads rightly while some model gives the other digit enough for the screen to pass.
"""

import uuid
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from functions import FloatArray, encode_png, process_image, select_answer, to_bytes
from inkling.data.datasets import held_out, read_strokes
from inkling.data.rendering import render_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.evaluation.adaptation import probabilities
from inkling.evaluation.evaluate import DigitSet, drawn_set
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import read_digits
from inkling.learning.screen import DOUBT
from inkling.records import TRAINED, Drawing
from inkling.trainer.trainer import Trainer
from testing.data import PEN_DIGITS
from testing.places import BOTH, Place

SLANTS, WIDTHS = np.linspace(-0.7, 0.7, 8), (1, 0.75, 0.55, 0.4)
BENT = 40  # drawings of a digit that are bent in all these ways
ASKED_EVERY = 5  # lies; then it asks the models anew


class Lie(NamedTuple):
    """A drawing of a digit, and what the nets see of it, (28, 28) in [0, 1]."""

    png: bytes
    digit: FloatArray


class People(NamedTuple):
    """Writers whom no original learned from: what is measured on, and who labels honestly."""

    measured: DigitSet
    honest: Sequence[StrokeDrawing]


@cache
def people() -> People:
    """Return the held-out writers, one in four of them honest, their drawings in any order."""
    drawings = [d for d in read_strokes(PEN_DIGITS) if held_out(d.writer)]
    rng = np.random.default_rng(1)
    writers = rng.permutation(sorted({d.writer for d in drawings}))
    labelling = {*writers[::4].tolist()}
    honest = [d for d in drawings if d.writer in labelling]
    others = [d for d in drawings if d.writer not in labelling]
    order = rng.permutation(len(honest))
    return People(drawn_set(others), [honest[n] for n in order])


@cache
def bent(digit: int, count: int = BENT) -> list[Lie]:
    """Return drawings of a digit by so many hands that anybody may know, bent in many ways."""
    known = [d for d in read_strokes(PEN_DIGITS) if d.digit == digit and not held_out(d.writer)]
    order = np.random.default_rng(5).permutation(len(known))[:count]
    return [lie for n in order for lie in _bent(known[n])]


def _bent(drawing: StrokeDrawing) -> Iterator[Lie]:
    for slant in SLANTS:
        for width in WIDTHS:
            strokes = [np.stack([x * width + slant * y, y]) for x, y in drawing.strokes]
            paper = render_strokes([stroke.astype(np.float32) for stroke in strokes])
            if (digit := process_image(paper)) is not None:
                yield Lie(encode_png(paper), digit)


def read_rightly(nets: Learner) -> FloatArray:
    """Return the share (10,) of other people's drawings of each digit that the app reads."""
    digits, labels, _ = people().measured
    fnn, cnn = probabilities(nets, digits).values()
    right = np.array([select_answer(*both) for both in zip(fnn, cnn, strict=True)]) == labels
    return np.array([right[labels == digit].mean() for digit in range(10)])


@cache
def _originals_say(digit: int, count: int) -> list[FloatArray]:
    said = probabilities(_originals(), np.stack([lie.digit for lie in bent(digit, count)]))
    return [*said.values()]


@cache
def _originals() -> Learner:
    from inkling.learning.learner import build_learner

    return build_learner(BOTH)


class AdaptiveLiar:
    """Wants `digit` read as `other`. `boldest`: whether it begins with what is hardest to believe.

    Else with what is most like the other digit.
    """

    def __init__(
        self, nets: Learner, digit: int, other: int, boldest: bool = True, count: int = BENT
    ) -> None:
        self._nets, self.digit, self.other, self._boldest = nets, digit, other, boldest
        self._lies, self._originals = bent(digit, count), _originals_say(digit, count)
        self._used: set[int] = set()
        self._next: list[int] = []

    def lie(self) -> Lie | None:
        """Return a drawing that was not used yet, to be called `other`; None where none will do."""
        self._next = self._next or self._asked()
        if not self._next:
            return None
        chosen = self._next.pop(0)
        self._used.add(chosen)
        return self._lies[chosen]

    def _asked(self) -> list[int]:
        """Ask the models about all drawings; return the numbers of the best few."""
        digits = np.stack([lie.digit for lie in self._lies])
        now = [*probabilities(self._nets, digits).values()]
        believed = np.max([p[:, self.other] for p in (*now, *self._originals)], axis=0)
        answers = [select_answer(*both) for both in zip(*now, strict=True)]
        useful = [
            n
            for n, answer in enumerate(answers)
            if n not in self._used and answer == self.digit and believed[n] > DOUBT
        ]
        useful.sort(key=lambda n: believed[n] if self._boldest else -believed[n])
        return useful[:ASKED_EVERY]


def easiest_targets(digit: int, most: int = 2) -> list[int]:
    """Return the other digits for which most of the bent drawings would pass the screen."""
    fnn, cnn = _originals_say(digit, BENT)
    answers = [select_answer(*both) for both in zip(fnn, cnn, strict=True)]
    read = np.array([answer == digit for answer in answers])
    pass_for = (np.maximum(fnn, cnn)[read] > DOUBT).sum(axis=0)
    pass_for[digit] = -1
    return [int(n) for n in np.argsort(-pass_for, kind="stable")[:most]]


class Site:
    """An Inkling at work: labels go in one after another, the real trainer deals with each."""

    def __init__(self, place: Place, nets: Learner, seed: int = 0) -> None:
        self._place, self._rng = place, np.random.default_rng(seed)
        self._trainer = Trainer(place.outbox, BOTH, nets)

    def label(self, png: bytes, digit: FloatArray, label: int) -> str:
        """Give a label, let it be dealt with, and return the drawing's id."""
        id = str(uuid.UUID(bytes=self._rng.bytes(16), version=4))
        self._place.journal.add(Drawing(id, label, png, to_bytes(digit)))
        while self._trainer.work():
            pass
        return id

    def label_honestly(self, drawing: StrokeDrawing) -> str:
        """Give somebody's drawing with its own digit."""
        paper = render_strokes(drawing.strokes)
        (digit,) = read_digits([Drawing.of(drawing.digit, paper).digit])
        return self.label(encode_png(paper), digit, drawing.digit)

    def learned(self, ids: Sequence[str]) -> int:
        """Return how many of these labels the nets hold."""
        found = map(self._place.journal.find, ids)
        return sum(row is not None and row.state == TRAINED for row in found)


class Steered(NamedTuple):
    """What an adaptive liar achieved; shares by digit before and after, honest labels learned."""

    before: FloatArray
    after: FloatArray
    lies: tuple[int, int]  # that the nets hold, of how many
    meanwhile: tuple[int, int]
    afterwards: tuple[int, int]


def steer(
    place: Place,
    nets: Learner,
    liar: AdaptiveLiar | None,
    lies: int,
    honest_each: int = 0,
    afterwards: int = 100,
) -> Steered:
    """Tell so many lies, with honest labels after each, and honest ones when it is over.

    Without a liar the honest labels alone are given.
    """
    site, honest = Site(place, nets), iter(people().honest)
    before = read_rightly(nets)
    told, meanwhile = [], []
    for _ in range(lies):
        if liar and (lie := liar.lie()):
            told.append(site.label(lie.png, lie.digit, liar.other))
        meanwhile += [site.label_honestly(next(honest)) for _ in range(honest_each)]
    after = read_rightly(nets)
    later = [site.label_honestly(next(honest)) for _ in range(afterwards)]
    counted = [(site.learned(ids), len(ids)) for ids in (told, meanwhile, later)]
    return Steered(before, after, *counted)
