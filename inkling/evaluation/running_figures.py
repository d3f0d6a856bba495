"""Accuracy and mean probability as they went, label by label: the points of the page's chart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkling.evaluation.scored_labels import PROBABILITIES, Codes

WINDOW = 100  # labels: the last ones, and those behind each point of a chart's moving line
POINTS = 300  # of a chart at most
Columns = NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """Running accuracy, and probability, as points of a chart: in [0, 1], by model."""

    labels: tuple[int, ...]  # x: how many labels had come
    overall: Mapping[str, tuple[float, ...]]  # y: of all of them
    recent: Mapping[str, tuple[float, ...]]  # y: of the last WINDOW of them
    # y: the mean probability of the right digit, of those of them that have one; None of nothing
    probability: Mapping[str, tuple[float | None, ...]]


def points(count: int) -> Columns:
    """Return after how many of `count` labels the chart has a point: at most POINTS, evenly."""
    return np.unique(np.linspace(1, count, min(count, POINTS)).round().astype(np.int64))


def shares_right(
    right: Mapping[str, NDArray[np.bool_]], ends: Columns
) -> tuple[dict[str, tuple[float, ...]], dict[str, tuple[float, ...]]]:
    """Return the shares that were right at each point, by model: of all, of the last WINDOW."""
    starts = np.maximum(ends - WINDOW, 0)
    overall, recent = {}, {}
    for name, flags in right.items():
        lately = [np.count_nonzero(flags[a:b]) for a, b in zip(starts, ends, strict=True)]
        overall[name] = _shares(_counts(flags, ends) / ends)
        recent[name] = _shares(np.array(lately) / (ends - starts))
    return overall, recent


def running_means(
    codes: Mapping[str, Codes], known: NDArray[np.bool_], ends: Columns
) -> dict[str, tuple[float | None, ...]]:
    """Return the mean probability up to each point, by model; None where none is known yet.

    codes: by model (labels,), 0 where none is known.
    """
    counts = _counts(known, ends)
    first = int(np.count_nonzero(counts == 0))  # the first point that has a mean
    return {
        model: (None,) * first + _shares((_sums(found, ends) / counts.clip(1))[first:])
        for model, found in codes.items()
    }


def _counts(flags: NDArray[np.bool_], ends: Columns) -> Columns:
    """Return how many flags are set before each end."""
    return np.cumsum(
        [np.count_nonzero(part) for part in np.split(flags, ends)[:-1]], dtype=np.int64
    )


def _sums(codes: Codes, ends: Columns) -> NDArray[np.float64]:
    """Return the sum of the probabilities before each end."""
    parts = np.split(codes, ends)[:-1]
    return np.cumsum([PROBABILITIES[part].sum() for part in parts], dtype=np.float64)


def ints(numbers: Columns) -> tuple[int, ...]:
    """Return whole numbers as JSON can have them."""
    return tuple(map(int, numbers))


def _shares(shares: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(share), 5) for share in shares)
