"""A visitor's own drawings, described: what is read in them, and their deletion."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from inkling.web.forms import MAX_OWN
from inkling.web.openapi.drawing import DRAWING, DigitText
from inkling.web.openapi.operation import JOURNAL_AWAY, PAGE, Area, Operation, Parameter

SECRET = "x2b9Qf0sT7mWc1LzR4uYhA"  # noqa: S105  # of nothing

Secret = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z0-9_-]{22,64}$",
        description="What it was given with. Only its hash is stored.",
    ),
]


class Drawings(Struct):
    """Stored drawings."""

    drawings: Annotated[list[UUID], Meta(max_length=MAX_OWN, description="Their ids.")]


class Reading(Struct):
    """What the app reads in a drawing; null where it is unsure, or where this is no digit."""

    drawing: UUID
    shipped: Annotated[DigitText | None, Meta(description="With the originals.")]
    now: Annotated[DigitText | None, Meta(description="With the newest version.")]


class Readings(Struct):
    """What the app reads in those of the drawings that are there."""

    version: Annotated[int, Meta(description="The newest.")]
    answers: list[Reading]


class Proof(Struct):
    """What proves that a drawing is one's own."""

    secret: Secret


class Deleting(Struct):
    """A drawing that is deleted; not found any more once the nets have forgotten it too."""

    drawing: UUID
    state: Literal["deleting"]


AREA = Area(
    "Your own drawings",
    "What becomes of drawings that a program or a visitor has given.",
    {
        "own_drawings.page": Operation(PAGE),
        "own_drawings.answers": Operation(
            Readings(13, [Reading(UUID(DRAWING), "1", "7")]),
            takes=Drawings([UUID(DRAWING)]),
            otherwise=JOURNAL_AWAY,
        ),
        "own_drawings.delete": Operation(
            Deleting(UUID(DRAWING), "deleting"),
            parameters={"id": Parameter("What /train answered as `drawing`.", DRAWING, UUID)},
            takes=Proof(SECRET),
            form=Proof,
            otherwise=JOURNAL_AWAY
            | {
                403: "A page of another site sent it, or this is not its secret.",
                404: "There is no such drawing.",
            },
        ),
    },
)
