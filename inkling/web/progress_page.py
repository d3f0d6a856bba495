"""What the Progress page shows: the account, the newest versions, the latest drawings.

Drawings are visitors' own. Only the 28×28 that the nets saw is shown, never strokes or the picture
itself; nothing that was rejected or is no digit; and nothing where SHOW_DRAWINGS is 'no'. Those
from before visitors were told of this have no 28×28 in their rows.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from inkling.evaluation.prequential import COUNTED, Figures, PrequentialAccuracy, Tally
from inkling.journal.writer import Journal
from inkling.nets.registry import MODELS
from inkling.records import VersionRow
from inkling.settings import Settings
from inkling.web.fresh import Fresh
from inkling.web.shot import Shot

VERSIONS, DRAWINGS = 10, 20  # the newest ones that are shown
FEW_DRAWINGS = 12  # on the drawing page
ROWS = 25  # of the table that tells what the chart shows
FRESH = 1.0  # seconds that what was read is shown again: however many look, it is read once
TITLES = {"answer": ("The app’s answer", "")} | {
    key: (model.title, model.kind) for key, model in MODELS.items()
}
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


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
            "versions": [version_as_json(version) for version in self.versions],
            "drawings": [shot.as_json() for shot in self.shots],
        }


@dataclass(frozen=True)
class Latest:
    """The newest version, None before the first; the latest drawings, the newest first."""

    version: VersionRow | None
    shots: list[Shot]

    def as_json(self) -> dict[str, Any]:
        """Return the same for scripts."""
        return {
            "version": self.version and version_as_json(self.version),
            "drawings": [shot.as_json() for shot in self.shots],
        }


def version_as_json(version: VersionRow) -> dict[str, Any]:
    """Return a version for scripts."""
    return {**asdict(version), "made": version.made.isoformat()}


class ProgressPage:
    """Reads the journal, for many who look at once; keep one per process."""

    def __init__(self, settings: Settings, journal: Journal, fresh: float = FRESH) -> None:
        self._journal = journal
        self._account = PrequentialAccuracy(journal)
        self._drawings = settings.show_drawings == "yes"
        self._shown = Fresh(self._read_journal, fresh)
        self._latest = Fresh(self._read_latest, fresh)

    def shown(self) -> Shown:
        """Return what the page shows now, or showed within the last second."""
        return self._shown.get()

    def latest(self) -> Latest:
        """Return what was given lately, or within the last second; quicker than all figures."""
        return self._latest.get()

    def _shots(self, limit: int) -> list[Shot]:
        if not self._drawings:
            return []
        return [Shot.of(drawing) for drawing in self._journal.latest_digits(COUNTED, limit)]

    def _read_latest(self) -> Latest:
        newest = self._journal.newest_versions(1)
        return Latest(next(iter(newest), None), self._shots(FEW_DRAWINGS))

    def _read_journal(self) -> Shown:
        newest = self._journal.newest_versions(VERSIONS)
        return Shown(self._account.figures(), newest, self._shots(DRAWINGS))


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
