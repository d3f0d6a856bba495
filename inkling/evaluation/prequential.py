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

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkling.evaluation.sequential_test import Verdict, sequential_test
from inkling.journal.snapshot import LabelledAnswer, Snapshot
from inkling.journal.writer import Journal
from inkling.nets.registry import MODELS, NETWORKS, RETRAINED
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, TRAINED

SCORED = (*MODELS, "answer")  # the last is the app's
COUNTED = (QUEUED, TRAINED, COLLECTED)
WINDOW = 100  # labels: the last ones, and those behind each point of a chart's moving line
POINTS = 300  # of a chart at most
NOT_SAID = -2  # nothing was noted: a row of another's making
UNSURE = -1  # the app would not say: not right

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
        self._rows: Columns = np.empty((0, 2 + len(SCORED)), np.int64)  # position, label, said
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
        which an index answers, and each of them where new rows alone do not explain those, or after
        a rollback, which may exchange labels for others with the same sum.
        """
        with self._journal.snapshot() as snapshot:
            version, rolled_back = snapshot.versions_since(self._version)
            rejected, fingerprint = snapshot.rejected(), snapshot.label_sum(COUNTED)
            rows = self._rows
            if rolled_back or fingerprint != _fingerprint_of(rows):
                newest = int(rows[-1, 0]) if len(rows) else 0
                rows = np.concatenate([rows, _read(snapshot, newest + 1)])
                if rolled_back or fingerprint != _fingerprint_of(rows):
                    rows = _reconciled(snapshot, rows)
        others = rows is not self._rows or rejected != self._rejected
        self._rows, self._version, self._rejected = rows, version, rejected
        return others


def _fingerprint_of(rows: Columns) -> tuple[int, int]:
    return len(rows), int(rows[:, 0].sum())


def _reconciled(snapshot: Snapshot, rows: Columns) -> Columns:
    """Return the rows without those that are gone, and with those that are missing, in order."""
    there = np.sort(np.fromiter(snapshot.label_positions(COUNTED), np.int64))
    rows = rows[np.isin(rows[:, 0], there)]
    missing = np.setdiff1d(there, rows[:, 0])
    if missing.size:
        found = _read(snapshot, int(missing[0]))
        rows = np.concatenate([rows, found[np.isin(found[:, 0], missing)]])
    return rows[np.argsort(rows[:, 0])]


def _read(snapshot: Snapshot, first: int) -> Columns:
    """Return position, label and what was said (n, 7) of every counted label from one on."""
    found = [
        (
            row.position,
            row.label,
            *(row.said.get(model, NOT_SAID) for model in MODELS),
            _answer(row),
        )
        for row in snapshot.labels(COUNTED, first)
    ]
    return np.array(found, np.int64).reshape(-1, 2 + len(SCORED))


def _answer(row: LabelledAnswer) -> int:
    if row.answer is None:
        return UNSURE if row.said else NOT_SAID
    return row.answer


def figures_of(rows: Columns, rejected: int = 0) -> Figures:
    """Return the figures of rows (n, 7): position, label, and what each of SCORED said."""
    no_digits = int((rows[:, 1] == NOT_A_DIGIT).sum())
    scored = (rows[:, 1] != NOT_A_DIGIT) & (rows[:, 2:] != NOT_SAID).all(axis=1)
    labels, said = rows[scored, 1], rows[scored, 2:]
    right = {name: said[:, column] == labels for column, name in enumerate(SCORED)}
    return Figures(
        labels=len(labels),
        per_digit=_ints(np.bincount(labels, minlength=10)),
        no_digits=no_digits,
        rejected=rejected,
        records={name: _record(flags, labels) for name, flags in right.items()},
        lines=_lines(right, len(labels)),
        verdicts={
            net: sequential_test(NETWORKS[net].title, right[net], right[RETRAINED[net]])
            for net in RETRAINED
        },
    )


def _record(right: NDArray[np.bool_], labels: Columns) -> Record:
    rights = np.bincount(labels[right], minlength=10)
    counts = np.bincount(labels, minlength=10)
    last = right[-WINDOW:]
    return Record(
        all=Tally(int(right.sum()), len(right)),
        last=Tally(int(last.sum()), len(last)),
        per_digit=tuple(map(Tally, _ints(rights), _ints(counts))),
    )


def _lines(right: Mapping[str, NDArray[np.bool_]], count: int) -> Lines:
    """Return at most POINTS points, evenly over the labels; the last one is now."""
    ends = np.unique(np.linspace(1, count, min(count, POINTS)).round().astype(np.int64))
    starts = np.maximum(ends - WINDOW, 0)
    overall, recent = {}, {}
    for name, flags in right.items():
        sums = np.concatenate([[0], np.cumsum(flags)])
        overall[name] = _shares(sums[ends] / ends)
        recent[name] = _shares((sums[ends] - sums[starts]) / (ends - starts))
    return Lines(_ints(ends), overall, recent)


def _ints(numbers: Columns) -> tuple[int, ...]:
    return tuple(map(int, numbers))


def _shares(shares: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(share), 5) for share in shares)
