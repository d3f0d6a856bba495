"""How good the four models and the app are, on digits and on drawings as pages send them."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import NamedTuple

import numpy as np

from functions import SIDE, FloatArray, select_answer
from inkling.data.rendering import AS_THE_PAGE_DRAWS, Rendering, seen_digit
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.evaluation.metrics import ANSWER, Labels, Score, Scores, score, score_answer
from inkling.evaluation.models import Models
from inkling.nets.registry import MODELS, NETWORKS, RETRAINED, voters
from inkling.parallel import Done, ignore, in_chunks

CHUNK = 128  # drawings or digits that a process is given at once: some 0.2 s

Probabilities = dict[str, FloatArray]  # (n, 10) by model


class DigitSet(NamedTuple):
    """Labelled digits: float32 (n, 28, 28) in [0, 1], light ink on dark; labels (n,) in 0…9.

    writers: whose each is (n,), where that is known.
    """

    digits: FloatArray
    labels: Labels
    writers: Sequence[str] | None = None


class Mistake(NamedTuple):
    """A digit (28, 28) that the app got wrong, what it said, and with what probability."""

    digit: FloatArray
    label: int
    said: int
    probability: float


def pipeline_digits(
    drawings: Sequence[StrokeDrawing],
    rendering: Rendering | Sequence[Rendering] = AS_THE_PAGE_DRAWS,
    *,
    workers: int | None = None,
    done: Done = ignore,
) -> FloatArray:
    """Return what the nets see of drawings that went through the app as PNGs.

    It is float32 (n, 28, 28). Each is drawn on the page's canvas by its own rendering, or all by
    the same.

    Raises InvalidInput for a drawing that shows no ink.
    """
    each = repeat(rendering, len(drawings)) if isinstance(rendering, Rendering) else rendering
    pairs = list(zip(drawings, each, strict=True))
    parts = in_chunks(_pipeline_chunk, pairs, CHUNK, workers=workers, done=done)
    return np.concatenate([np.empty((0, SIDE, SIDE), np.float32), *parts])


def drawn_set(drawings: Sequence[StrokeDrawing], *, done: Done = ignore) -> DigitSet:
    """Return what the nets see of drawings as the page draws them, with labels and writers.

    Raises InvalidInput for a drawing that shows no ink.
    """
    digits = pipeline_digits(drawings, done=done)
    return DigitSet(digits, labels_of(drawings), [drawing.writer for drawing in drawings])


def _pipeline_chunk(pairs: Sequence[tuple[StrokeDrawing, Rendering]], start: int) -> FloatArray:
    return np.stack([seen_digit(drawing, rendering) for drawing, rendering in pairs])


def probabilities(
    models: Models, digits: FloatArray, *, workers: int | None = None, done: Done = ignore
) -> Probabilities:
    """Return what each model says, (n, 10), of digits (n, 28, 28).

    Each net that differs is run once.
    """
    work = partial(_probabilities_of_chunk, models)
    parts = in_chunks(work, digits, CHUNK, workers=workers, done=done)
    names = parts[0] if parts else NETWORKS
    nothing = np.empty((0, 10), np.float32)
    said = {name: np.concatenate([nothing, *(part[name] for part in parts)]) for name in names}
    for original, retrained in RETRAINED.items():
        said.setdefault(retrained, said[original])
    return {name: said[name] for name in MODELS}


def _probabilities_of_chunk(models: Models, digits: FloatArray, start: int) -> Probabilities:
    return {key: net.probabilities(digits) for key, net in models.nets().items()}


def answers(
    models: Models,
    sets: Mapping[str, DigitSet],
    *,
    workers: int | None = None,
    done: Done = ignore,
) -> dict[str, Probabilities]:
    """Return what each model says of each set, by the set's name."""
    if not sets:
        return {}
    digits = np.concatenate([each.digits for each in sets.values()])
    said = probabilities(models, digits, workers=workers, done=done)
    ends = np.cumsum([len(each.labels) for each in sets.values()])[:-1]
    split = {model: np.split(found, ends) for model, found in said.items()}
    return {name: {m: split[m][i] for m in MODELS} for i, name in enumerate(sets)}


def score_models(
    said: Probabilities, labels: Labels, writers: Sequence[str] | None = None
) -> dict[str, Score]:
    """Return the models' scores and, as `answer`, the app's, on digits with these labels.

    writers: whose each digit is, where that is known.
    """
    models = {name: score(said[name], labels, writers) for name in MODELS if name in said}
    first, second = voters()
    answer = score_answer(said[first], said[second], labels, writers)
    return {**models, ANSWER: answer}


def evaluate(
    models: Models,
    sets: Mapping[str, DigitSet],
    *,
    workers: int | None = None,
    done: Done = ignore,
) -> Scores:
    """Return the scores of the four models and of the app's answer on each set."""
    said = answers(models, sets, workers=workers, done=done)
    return {
        name: score_models(said[name], each.labels, each.writers) for name, each in sets.items()
    }


def worst_mistakes(
    sets: Mapping[str, DigitSet], said: Mapping[str, Probabilities], count: int = 60
) -> list[Mistake]:
    """Return the digits whose answer was wrong with the greatest probability, the worst first.

    An answer's probability is the greater one that the retrained nets gave it. Where the app
    gave no answer it made no mistake.
    """
    found = []
    for name, each in sets.items():
        voting = [said[name][voter] for voter in voters()]
        for digit, label, first, second in zip(each.digits, each.labels, *voting, strict=True):
            answer = select_answer(first, second)
            if answer is not None and answer != label:
                surer = float(max(first[answer], second[answer]))
                found.append(Mistake(digit, int(label), answer, surer))
    return sorted(found, key=lambda mistake: -mistake.probability)[:count]
