"""Accuracy by writer, and how far it may be trusted: whole writers are drawn anew, not digits.

The digits of one hand go wrong together, so that a thousand digits by twenty people say less than a
thousand digits by as many. The interval comes from the cluster bootstrap: as many writers as there
are, drawn with replacement, each with all of his or her digits, many times; the middle 95 % of what
comes out (C. A. Field and A. H. Welsh, Bootstrapping clustered data, Journal of the Royal
Statistical Society B 69, 2007).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 4000
LEVEL = 0.95
SHOWN = 5  # of the writers with most mistakes

Interval = tuple[float, float]


@dataclass(frozen=True)
class WriterTally:
    """How many of a writer's digits were said right."""

    writer: str
    right: int
    count: int


@dataclass(frozen=True)
class ByWriter:
    """How good a model is on several writers; shares in [0, 1], intervals of 95 %.

    mean: of the writers' own accuracies, in which each has the same weight. accuracy_interval: of
    the share of all digits that was said right. worst: the writers with most mistakes, as far as
    they have any.
    """

    writers: int
    mean: float
    mean_interval: Interval
    accuracy_interval: Interval
    worst: tuple[WriterTally, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote. Raises KeyError, TypeError or ValueError for others."""
        low, high = values["mean_interval"]
        lowest, highest = values["accuracy_interval"]
        worst = tuple(WriterTally(**found) for found in values["worst"])
        return cls(values["writers"], values["mean"], (low, high), (lowest, highest), worst)


def interval_words(found: Interval) -> str:
    """Return an interval of shares in per cent.

    >>> interval_words((0.9812, 0.9921))
    '98.12 to 99.21'
    """
    low, high = found
    return f"{100 * low:.2f} to {100 * high:.2f}"


def by_writer(right: NDArray[np.bool_], writers: Sequence[str]) -> ByWriter:
    """Return how good a model is by writer, from what it said right (n,) and whose digits (n,)."""
    names, whose = np.unique(np.asarray(writers), return_inverse=True)
    counts = np.bincount(whose, minlength=len(names))
    rights = np.bincount(whose, weights=right, minlength=len(names)).astype(np.int64)
    shares = rights / counts
    order = sorted(range(len(names)), key=lambda n: (rights[n] - counts[n], shares[n], names[n]))
    worst = [n for n in order[:SHOWN] if rights[n] < counts[n]]
    times = _resampled(len(names))
    return ByWriter(
        writers=len(names),
        mean=round(float(shares.mean()), 6),
        mean_interval=_interval(times @ shares / len(names)),
        accuracy_interval=_interval((times @ rights) / (times @ counts)),
        worst=tuple(WriterTally(str(names[n]), int(rights[n]), int(counts[n])) for n in worst),
    )


@lru_cache(maxsize=1)
def _resampled(writers: int) -> NDArray[np.float64]:
    """Return how often each writer is drawn (RESAMPLES, writers): the same for all models."""
    rng = np.random.default_rng(writers)
    return rng.multinomial(writers, np.full(writers, 1 / writers), RESAMPLES).astype(np.float64)


def _interval(found: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 6), round(float(high), 6)
