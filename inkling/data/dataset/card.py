"""The data card: what a dataset holds, how it was made, what its people agreed to."""

from datetime import UTC, datetime

from inkling.data.dataset.rows import Counts
from inkling.storage.keys import label_folder

NO_LICENCE = "other"
CARD = """\
---
license: {licence}
task_categories:
- image-classification
pretty_name: Handwritten digits, drawn in Inkling
---

# Handwritten digits, drawn in Inkling

{written:,} drawings{span}, written as `{format}` on {now}.

| label | drawings |
|---|--:|
{table}
{left_out}
## How they were made

Visitors of a web page drew digits with mouse, pen or finger, and said which digit it is. {held}
Rejected drawings, those in which no model saw the label among them, are not here. Nobody has looked
at all of the others: some labels are wrong. What the app had answered was on the screen before the
label was given, so labels may lean towards it; on the page that only collects, the digit was asked
for.

## What their people agreed to

Each ticked: "Keep my drawing to teach the models. Stored: the picture, its pen strokes, your digit
and what the models said, to teach and test digit models. No name, no account." Nobody knows who
drew. A drawing that is deleted on the site is in no later export, so replace older ones.

## Licence

{licence_words}
"""


def data_card(counts: Counts, format: str, held: str, licence: str) -> str:
    """Return the card of a dataset, as Hugging Face shows it. held: what a drawing is in it."""
    table = [f"| {label_folder(label)} | {n:,} |" for label, n in sorted(counts.labels.items())]
    left_out = [f"Left out: {n:,} that {why}." for why, n in sorted(counts.left_out.items())]
    span = ""
    if counts.first and counts.last:
        span = f" of {counts.first:%Y-%m-%d} to {counts.last:%Y-%m-%d}"
    words = "Who runs the site has stated none: ask before you publish or use it."
    return CARD.format(
        licence=licence.lower() or NO_LICENCE,
        written=counts.written,
        span=span,
        format=format,
        now=f"{datetime.now(UTC):%Y-%m-%d}",
        table="\n".join(table),
        left_out="".join(f"\n{line}\n" for line in left_out),
        held=held,
        licence_words=licence or words,
    )
