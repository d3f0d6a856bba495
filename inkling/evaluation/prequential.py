"""The account: how often each model, and the app, was right before it could learn the answer.

And how sure each model was of the right digit: the mean probability that it gave it. This moves
with every label, where right and wrong change seldom. It counts the labels whose rows have the
probabilities of all models.

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
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkling.evaluation.running_figures import (
    WINDOW,
    Columns,
    Lines,
    ints,
    points,
    running_means,
    shares_right,
)
from inkling.evaluation.scored_labels import (
    KINDS,
    PROBABLE,
    ROW,
    SAID,
    SCORED,
    Rows,
    read_labels,
)
from inkling.evaluation.sequential_test import Verdict, sequential_test
from inkling.journal.snapshot import Snapshot
from inkling.journal.tallies import RowCount, total
from inkling.journal.writer import Journal
from inkling.nets.registry import MODELS, NETWORKS, RETRAINED
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, REJECTED, TRAINED

COUNTED = (QUEUED, TRAINED, COLLECTED)


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
class MeanProbability:
    """What each model gave the right digit before the label, on average."""

    labels: int  # whose probabilities are known
    means: Mapping[str, float | None]  # by model, in [0, 1]; None of nothing


@dataclass(frozen=True)
class Figures:
    """The account as it is now."""

    labels: int  # that were scored
    per_digit: tuple[int, ...]  # how many of each, ten
    no_digits: int  # drawings that were called no digit: never scored
    rejected: int  # labels that were rejected: not scored
    records: Mapping[str, Record]  # by model, in the order of SCORED
    probability: MeanProbability
    lines: Lines
    verdicts: Mapping[str, Verdict]  # by net

    def as_json(self) -> dict[str, Any]:
        """Return them for programs, each verdict with its sentence."""
        verdicts = {
            net: asdict(found) | {"sentence": found.in_words(NETWORKS[net].title)}
            for net, found in self.verdicts.items()
        }
        return asdict(self) | {"verdicts": verdicts}


class PrequentialAccuracy:
    """Reads the journal, and each row but once: keep one per process. Threads may share it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._rows: Rows = np.empty(0, ROW)
        self._version = 0  # the newest one when they were read
        self._relabelled: str | None = None  # the journal's, then
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
        rollback, which may exchange labels for others with the same sum. Where a drawing got
        another label, all are read again.
        """
        with self._journal.snapshot() as snapshot:
            version, rolled_back = snapshot.versions_since(self._version)
            tallies, rows = snapshot.tallies(), self._rows
            relabelled = snapshot.relabelled()
            if relabelled != self._relabelled:
                rows = np.empty(0, ROW)  # count and sum are what they were
            rejected, there = total(tallies, [REJECTED]).count, total(tallies, COUNTED)
            if rolled_back or there != _count_of(rows):
                newest = int(rows["position"][-1]) if len(rows) else 0
                rows = np.concatenate([rows, _read(snapshot, newest + 1)])
                if rolled_back or there != _count_of(rows):
                    rows = _reconciled(snapshot, rows)
        others = rows is not self._rows or rejected != self._rejected
        self._rows, self._version, self._rejected = rows, version, rejected
        self._relabelled = relabelled
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
    return read_labels(snapshot.labels(COUNTED, first))


def figures_of(rows: Rows, rejected: int = 0) -> Figures:
    """Return the figures of labels, in the order in which they came."""
    labels, there = rows["label"], rows["bits"] >= SAID
    scored = rows["bits"][there]
    right = {name: (scored & (1 << column)) != 0 for column, name in enumerate(SCORED)}
    # How many labels there are of each digit and each combination of who was right, (10, KINDS).
    kinds = np.bincount(labels[there] * np.int64(KINDS) + scored, minlength=10 * KINDS)
    of_digits = kinds.reshape(10, KINDS)
    known, ends = (scored & PROBABLE) != 0, points(len(scored))
    codes = {model: rows["codes"][:, column][there] for column, model in enumerate(MODELS)}
    probability = running_means(codes, known, ends)
    return Figures(
        labels=len(scored),
        per_digit=ints(of_digits.sum(axis=1)),
        no_digits=int(np.count_nonzero(labels == NOT_A_DIGIT)),
        rejected=rejected,
        records={
            name: _record(flags, of_digits, column)
            for column, (name, flags) in enumerate(right.items())
        },
        probability=MeanProbability(
            int(np.count_nonzero(known)),
            {model: means[-1] if means else None for model, means in probability.items()},
        ),
        lines=Lines(ints(ends), *shares_right(right, ends), probability),
        verdicts={net: sequential_test(right[net], right[RETRAINED[net]]) for net in RETRAINED},
    )


def _record(right: NDArray[np.bool_], of_digits: Columns, column: int) -> Record:
    says_so = (np.arange(KINDS) >> column & 1).astype(bool)  # which combinations have it right
    rights = of_digits[:, says_so].sum(axis=1)
    last = right[-WINDOW:]
    return Record(
        all=Tally(int(rights.sum()), len(right)),
        last=Tally(int(last.sum()), len(last)),
        per_digit=tuple(map(Tally, ints(rights), ints(of_digits.sum(axis=1)))),
    )
