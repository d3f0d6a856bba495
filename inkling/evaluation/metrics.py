"""How good a model is on labelled digits: counted once as a confusion matrix, told in many ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray, select_answer
from inkling.errors import InvalidInput
from inkling.evaluation.by_writer import ByWriter, by_writer

MNIST_TEST, VALIDATION_WRITERS = "MNIST test", "validation writers"  # the usual sets' names
FORMER_NAMES = {"held-out writers": VALIDATION_WRITERS}  # in what earlier versions wrote
ANSWER = "answer"  # the app's own, beside the models' names
NO_ANSWER = 10  # the column of a confusion matrix where the app would not say
BINS = 15  # of the calibration error

Labels = NDArray[np.int64]
Scores = dict[str, dict[str, "Score"]]  # by set of digits, then by model and `answer`


@dataclass(frozen=True)
class Score:
    """How one model, or the app, did on one set of digits.

    confusion: counts (10, 11), a row for each label, a column for each digit that was said and a
    last one for no answer, which only the app gives.
    calibration_error: in [0, 1]; None for the app, which states no probability.
    by_writer: None where nobody knows whose digits they are.
    """

    confusion: tuple[tuple[int, ...], ...]
    calibration_error: float | None = None
    by_writer: ByWriter | None = None

    @property
    def count(self) -> int:
        """How many digits there were."""
        return sum(map(sum, self.confusion))

    @property
    def accuracy(self) -> float:
        """The share in [0, 1] that was said right."""
        return sum(row[digit] for digit, row in enumerate(self.confusion)) / max(1, self.count)

    @property
    def per_digit(self) -> tuple[float | None, ...]:
        """The share in [0, 1] of each label's digits that was said right; None where none was."""
        return tuple(
            row[digit] / sum(row) if sum(row) else None for digit, row in enumerate(self.confusion)
        )

    @property
    def worst_digit(self) -> int | None:
        """The label that was said right least often; None without any digits."""
        known = [(share, digit) for digit, share in enumerate(self.per_digit) if share is not None]
        return min(known)[1] if known else None

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values; `from_json` reads what does not follow from others."""
        found = {
            "count": self.count,
            "accuracy": round(self.accuracy, 6),
            "calibration_error": self.calibration_error,
            "worst_digit": self.worst_digit,
            "per_digit": [None if s is None else round(s, 6) for s in self.per_digit],
            "confusion": [list(row) for row in self.confusion],
        }
        return found | ({"by_writer": self.by_writer.to_json()} if self.by_writer else {})

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Score":
        """Return the score that `to_json` wrote."""
        told = values.get("by_writer")
        return cls(
            tuple(map(tuple, values["confusion"])),
            values["calibration_error"],
            ByWriter.from_json(told) if told else None,
        )


def score(probabilities: FloatArray, labels: Labels, writers: Sequence[str] | None = None) -> Score:
    """Return the score of a model that gave these probabilities (n, 10), for labels (n,).

    writers: whose each digit is (n,), where that is known.
    """
    said = probabilities.argmax(axis=1)
    error = calibration_error(probabilities, labels)
    return Score(_confusion(said, labels), error, _by_writer(said, labels, writers))


def score_answer(
    first: FloatArray, second: FloatArray, labels: Labels, writers: Sequence[str] | None = None
) -> Score:
    """Return the score of the app's answer to the voting nets' probabilities, (n, 10) each."""
    answers = [select_answer(*pair) for pair in zip(first, second, strict=True)]
    said = np.array([NO_ANSWER if a is None else a for a in answers], dtype=np.int64)
    return Score(_confusion(said, labels), by_writer=_by_writer(said, labels, writers))


def _by_writer(
    said: NDArray[np.integer], labels: Labels, writers: Sequence[str] | None
) -> ByWriter | None:
    return by_writer(said == labels, writers) if writers is not None and len(writers) else None


def _confusion(said: NDArray[np.integer], labels: Labels) -> tuple[tuple[int, ...], ...]:
    counts = np.zeros((10, NO_ANSWER + 1), np.int64)
    np.add.at(counts, (labels, said), 1)
    return tuple(tuple(row) for row in counts.tolist())


def calibration_error(probabilities: FloatArray, labels: Labels) -> float:
    """Return the expected calibration error in [0, 1] of probabilities (n, 10) for labels (n,).

    Guesses are sorted into 15 bins of equal width by the probability that they were given; the
    gaps between each bin's mean probability and its share of right ones are averaged, weighted by
    the bins' sizes (Naeini, Cooper and Hauskrecht, 2015; Guo et al., 2017).
    """
    if not len(labels):
        return 0.0
    stated = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((stated * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=stated - right, minlength=BINS)
    return round(float(np.abs(gaps).sum() / len(labels)), 6)


def scores_to_json(scores: Scores) -> dict[str, Any]:
    """Return scores by set and model as JSON values."""
    return {
        name: {model: found.to_json() for model, found in models.items()}
        for name, models in scores.items()
    }


def scores_from_json(values: Mapping[str, Any]) -> Scores:
    """Return the scores that `scores_to_json` wrote. Raises InvalidInput for anything else."""
    try:
        scores = {
            FORMER_NAMES.get(name, name): {m: Score.from_json(found) for m, found in models.items()}
            for name, models in values.items()
        }
    except KeyError as error:
        raise InvalidInput(f"A score has no {error}.") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidInput("The scores' shape is another.") from error
    for name, models in scores.items():
        for model, found in models.items():
            _check(f"{model} on {name}", found)
    return scores


def _check(name: str, score: Score) -> None:
    if [len(row) for row in score.confusion] != [NO_ANSWER + 1] * 10:
        raise InvalidInput(f"The confusion of {name} is not 10 by {NO_ANSWER + 1}.")
    if not all(type(count) is int and count >= 0 for row in score.confusion for count in row):
        raise InvalidInput(f"The confusion of {name} holds what is no count.")
