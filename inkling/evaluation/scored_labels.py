"""A label in few bytes, ten with four models: who was right, and what the right digit was given.

A site may have a million of them, in each of its processes. So a probability is one byte: not
p itself is rounded but its angle, arcsin √p (the arcsine transformation of proportions), whose
steps are finest near 0 and 1, where nearly all probabilities lie. One is off by 0.0031 at most, at
1/2; a mean of a hundred, as nets give them, by less than 0.001.
"""

import itertools
import json
from collections.abc import Iterator
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from inkling.journal.snapshot import LabelledAnswer
from inkling.nets.registry import MODELS
from inkling.records import NOT_A_DIGIT

SCORED = (*MODELS, "answer")  # the last is the app's
SAID = 1 << len(SCORED)  # a bit: there is something to score
PROBABLE = 2 * SAID  # a bit beside it: the row has all models' probabilities
KINDS = 2 * PROBABLE  # of bits

# Where its row is, one bit for each of SCORED that was right, and a code for each of MODELS.
ROW = np.dtype(
    [
        ("position", np.int32),
        ("label", np.int8),
        ("bits", np.min_scalar_type(KINDS - 1)),  # a byte for the four models
        ("codes", np.uint8, (len(MODELS),)),
    ]
)
Rows = NDArray[np.void]  # of ROW
Codes = NDArray[np.uint8]

LARGEST = 255
PROBABILITIES = np.sin(np.linspace(0, np.pi / 2, LARGEST + 1)).astype(np.float32) ** 2  # by code
UNKNOWN = (np.nan,) * len(MODELS)
PAGE = 1000  # labels that are read at once

_probabilities = msgspec.json.Decoder(dict[str, list[float]])


def read_labels(labels: Iterator[LabelledAnswer]) -> Rows:
    """Return labels in ten bytes each, in their order."""
    pages = [np.empty(0, ROW)]
    while page := [*itertools.islice(labels, PAGE)]:
        pages.append(_rows_of(page))
    return np.concatenate(pages)


def _rows_of(page: list[LabelledAnswer]) -> Rows:
    bits = np.array([_bits(found.label, found.said, found.answer) for found in page])
    given = np.array([_given(found) for found in page])  # (n, models)
    known = (bits >= SAID) & ~np.isnan(given[:, 0])
    rows = np.empty(len(page), ROW)
    rows["position"] = [found.position for found in page]
    rows["label"] = [found.label for found in page]
    rows["bits"] = bits + PROBABLE * known
    rows["codes"] = coded(np.where(known[:, np.newaxis], given, 0))
    return rows


@lru_cache(4096)  # of a million labels few differ
def _bits(label: int, said: str, answer: int | None) -> int:
    """Return who was right; 0 where there is nothing to score: no digit, or a model said nothing.

    `said` as the journal has it. Where the app was unsure, its answer was not right.
    """
    digits = json.loads(said)
    if label == NOT_A_DIGIT or any(digits.get(model) is None for model in MODELS):
        return 0
    answers = [*(digits[model] for model in MODELS), answer]
    return SAID + sum(1 << n for n, digit in enumerate(answers) if digit == label)


def _given(found: LabelledAnswer) -> tuple[float, ...]:
    """Return the probability that each model gave the label; UNKNOWN where the row lacks one."""
    try:
        said = _probabilities.decode(found.predictions)
        return tuple([said[model][found.label] for model in MODELS])
    except (msgspec.DecodeError, LookupError):
        return UNKNOWN


def coded(probabilities: NDArray[np.float64]) -> Codes:
    """Return probabilities of any shape, in [0, 1], as codes of PROBABILITIES; 0 is 0."""
    angles = np.arcsin(np.sqrt(np.clip(probabilities, 0, 1)))
    return np.rint(angles * (2 * LARGEST / np.pi)).astype(np.uint8)
