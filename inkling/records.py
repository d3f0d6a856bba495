"""What the journal's rows are in Python: a drawing, what became of it, what a step did."""

import uuid
from dataclasses import dataclass

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
