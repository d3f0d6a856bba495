"""A journal of many labels, as years of use leave it, made by the code that restores backups."""

import base64
import itertools
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from inkling import checkpoints
from inkling.data.rendering import render_strokes
from inkling.journal.dump import load
from inkling.journal.lineage import LESSON
from inkling.journal.outbox import Outbox
from inkling.journal.schema import drawings
from inkling.journal.writer import open_journal
from inkling.learning.learner import Learner, build_learner
from inkling.learning.rule import MEMORY
from inkling.records import COLLECTED, REJECTED, TRAINED, Drawing
from inkling.rejections import Code, Rejection
from inkling.serving.recognizer import Recognizer
from inkling.settings import Settings
from inkling.storage.stores import open_store
from testing.pen import STROKES

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
LIKE = 200  # drawings that differ
WEIGHTS = 20  # the newest versions that have theirs
Row = dict[str, Any]


def grow(settings: Settings, rows: int) -> None:
    """Fill an empty journal: of each 20 drawings 18 are learned, one is rejected, one collected."""
    journal = open_journal(settings)
    outbox = Outbox(journal, open_store(settings))
    originals = checkpoints.originals(settings.models_folder)
    like = prototypes(Recognizer(settings.models_folder, outbox))
    newest = sum(state_of(n) == TRAINED for n in range(1, rows + 1))
    objects = store_weights(outbox, build_learner(originals), newest)
    tables = {
        "drawings": (line_of(row) for row in drawing_rows(like, rows)),
        "versions": (line_of(row) for row in version_rows(rows, objects)),
    }
    load(journal, tables, {})
    with journal.write() as connection:  # else a trainer would carry all of them to the store
        connection.execute(drawings.update().values(stored=True))
    journal.run_alone("ANALYZE")
    journal.close()


def prototypes(recognizer: Recognizer) -> list[Row]:
    """What rows have of drawings, of digits 0 to 9 in turn."""
    found = []
    for n in range(LIKE):
        label, strokes = n % 10, STROKES[n % 10]
        drawing = Drawing.of(label, render_strokes(strokes, width=8 + n % 23, size=100 + n % 181))
        said = recognizer.predict(drawing.seen()).said
        found.append(
            {
                "label": label,
                "png": base64.b64encode(drawing.png).decode(),
                "digit": base64.b64encode(drawing.digit).decode(),
                "strokes": [[*s.round(1).tolist(), [8] * s.shape[1]] for s in strokes],
                "believers": sum(digit == label for digit in said["said"].values()),
                **said,
            }
        )
    return found


def state_of(position: int) -> str:
    """What became of the drawing at a position."""
    return {0: REJECTED, 10: COLLECTED}.get(position % 20, TRAINED)


def identifier(position: int) -> str:
    """The id of the drawing at a position."""
    return str(uuid.UUID(int=position, version=4))


def drawing_rows(like: list[Row], rows: int) -> Iterator[Row]:
    """Rows of drawings as a backup has them."""
    rejection = Rejection(Code.NOTHING_DRAWN).to_json()
    version = itertools.count(1)
    for position in range(1, rows + 1):
        state = state_of(position)
        receipt = {net: {"before": 0.91234, "after": 0.93456} for net in ("fnn", "cnn")}
        yield like[position % len(like)] | {
            "position": position,
            "id": identifier(position),
            "state": state,
            "predicted_version": max(0, position - 20),
            "rejection": rejection if state == REJECTED else None,
            "version": next(version) if state == TRAINED else None,
            "receipt": receipt if state == TRAINED else None,
            "created_at": (BEGIN + timedelta(minutes=position)).isoformat(),
            "accepted": False,
        }


def version_rows(rows: int, objects: dict[int, dict[str, str]]) -> Iterator[Row]:
    """Rows of versions as a backup has them, each of one drawing."""
    learned = (position for position in range(1, rows + 1) if state_of(position) == TRAINED)
    for number, position in enumerate(learned, 1):
        yield {
            "number": number,
            "kind": LESSON,
            "rule": MEMORY.name,
            "drawing": identifier(position),
            "target": None,
            "objects": objects.get(number),
            "kept": number in objects,
            "created_at": (BEGIN + timedelta(minutes=position)).isoformat(),
        }


def store_weights(outbox: Outbox, nets: Learner, newest: int) -> dict[int, dict[str, str]]:
    """Store weights of the versions that keep theirs, all the same; return their objects' names."""
    now_and_then = range(1, newest, max(1, newest // 50))
    stored = {*now_and_then, *range(max(1, newest - WEIGHTS), newest + 1)}
    for label in (4, 7):  # so that there is an optimizer's part
        nets.learn(Drawing.of(label, render_strokes(STROKES[label], width=20, size=200)))
    states, names = nets.states(), {}
    for number in stored - {*checkpoints.thinned(stored, newest)}:
        names[number], contents = checkpoints.objects_of(number, states)
        outbox.publish(contents)
    return names


def line_of(row: Row) -> bytes:
    """A row as a line of a backup."""
    return json.dumps(row).encode()
