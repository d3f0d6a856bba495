"""What the journal's rows are in Python: a drawing, what became of it, what a step did."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from functions import FloatArray, from_bytes

QUEUED, TRAINED, REJECTED, COLLECTED = "queued", "trained", "rejected", "collected"
NOT_A_DIGIT = -1  # the label of a drawing that is none: stored, never trained


class VersionConflict(RuntimeError):
    """Another trainer moved the weights meanwhile: this one's work must be thrown away."""


@dataclass(frozen=True)
class Drawing:
    """A row: a labelled drawing and what became of it."""

    id: str
    label: int
    png: bytes
    predictions: dict[str, list[float]]  # probabilities of ten digits, by model, before learning
    predicted_version: int
    state: str = QUEUED
    strokes: list[list[list[float]]] | None = None
    reason: str | None = None
    version: int | None = None
    receipt: dict[str, dict[str, float]] | None = None
    position: int | None = None
    digit: bytes | None = None  # what the nets saw: 28×28 bytes, 255 the darkest ink
    said_answer: int | None = None  # by the app, before the label; None: it was unsure
    said_fnn: int | None = None
    said_fnn_retrained: int | None = None
    said_cnn: int | None = None
    said_cnn_retrained: int | None = None

    def seen(self) -> FloatArray | None:
        """The digit (28, 28) in [0, 1] that the nets saw; None in a row from before it was kept."""
        return None if self.digit is None else from_bytes(self.digit)

    @property
    def outcome(self) -> "Outcome":
        """What became of it."""
        return Outcome(**{name: getattr(self, name) for name in Outcome.__dataclass_fields__})

    @property
    def folder(self) -> str:
        """The folder that drawings with its label lie in: the digit, or `none`."""
        return "none" if self.label == NOT_A_DIGIT else str(self.label)

    def objects(self) -> dict[str, bytes]:
        """What the object store has of it, by name: the picture, and the strokes if there are."""
        name = f"drawings/{self.folder}/{self.id}"
        objects = {f"{name}.png": self.png}
        if self.strokes is not None:
            objects[f"{name}.json"] = json.dumps(self.strokes).encode()
        return objects

    @property
    def seed(self) -> int:
        """The seed of everything random that is done with this drawing."""
        return uuid.UUID(self.id).int


@dataclass(frozen=True)
class Outcome:
    """What became of a labelled drawing, without the drawing itself."""

    id: str
    state: str
    version: int | None
    receipt: dict[str, dict[str, float]] | None
    reason: str | None


@dataclass(frozen=True)
class Lesson:
    """What one step did: the drawing that it learned, the version that it made, the receipt."""

    drawing: Drawing
    version: int
    receipt: dict[str, dict[str, float]]


@dataclass(frozen=True)
class VersionRow:
    """A version: its number, what made it, when, and the label that it learned if it did.

    target: gone back to by a rollback, left out by a rebuild (0: nothing was).
    """

    number: int
    kind: str
    made: datetime
    label: int | None
    target: int | None = None


@dataclass(frozen=True)
class AnsweredDigit:
    """A labelled drawing as the app met it: what the nets saw, the label, the answer, when.

    digit: 28×28 bytes, 255 the darkest ink. answer: the app's, before the label; None: unsure.
    """

    digit: bytes
    label: int
    answer: int | None
    made: datetime
