"""The page that tells how it works, described, and what it asks for."""

from typing import Annotated

from msgspec import Meta, Struct

from inkling.web.openapi.drawing import BUSY, NO_DRAWING, DrawingAlone
from inkling.web.openapi.operation import ANSWERED, DATA_URL, PAGE, Area, Operation


class Steps(Struct):
    """What becomes of a picture on its way to the nets, PNGs as data URLs."""

    crop: Annotated[str, Meta(description="The ink's bounding box.")]
    input: Annotated[str, Meta(description="The 28×28 that the nets see.")]
    variants: Annotated[
        str, Meta(description="24 variants of 28×28, six side by side in four rows.")
    ]


AREA = Area(
    "How it works",
    "What becomes of a drawing.",
    {
        "about.page": Operation(PAGE),
        "about.steps": Operation(
            Steps(ANSWERED, ANSWERED, ANSWERED),
            takes=DrawingAlone(DATA_URL),
            form=DrawingAlone,
            otherwise=NO_DRAWING | BUSY,
        ),
    },
)
