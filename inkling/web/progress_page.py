"""What the Progress page shows: the account, the newest versions, the latest drawings.

Drawings are visitors' own. Only the 28×28 that the nets saw is shown, never strokes or the picture
itself; nothing that was rejected or is no digit; and nothing where SHOW_DRAWINGS is 'no'. Those
from before visitors were told of this have no 28×28 in their rows.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from functions import digit_data_url, from_bytes
from inkling.evaluation.prequential import COUNTED, Figures, PrequentialAccuracy, Tally
from inkling.journal.writer import Journal
from inkling.nets.registry import MODELS
from inkling.records import AnsweredDigit, VersionRow
from inkling.settings import Settings

VERSIONS, DRAWINGS = 10, 20  # the newest ones that are shown
ROWS = 25  # of the table that tells what the chart shows
FRESH = 1.0  # seconds that what was read is shown again: however many look, it is read once
TITLES = {"answer": ("The app’s answer", "")} | {
    key: (model.title, model.kind) for key, model in MODELS.items()
}
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True)
class Shot:
    """A visitor's drawing: what the nets saw, its label, the app's answer (none: unsure), when."""

    input: str
    label: int
    answer: int | None
    made: datetime

    @classmethod
    def of(cls, drawing: AnsweredDigit) -> "Shot":
        """Return what is shown of a drawing."""
        picture = digit_data_url(from_bytes(drawing.digit))
        return cls(picture, drawing.label, drawing.answer, drawing.made)

    @property
    def right(self) -> bool:
        """Whether the app said the label before it heard it."""
        return self.answer == self.label

    @property
    def words(self) -> str:
        """As a sentence, for those who do not see the picture."""
        said = "was not sure" if self.answer is None else f"said {self.answer}"
        return f"A {self.label}; the app {said}: {'right' if self.right else 'wrong'}"


@dataclass(frozen=True)
class Line:
    """One model's row: its key, names, and how it did."""

    model: str
    net: str
    kind: str
    all: Tally
    last: Tally
    per_digit: tuple[Tally, ...]


@dataclass(frozen=True)
class Shown:
    """All that the page's figures are made of."""

    figures: Figures
    versions: list[VersionRow]
    shots: list[Shot]

    @property
    def version(self) -> int:
        """The newest version's number."""
        return self.versions[0].number if self.versions else 0

    @property
    def lines(self) -> list[Line]:
        """The app's answer, then the nets, each original before its retrained one."""
        records = self.figures.records
        return [
            Line(m, *TITLES[m], records[m].all, records[m].last, records[m].per_digit)
            for m in TITLES
        ]

    @property
    def table(self) -> list[tuple[int, dict[str, float], dict[str, float]]]:
        """The chart in figures, newest first: labels, shares of all and of the last 100."""
        found = self.figures.lines
        count = len(found.labels)
        rows = sorted({round(n * (count - 1) / max(1, ROWS - 1)) for n in range(min(ROWS, count))})
        if count <= ROWS:
            rows = list(range(count))
        return [
            (found.labels[n], _at(found.overall, n), _at(found.recent, n)) for n in reversed(rows)
        ]

    @property
    def left_out(self) -> str:
        """How many labels count nowhere, in words; empty where all do."""
        counts = [(self.figures.no_digits, "no digit"), (self.figures.rejected, "rejected")]
        told = [
            f"{count:,} {'was' if count == 1 else 'were'} {what}" for count, what in counts if count
        ]
        return f"{' and '.join(told)}: these count nowhere." if told else ""

    def as_json(self) -> dict[str, Any]:
        """Return the same for scripts, this page's and others'."""
        figures = asdict(self.figures)
        return {
            "version": self.version,
            **{name: figures[name] for name in ("labels", "per_digit", "no_digits", "rejected")},
            "accuracy": figures["records"],
            "lines": figures["lines"],
            "verdicts": figures["verdicts"],
            "versions": [{**asdict(v), "made": v.made.isoformat()} for v in self.versions],
            "drawings": [
                {**asdict(s), "made": s.made.isoformat(), "right": s.right} for s in self.shots
            ],
        }


class ProgressPage:
    """Reads the journal, for many who look at once; keep one per process."""

    def __init__(self, settings: Settings, journal: Journal, fresh: float = FRESH) -> None:
        self._journal, self._fresh = journal, fresh
        self._account = PrequentialAccuracy(journal)
        self._drawings = DRAWINGS if settings.show_drawings == "yes" else 0
        self._lock = threading.Lock()
        self._read: tuple[float, Shown] | None = None

    def shown(self) -> Shown:
        """Return what the page shows now, or showed within the last second."""
        with self._lock:
            now = time.monotonic()
            if self._read is None or now - self._read[0] >= self._fresh:
                self._read = now, self._read_journal()
            return self._read[1]

    def _read_journal(self) -> Shown:
        latest = self._journal.latest_digits(COUNTED, self._drawings) if self._drawings else []
        return Shown(
            self._account.figures(),
            self._journal.newest_versions(VERSIONS),
            [Shot.of(drawing) for drawing in latest],
        )


def _at(shares: Mapping[str, tuple[float, ...]], n: int) -> dict[str, float]:
    return {model: points[n] for model, points in shares.items()}


def what_made(version: VersionRow) -> str:
    """Return what made a version, in words."""
    if version.kind == "rollback":
        return "Rolled back to an older version"
    if version.kind == "rebuild":
        return "Learned all again" if version.target == 0 else "Rebuilt without a drawing"
    return "Learned a drawing" if version.label is None else f"Learned a {version.label}"


def percent(tally: Tally, decimals: int = 1) -> str:
    """Return a share of labels in words: `97.5 %`, or a dash for none."""
    if tally.share is None:
        return "–"
    # Rounded to 100 only where all were right.
    share = min(100 * tally.share, 100 - 10**-decimals) if tally.right < tally.of else 100.0
    return f"{share:.{decimals}f}\N{NO-BREAK SPACE}%" if share < 100 else "100\N{NO-BREAK SPACE}%"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was, in the words of static/js/words.js."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    for unit, length in UNITS:
        count = int(seconds // length)
        if count >= 1:
            return f"{count} {unit}{'s' * (count != 1)} ago"
    return "just now"
