"""The account: how often each model, and the app, was right before it could learn the answer.

Predict, score, then learn: every label is a test of what was said before it came, and only then a
lesson (prequential evaluation: A. P. Dawid, Statistical theory: the prequential approach, Journal
of the Royal Statistical Society A 147, 1984; for learning from streams, with moving windows:
J. Gama, R. Sebastião, P. P. Rodrigues, On evaluating stream learning algorithms, Machine Learning
90, 2013). No label is lost as test data, and no figure here comes from what a net has seen.

Counted are labels 0 to 9 that are queued, trained or collected. Rejected ones are not, only how
many they are: the screen, the gate, or a person who rolled back, holds the *label* to be wrong, and
a wrong label makes a mistake of each right answer. What was said before a label does not depend on
what becomes of it, so it counts at once, and goes when it is rejected or forgotten.

Three things these figures cannot see. People who confirm whatever they are told make the app, and
with it the retrained nets, look better than they are; the data-collection page asks for a digit and
shows no answer, so its labels are free of that. A label that is right although no model sees its
digit is rejected too, so all of them look a little better; original and retrained had
said the same of it, so the verdict stays as it is. And whoever rolls back because the figures are
bad takes those very labels out of them: the verdict is honest where labels are rejected without
regard to which net was right.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inkling.evaluation.sequential_test import Verdict, sequential_test
from inkling.journal.snapshot import Snapshot
from inkling.journal.tallies import RowCount, total
from inkling.journal.writer import Journal
from inkling.nets.registry import MODELS, NETWORKS, RETRAINED
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, REJECTED, TRAINED

SCORED = (*MODELS, "answer")  # the last is the app's
COUNTED = (QUEUED, TRAINED, COLLECTED)
WINDOW = 100  # labels: the last ones, and those behind each point of a chart's moving line
POINTS = 300  # of a chart at most

# A label in six bytes, of which a site may have a million: where its row is, and one bit for each
# of SCORED that was right; SAID where there is something to score.
ROW = np.dtype([("position", np.int32), ("label", np.int8), ("bits", np.uint8)])
SAID = 1 << len(SCORED)
KINDS = 2 * SAID  # of bits
Rows = NDArray[np.void]  # of ROW
Columns = NDArray[np.int64]


@dataclass(frozen=True)
class Tally:
    """How many were right, of how many."""

    right: int
    of: int

    @property
    def share(self) -> float | None:
        """In [0, 1]; None of nothing."""
        return self.right / self.of if self.of else None


@dataclass(frozen=True)
class Record:
    """How one model, or the app, did."""

    all: Tally
    last: Tally  # of the last WINDOW labels
    per_digit: tuple[Tally, ...]  # by label, ten


@dataclass(frozen=True)
class Lines:
    """Running accuracy as points of a chart, shares in [0, 1] by model."""

    labels: tuple[int, ...]  # x: how many labels had come
    overall: Mapping[str, tuple[float, ...]]  # y: of all of them
    recent: Mapping[str, tuple[float, ...]]  # y: of the last WINDOW of them


@dataclass(frozen=True)
class Figures:
    """The account as it is now."""

    labels: int  # that were scored
    per_digit: tuple[int, ...]  # how many of each, ten
    no_digits: int  # drawings that were called no digit: never scored
    rejected: int  # labels that were rejected: not scored
    records: Mapping[str, Record]  # by model, in the order of SCORED
    lines: Lines
    verdicts: Mapping[str, Verdict]  # by net


class PrequentialAccuracy:
    """Reads the journal, and each row but once: keep one per process. Threads may share it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._rows: Rows = np.empty(0, ROW)
        self._version = 0  # the newest one when they were read
        self._rejected = 0  # how many labels were, then
        self._figures: Figures | None = None

    def figures(self) -> Figures:
        """Return the account of what the journal has now. Raises JournalUnavailable if it fails."""
        with self._lock:
            if self._refresh():
                self._figures = None
            if self._figures is None:
                self._figures = figures_of(self._rows, self._rejected)
            return self._figures

    def _refresh(self) -> bool:
        """Make the rows those of the journal; return whether the figures are others than before.

        Labels are added, rejected (a rollback rejects many) and forgotten, and PostgreSQL may
        commit a position after a later one. So the journal's positions decide: their count and sum,
        which it keeps, and each of them where new rows alone do not explain those, or after a
        rollback, which may exchange labels for others with the same sum.
        """
        with self._journal.snapshot() as snapshot:
            version, rolled_back = snapshot.versions_since(self._version)
            tallies, rows = snapshot.tallies(), self._rows
            rejected, there = total(tallies, [REJECTED]).count, total(tallies, COUNTED)
            if rolled_back or there != _count_of(rows):
                newest = int(rows["position"][-1]) if len(rows) else 0
                rows = np.concatenate([rows, _read(snapshot, newest + 1)])
                if rolled_back or there != _count_of(rows):
                    rows = _reconciled(snapshot, rows)
        others = rows is not self._rows or rejected != self._rejected
        self._rows, self._version, self._rejected = rows, version, rejected
        return others


def _count_of(rows: Rows) -> RowCount:
    return RowCount(len(rows), int(rows["position"].sum(dtype=np.int64)))


def _reconciled(snapshot: Snapshot, rows: Rows) -> Rows:
    """Return the rows without those that are gone, and with those that are missing, in order."""
    there = np.sort(np.fromiter(snapshot.label_positions(COUNTED), np.int32))
    rows = rows[np.isin(rows["position"], there)]
    missing = np.setdiff1d(there, rows["position"])
    if missing.size:
        found = _read(snapshot, int(missing[0]))
        rows = np.concatenate([rows, found[np.isin(found["position"], missing)]])
    return rows[np.argsort(rows["position"])]


def _read(snapshot: Snapshot, first: int) -> Rows:
    """Return every counted label from a position on."""
    each = (
        (position, label, _bits(label, said, answer))
        for position, label, said, answer in snapshot.labels(COUNTED, first)
    )
    return np.fromiter(each, ROW)


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


def figures_of(rows: Rows, rejected: int = 0) -> Figures:
    """Return the figures of labels, in the order in which they came."""
    labels, bits = rows["label"], rows["bits"]
    scored = bits[bits >= SAID]
    right = {name: (scored & (1 << column)) != 0 for column, name in enumerate(SCORED)}
    # How many labels there are of each digit and each combination of who was right, (10, KINDS).
    kinds = np.bincount(labels[bits >= SAID] * np.int64(KINDS) + scored, minlength=10 * KINDS)
    of_digits = kinds.reshape(10, KINDS)
    return Figures(
        labels=len(scored),
        per_digit=_ints(of_digits.sum(axis=1)),
        no_digits=int(np.count_nonzero(labels == NOT_A_DIGIT)),
        rejected=rejected,
        records={
            name: _record(flags, of_digits, column)
            for column, (name, flags) in enumerate(right.items())
        },
        lines=_lines(right, len(scored)),
        verdicts={
            net: sequential_test(NETWORKS[net].title, right[net], right[RETRAINED[net]])
            for net in RETRAINED
        },
    )


def _record(right: NDArray[np.bool_], of_digits: Columns, column: int) -> Record:
    says_so = (np.arange(KINDS) >> column & 1).astype(bool)  # which combinations have it right
    rights = of_digits[:, says_so].sum(axis=1)
    last = right[-WINDOW:]
    return Record(
        all=Tally(int(rights.sum()), len(right)),
        last=Tally(int(last.sum()), len(last)),
        per_digit=tuple(map(Tally, _ints(rights), _ints(of_digits.sum(axis=1)))),
    )


def _lines(right: Mapping[str, NDArray[np.bool_]], count: int) -> Lines:
    """Return at most POINTS points, evenly over the labels; the last one is now."""
    ends = np.unique(np.linspace(1, count, min(count, POINTS)).round().astype(np.int64))
    starts = np.maximum(ends - WINDOW, 0)
    overall, recent = {}, {}
    for name, flags in right.items():
        between = [np.count_nonzero(part) for part in np.split(flags, ends)[:-1]]
        lately = [np.count_nonzero(flags[a:b]) for a, b in zip(starts, ends, strict=True)]
        overall[name] = _shares(np.cumsum(between) / ends)
        recent[name] = _shares(np.array(lately) / (ends - starts))
    return Lines(_ints(ends), overall, recent)


def _ints(numbers: Columns) -> tuple[int, ...]:
    return tuple(map(int, numbers))


def _shares(shares: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(share), 5) for share in shares)
