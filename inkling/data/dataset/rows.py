"""What of the journal's drawings goes into a dataset, and what is counted on the way."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inkling.journal.database import in_utc
from inkling.journal.reader import JournalReader
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, TRAINED

EXPORTED = (QUEUED, TRAINED, COLLECTED)  # rejected drawings may show anything


@dataclass
class Counts:
    """What was written: drawings by label, and those left out, by why; from when to when."""

    labels: Counter[int] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def written(self) -> int:
        """How many drawings were written."""
        return self.labels.total()

    def add(self, row: Any) -> None:
        """Count a row as written."""
        self.labels[row.label] += 1
        if self.first is None:
            self.first = in_utc(row.created_at)
        self.last = in_utc(row.created_at)


def rows(
    journal: JournalReader, columns: Sequence[str], none: bool, counts: Counts
) -> Iterator[Any]:
    """Yield the drawings' rows with these columns, in the order of labels, a page at a time.

    Strokes come as JSON text. none: drawings called no digit too.
    """
    for row in journal.columns_of(EXPORTED, ("label", "created_at", *columns)):
        if row.label == NOT_A_DIGIT and not none:
            counts.left_out["were called no digit"] += 1
        else:
            yield row
