"""Labelled drawings out of the journal, as the files that training and evaluation read."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inkling.data.dataset.rows import EXPORTED
from inkling.data.datasets import write_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.files import write_whole
from inkling.journal.writer import Journal
from inkling.records import DrawnStrokes
from inkling.storage.keys import label_folder


class Exported(NamedTuple):
    """How many drawings were written, and how many have no strokes to write."""

    written: int
    without_strokes: int


def export_strokes(journal: Journal, file: Path) -> Exported:
    """Write the drawings that came with strokes to a stroke file; .gz at the end compresses.

    What was called no digit is left out. Nobody knows who drew, so each drawing counts as a writer
    of its own, `visitor/<id>`.
    """
    counts = {True: 0, False: 0}

    def each() -> Iterator[StrokeDrawing]:
        for drawing in journal.strokes(EXPORTED):
            counts[bool(drawing.strokes)] += 1
            if drawing.strokes:
                yield _with_strokes(drawing)

    write_strokes(file, each())
    return Exported(counts[True], counts[False])


def _with_strokes(drawing: DrawnStrokes) -> StrokeDrawing:
    strokes = [np.array(stroke[:2], dtype=np.float32) for stroke in drawing.strokes or ()]
    return StrokeDrawing(drawing.label, f"visitor/{drawing.id}", strokes)


def export_images(journal: Journal, folder: Path) -> Exported:
    """Write every drawing as `<digit>/<id>.png` into a folder, whose other files stay.

    What was called no digit comes as `none/<id>.png`.
    """
    written = 0
    for drawing in journal.labelled(EXPORTED):
        path = folder / label_folder(drawing.label) / f"{drawing.id}.png"
        write_whole(path, drawing.png, lasting=False)  # it can be exported again
        written += 1
    return Exported(written, 0)
