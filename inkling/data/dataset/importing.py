"""A dataset taken into the journal: collected drawings, which no net learns by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions import FloatArray, encode_png, from_bytes, process_image, to_bytes
from inkling.data.dataset.reading import Broken, Row, read_dataset
from inkling.journal.writer import Journal
from inkling.records import COLLECTED, Drawing

Ask = Callable[
    [FloatArray], Mapping[str, Any]
]  # what the models say, by the names of a row's fields


@dataclass
class Imported:
    """What came of a dataset's rows."""

    added: int = 0
    known: int = 0  # there already, by their ids
    broken: int = 0


def import_dataset(
    journal: Journal, path: Path, ask: Ask, tell: Callable[[Broken], None]
) -> Imported:
    """Add a dataset's drawings as collected ones; tell of each broken row, and go on.

    Each is shown to the models first, as a visitor's is. Raises as `read_dataset` does.
    """
    done = Imported()
    for found in read_dataset(path):
        drawing = found if isinstance(found, Broken) else _drawing(found, ask)
        if isinstance(drawing, Broken):
            done.broken += 1
            tell(drawing)
        elif journal.add(drawing, found.made if isinstance(found, Row) else None) is drawing:
            done.added += 1
        else:
            done.known += 1
    return done


def _drawing(row: Row, ask: Ask) -> Drawing | Broken:
    seen = from_bytes(row.digit) if row.digit else process_image(row.grey)
    if seen is None:
        return Broken(row.id, "Nothing is drawn.")
    said = dict(ask(seen))
    said["answer"] = _answer(row, said["answer"])
    return Drawing(
        id=row.id,
        label=row.label,
        png=encode_png(row.grey),
        digit=row.digit or to_bytes(seen),
        strokes=row.strokes,
        state=COLLECTED,
        **said,
    )


def _answer(row: Row, now: int | None) -> int | None:
    """Return what the app had said where it was drawn, as far as is known; else of now."""
    if row.told:
        return row.answer
    if row.recognized is None:
        return now
    if row.recognized:
        return row.label
    return None if now == row.label else now
