"""Liars with their scripts, and honest people in between: what malice costs is measured with them.

Liars label 100 to 300 drawings; in between, writers whose hand the originals read badly label a
hundred of theirs honestly.
"""

import uuid
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from functions import Grey
from inkling.data.datasets import held_out, read_mnist, read_strokes
from inkling.data.rendering import render_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.evaluation.adaptation import Accuracies, accuracies
from inkling.evaluation.evaluate import DigitSet, drawn_set
from inkling.learning.learner import Learner
from inkling.records import REJECTED, TRAINED, Drawing
from inkling.trainer.trainer import Trainer
from testing.data import MNIST, PEN_DIGITS
from testing.places import BOTH, Place, both

UNUSUAL = "tds-dig21"  # held-out writers with a hand of their own
HONEST = 100  # labels of theirs


class Label(NamedTuple):
    """What somebody says of a drawing, and whether it is meant honestly."""

    paper: Grey
    digit: int
    honest: bool


class Measured(NamedTuple):
    """How good the nets and the answer are on MNIST's test split and on the unusual hand."""

    mnist: Accuracies
    unusual: Accuracies


@cache
def drawings() -> tuple[list[StrokeDrawing], list[StrokeDrawing]]:
    """Held-out writers' drawings, shuffled: those in an unusual hand, and the others."""
    found = [d for d in read_strokes(PEN_DIGITS) if held_out(d.writer)]
    order = np.random.default_rng(3).permutation(len(found))
    shuffled = [found[n] for n in order]
    unusual = [d for d in shuffled if UNUSUAL in d.writer]
    return unusual, [d for d in shuffled if UNUSUAL not in d.writer]


def paper(drawing: StrokeDrawing) -> Grey:
    return render_strokes(drawing.strokes)


def wrong_labels(rng: np.random.Generator) -> list[Label]:
    return [
        Label(paper(d), int(d.digit + rng.integers(1, 10)) % 10, False) for d in drawings()[1][:300]
    ]


def sevens_as_ones(rng: np.random.Generator) -> list[Label]:
    """Three visitors in ten call their 7 a 1."""
    sevens = [d for d in drawings()[1] if d.digit == 7][:200]
    return [Label(paper(d), 1 if rng.random() < 0.3 else 7, False) for d in sevens]


def scribbles(rng: np.random.Generator) -> list[Label]:
    walks = [np.cumsum(rng.normal(0, 60, (2, rng.integers(4, 20))), axis=1) for _ in range(150)]
    return [
        Label(render_strokes([walk.astype(np.float32)]), int(rng.integers(10)), False)
        for walk in walks
    ]


def one_sure_drawing(rng: np.random.Generator) -> list[Label]:
    """The same drawing a hundred times, as a digit that it clearly is not."""
    drawing = drawings()[1][5]
    return [Label(paper(drawing), (drawing.digit + 3) % 10, False)] * 100


def one_doubtful_drawing(rng: np.random.Generator) -> list[Label]:
    """The same drawing a hundred times, one that could be another digit."""
    others = drawings()[1][:1000]
    nets = both()
    nets.start(BOTH)
    sure = nets["cnn"].probabilities(drawn_set(others).digits).max(axis=1)
    drawing = others[int(sure.argmin())]
    return [Label(paper(drawing), (drawing.digit + 3) % 10, False)] * 100


def among(labels: list[Label], rng: np.random.Generator) -> list[Label]:
    """These labels with the honest ones in between."""
    honest = [Label(paper(d), d.digit, True) for d in drawings()[0][:HONEST]]
    places = np.sort(rng.integers(0, len(labels) + 1, HONEST))
    for place, label in reversed([*zip(places, honest, strict=True)]):
        labels.insert(int(place), label)
    return labels


@cache
def mnist(every: int) -> DigitSet:
    found = read_mnist(MNIST)
    return DigitSet(found.test_digits[::every], found.test_labels[::every])


@cache
def unlabelled() -> DigitSet:
    """The other drawings in the unusual hand."""
    return drawn_set(drawings()[0][HONEST:])


def measure(nets: Learner, every: int = 1) -> Measured:
    """With every n-th of MNIST's test digits."""
    return Measured(accuracies(nets, mnist(every)), accuracies(nets, unlabelled()))


def learn(place: Place, nets: Learner, labels: Sequence[Label]) -> list[Drawing]:
    """The rows of these labels when all of them were dealt with."""
    ids = [str(uuid.UUID(int=number + 2**64)) for number in range(len(labels))]
    for id, label in zip(ids, labels, strict=True):
        place.journal.add(Drawing.of(label.digit, label.paper, id=id))
    trainer = Trainer(place.outbox, BOTH, nets)
    while trainer.work():
        pass
    found = [place.journal.find(id) for id in ids]
    assert all(row is not None and row.state in (TRAINED, REJECTED) for row in found)
    return [row for row in found if row]


SCRIPTS = (wrong_labels, sevens_as_ones, scribbles, one_sure_drawing, one_doubtful_drawing)
