"""What the journal's rows are in Python: a drawing, what became of it, what a step did."""

import json
import uuid
from dataclasses import dataclass

QUEUED, TRAINED, REJECTED, COLLECTED = "queued", "trained", "rejected", "collected"


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

    @property
    def outcome(self) -> "Outcome":
        """What became of it."""
        return Outcome(**{name: getattr(self, name) for name in Outcome.__dataclass_fields__})

    def objects(self) -> dict[str, bytes]:
        """What the object store has of it, by name: the picture, and the strokes if there are."""
        name = f"drawings/{self.label}/{self.id}"
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
