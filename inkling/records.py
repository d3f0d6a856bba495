"""What the journal's rows are in Python: a drawing, what became of it, what a step did."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from functions import FloatArray, Grey, encode_png, from_bytes, process_image, to_bytes
from inkling.errors import InklingError, InvalidInput
from inkling.rejections import Rejection

NOT_A_DIGIT = -1  # the label of a drawing that is none: stored, never trained

TRAINER = "trainer"  # the notice of what keeps the trainer from learning
RELABELLED = "relabelled"  # the notice that changes whenever a drawing gets another label
TRAININGS = "trainings"  # the notice of why no network can be trained here

Receipt = dict[str, dict[str, float]]  # by model: its probability of the label before and after


class State(StrEnum):
    """What became of a drawing."""

    QUEUED = "queued"  # waits for the trainer
    TRAINED = "trained"  # the nets learned it
    REJECTED = "rejected"  # kept, and not learned; `rejection` says why
    COLLECTED = "collected"  # given to be kept, never to be learned
    DELETING = "deleting"  # shown and given to nobody any more; gone as soon as the nets are too


QUEUED, TRAINED, REJECTED, COLLECTED, DELETING = State
IN_THE_NETS = (TRAINED, DELETING)  # where they have a version


class VersionConflict(InklingError):
    """Another trainer moved the weights meanwhile: this one's work must be thrown away."""


@dataclass(frozen=True)
class Drawing:
    """A row: a labelled drawing and what became of it.

    digit: what the nets see, 28×28 bytes, 255 the darkest ink. predictions: probabilities of ten
    digits by model, before the label; said: the likeliest digit by model; answer: the app's, None
    where it was unsure. strokes: [[[x…], [y…], [t…]], …] where the page sent them. accepted:
    whether a person has said that it is to be learned, whatever screen and gate say. secret_hash:
    SHA-256 of what its visitor alone knows, where they can delete it.
    """

    id: str
    label: int
    png: bytes
    digit: bytes
    predictions: dict[str, list[float]] = field(default_factory=dict)
    predicted_version: int = 0
    state: State = QUEUED
    strokes: list[list[list[float]]] | None = None
    said: dict[str, int] = field(default_factory=dict)
    answer: int | None = None
    rejection: Rejection | None = None
    version: int | None = None
    receipt: Receipt | None = None
    position: int | None = None
    accepted: bool = False
    secret_hash: bytes | None = None

    @classmethod
    def of(cls, label: int, grey: Grey, *, id: str | None = None) -> Self:
        """Return a row for grey levels (height, width). Raises InvalidInput for an empty page."""
        digit = process_image(grey)
        if digit is None:
            raise InvalidInput("Nothing is drawn.")
        return cls(id or str(uuid.uuid4()), label, encode_png(grey), to_bytes(digit))

    def seen(self) -> FloatArray:
        """Return the digit (28, 28) in [0, 1] that the nets see."""
        return from_bytes(self.digit)

    @property
    def outcome(self) -> "Outcome":
        """What became of it."""
        return Outcome(**{name: getattr(self, name) for name in Outcome.__dataclass_fields__})

    @property
    def seed(self) -> int:
        """The seed of everything random that is done with this drawing."""
        return uuid.UUID(self.id).int


@dataclass(frozen=True)
class Example:
    """A learned drawing as the nets remember it: its label, and 28×28 bytes of what they saw."""

    label: int
    digit: bytes


@dataclass(frozen=True)
class LearnedDigit:
    """What the nets remember of a drawing that they learned, and whether a person accepted it.

    digit: 28×28 bytes, 255 the darkest ink.
    """

    id: str
    label: int
    digit: bytes
    accepted: bool


def drawing_id(text: str) -> str:
    """Return a drawing's id as the journal has it. Raises InvalidInput for what is none."""
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        problem = f"{text!r} is no id of a drawing."
        raise InvalidInput(problem, "Name one: inkling history.") from error


@dataclass(frozen=True)
class Outcome:
    """What became of a labelled drawing, without the drawing itself."""

    id: str
    label: int
    state: State
    version: int | None
    receipt: Receipt | None
    rejection: Rejection | None


@dataclass(frozen=True)
class Lesson:
    """What one step did: the drawing that it learned, the version that it made, the receipt."""

    drawing: Drawing
    version: int
    receipt: Receipt


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


class DrawnStrokes(NamedTuple):
    """How a labelled drawing was drawn: [[[x…], [y…], [t…]], …] where the page sent strokes."""

    id: str
    label: int
    strokes: list[list[list[float]]] | None


@dataclass(frozen=True)
class AnsweredDigit:
    """A labelled drawing as the app met it: what the nets saw, the label, the answer, when.

    digit: 28×28 bytes, 255 the darkest ink. answer: the app's, before the label; None: unsure.
    """

    digit: bytes
    label: int
    answer: int | None
    made: datetime
