"""What the Progress page shows: the account, the newest versions, the latest drawings.

Drawings are visitors' own. Only the 28×28 that the nets saw is shown, never strokes or the picture
itself; nothing that was rejected or is no digit; and nothing where SHOW_DRAWINGS is 'no'. Those
from before visitors were told of this have no 28×28 in their rows.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inkling.evaluation.prequential import COUNTED, Figures, PrequentialAccuracy, Tally
from inkling.journal.writer import Journal
from inkling.nets.registry import NETWORKS, RETRAINED
from inkling.records import VersionRow
from inkling.settings import Settings
from inkling.web.fresh import Fresh
from inkling.web.languages import SAY
from inkling.web.report_card import TITLES
from inkling.web.shot import Shot

VERSIONS, DRAWINGS = 10, 20  # the newest ones that are shown
FEW_DRAWINGS = 12  # on the drawing page
ROWS = 25  # of the table that tells what the chart shows
FRESH = 1.0  # seconds that what was read is shown again: however many look, it is read once
At = dict[str, float | None]  # what a chart's lines have at a point, by model


@dataclass(frozen=True)
class Line:
    """One model's row: its key, names, and how it did."""

    model: str
    net: str
    kind: str
    all: Tally
    last: Tally
    per_digit: tuple[Tally, ...]
    probability: float | None  # the mean that it gave the right digit; the app's answer has none


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
        records, means = self.figures.records, self.figures.probability.means
        return [
            Line(m, *TITLES[m], found.all, found.last, found.per_digit, means.get(m))
            for m, found in ((m, records[m]) for m in TITLES)
        ]

    @property
    def table(self) -> list[tuple[int, *tuple[At, ...]]]:
        """The chart in figures, newest first: labels, shares of all and of the last 100, means."""
        found = self.figures.lines
        count = len(found.labels)
        rows = sorted({round(n * (count - 1) / max(1, ROWS - 1)) for n in range(min(ROWS, count))})
        if count <= ROWS:
            rows = list(range(count))
        lines = (found.overall, found.recent, found.probability)
        return [(found.labels[n], *(_at(line, n) for line in lines)) for n in reversed(rows)]

    def probability_words(self, network: str) -> str:
        """Return what both weights of a net gave the right digit, on average; empty of nothing."""
        found = self.figures.probability
        if not found.labels:
            return ""
        told = {
            "net": NETWORKS[network].title,
            "original": percent(found.means[network]),
            "retrained": percent(found.means[RETRAINED[network]]),
        }
        if found.labels == self.figures.labels:
            return SAY.text(
                "The retrained %(net)s gave the right digit %(retrained)s on average, the "
                "original %(original)s.",
                **told,
            )
        return SAY.plural(
            "The retrained %(net)s gave the right digit %(retrained)s on average, the original "
            "%(original)s, over the %(num)s label whose probabilities were kept.",
            "The retrained %(net)s gave the right digit %(retrained)s on average, the original "
            "%(original)s, over the %(num)s labels whose probabilities were kept.",
            found.labels,
            **told,
        )

    def verdict_words(self, network: str) -> str:
        """Return whether learning helped a net, as a sentence."""
        return self.figures.verdicts[network].in_words(NETWORKS[network].title, SAY)

    @property
    def left_out(self) -> str:
        """How many labels count nowhere, in words; empty where all do."""
        told = []
        if count := self.figures.no_digits:
            told.append(
                SAY.plural(
                    "%(num)s drawing was no digit and counts nowhere.",
                    "%(num)s drawings were no digit and count nowhere.",
                    count,
                )
            )
        if count := self.figures.rejected:
            told.append(
                SAY.plural(
                    "%(num)s label was rejected and counts nowhere.",
                    "%(num)s labels were rejected and count nowhere.",
                    count,
                )
            )
        return " ".join(told)

    def as_json(self) -> dict[str, Any]:
        """Return the same for scripts, this page's and others'."""
        figures = self.figures.as_json()
        return {
            "version": self.version,
            **{name: figures[name] for name in ("labels", "per_digit", "no_digits", "rejected")},
            "accuracy": figures["records"],
            "probability": figures["probability"],
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


def _at(line: Mapping[str, tuple[float | None, ...]], n: int) -> At:
    return {model: points[n] for model, points in line.items()}


def what_made(version: VersionRow) -> str:
    """Return what made a version, in words."""
    if version.kind == "rollback":
        return SAY.text("Rolled back to an older version")
    if version.kind == "rebuild" and version.target == 0:
        return SAY.text("Learned all again")
    if version.kind == "rebuild":
        return SAY.text("Rebuilt without a drawing")
    if version.kind == "relabel":
        return SAY.text("Learned a drawing under another label")
    if version.label is None:
        return SAY.text("Learned a drawing")
    return SAY.text("Learned %(digit)s", digit=SAY.a_digit(version.label))


def percent(found: Tally | float | None, decimals: int = 1) -> str:
    """Return a share of labels, or a probability, in words: `97.5 %`, or a dash for none."""
    share = found.share if isinstance(found, Tally) else found
    if share is None:
        return "–"
    # Rounded to 100 only where all were right.
    below = SAY.number(min(100 * share, 100 - 10**-decimals), decimals)
    told = below if share < 1 else SAY.number(100)
    return f"{told}\N{NO-BREAK SPACE}%"
