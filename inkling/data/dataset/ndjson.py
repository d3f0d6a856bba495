"""Strokes, a drawing a line, with the keys of Quick, Draw!'s files.

As in https://github.com/googlecreativelab/quickdraw-dataset: `drawing` is [[[x…], [y…], [t…]], …],
in units of the canvas (0 to 280) and milliseconds; `recognized` whether the app had said the label.
"""

import gzip
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from inkling.data.dataset.rows import Counts, rows
from inkling.files import whole_file
from inkling.journal.database import in_utc
from inkling.journal.reader import JournalReader

COLUMNS = ("id", "strokes", "answer")
NO_STROKES = (None, "null", "[]")  # as databases hold nothing in a column of JSON
WITHOUT = "came without strokes"


def write(journal: JournalReader, path: Path) -> Counts:
    """Write the drawings that came with strokes to a file; .gz at its end compresses it."""
    counts = Counts()
    with whole_file(path) as file, ExitStack() as stack:
        out: IO[bytes] | gzip.GzipFile = file
        if path.suffix == ".gz":  # no name or time within: the same drawings, the same bytes
            out = stack.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0))
        for row in rows(journal, COLUMNS, none=False, counts=counts):
            if row.strokes not in NO_STROKES:
                out.write(line(row))
                counts.add(row)
            else:
                counts.left_out[WITHOUT] += 1
    return counts


def line(row: Any) -> bytes:
    """Return a row as a line."""
    made = in_utc(row.created_at).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    recognized = "true" if row.answer == row.label else "false"
    return (
        f'{{"word":"{row.label}","countrycode":"","timestamp":"{made}","recognized":{recognized},'
        f'"key_id":"{row.id}","drawing":{row.strokes.replace(" ", "")}}}\n'
    ).encode()
