"""The gallery, and what the operator does with drawings, described."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from inkling.journal.change_log import Action
from inkling.web.openapi.drawing import DRAWING, DigitText, Label
from inkling.web.openapi.operation import (
    JOURNAL_AWAY,
    PAGE,
    REFUSED,
    Area,
    File,
    Operation,
    Parameter,
)

AnyDigit = Literal[DigitText, ""]  # as the page's form sends what was not chosen
DIGIT = Parameter("Drawings of this digit.", "7", AnyDigit)
SAID = Parameter(
    "What the app had said before the label; `nobody`: no model.",
    "wrong",
    Literal["", "right", "wrong", "unsure", "nobody"],
)
BEFORE = Parameter(
    "A label’s place: older ones are shown.", "", Annotated[str, Meta(pattern="^[0-9]{0,9}$")]
)
ALL = {
    "digit": Parameter("Drawings of this digit, or of none.", "7", Literal[AnyDigit, "none"]),
    "said": SAID,
    "state": Parameter(
        "Drawings in this state.",
        "rejected",
        Literal["queued", "trained", "rejected", "collected", ""],
    ),
    "before": BEFORE,
}
OTHERWISE = REFUSED | JOURNAL_AWAY
ID = Parameter("The drawing’s.", DRAWING, UUID)
CONFLICT = {409: "There is no such drawing, or it cannot be done."}
Back = Annotated[str, Meta(description="A browser is led back to this query of the page.")]


class WantedChange(Struct, omit_defaults=True):
    """What is to be done with a drawing."""

    action: Action
    digit: Annotated[Label | None, Meta(description="Where it is to be relabelled.")] = None


class WantedChangeForm(Struct):
    """The same as a form."""

    action: Action
    digit: Literal[AnyDigit, "none"] = ""
    back: Back = ""


class Changed(Struct):
    """What was done, or will be when the nets are made anew."""

    drawing: UUID
    action: Action


class Undone(Struct):
    """The change that was undone."""

    change: int


AREA = Area(
    "Gallery",
    "What visitors drew, as far as the site shows it; all of it, and what can be done, for the "
    "operator.",
    {
        "gallery.page": Operation(
            PAGE,
            parameters={"digit": DIGIT, "said": SAID, "before": BEFORE},
            otherwise=JOURNAL_AWAY | {400: "There is no such filter."},
        ),
        "curation.page": Operation(
            PAGE,
            password="admin",  # noqa: S106
            parameters=ALL,
            otherwise=OTHERWISE | {400: "There is no such filter."},
        ),
        "curation.picture": Operation(
            File("image/png", "The picture.", "drawing.png"),
            password="admin",  # noqa: S106
            parameters={"id": ID},
            otherwise=OTHERWISE | {404: "There is no such drawing."},
        ),
        "curation.undo": Operation(
            Undone(1),
            password="admin",  # noqa: S106
            parameters={"number": Parameter("The change’s.", 1, int)},
            otherwise=OTHERWISE | CONFLICT | {404: "This is no number."},
        ),
        "curation.change": Operation(
            Changed(UUID(DRAWING), Action.RELABEL),
            "A drawing that the nets learned leaves them, or is learned under its new label at its "
            "place, in one rebuild for all that wait.",
            takes=WantedChange(Action.RELABEL, 7),
            form=WantedChangeForm,
            password="admin",  # noqa: S106
            parameters={"id": ID},
            otherwise=OTHERWISE | CONFLICT | {404: "There is no such drawing."},
        ),
    },
)
