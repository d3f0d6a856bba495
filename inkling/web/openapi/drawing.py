"""The drawing page's endpoints, described: answers, labels, versions."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from inkling.records import State
from inkling.web.forms import MAX_COORDINATE, MAX_POINTS, MAX_STROKES
from inkling.web.openapi.operation import (
    ANSWERED,
    DATA_URL,
    JOURNAL_AWAY,
    MADE,
    PAGE,
    Area,
    Operation,
    Parameter,
    Time,
)

DRAWING = "0b51ad9a-3d4f-4a7e-9c21-6f0e8d2b7c15"

Digit = Annotated[int, Meta(ge=0, le=9)]
DigitText = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
Share = Annotated[float, Meta(ge=0, le=1)]
Picture = Annotated[
    str,
    Meta(
        description="The picture, dark ink on light: PNG, JPEG, WebP, BMP or TIFF, as a data URL "
        "or as its base64 alone.",
        extra_json_schema={"format": "data-url"},
    ),
]
Label = Annotated[
    Digit | Literal[DigitText, "none"],
    Meta(description='The digit that it is, or "none": it is no digit, and nothing learns it.'),
]
LabelText = Annotated[Literal[DigitText, "none"], Meta(description="As in JSON.")]
VersionText = Annotated[str, Meta(pattern="^[0-9]{0,9}$", description="As in JSON.")]
Version = Annotated[
    Annotated[int, Meta(ge=0, le=999_999_999)] | VersionText | None,
    Meta(description="A stored version: its retrained nets answer. Left out: the newest."),
]
KeyText = Annotated[
    str,
    Meta(
        pattern="^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$",
        description="A UUID of your own: what is sent again with it is one drawing.",
    ),
]
NewSecret = Annotated[
    str,
    Meta(
        pattern="^([A-Za-z0-9_-]{22,64})?$",
        description="Random letters of your own: with them the drawing can be deleted.",
    ),
]
Axis = Annotated[
    list[Annotated[float, Meta(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]], Meta(min_length=1)
]
Stroke = Annotated[list[Axis], Meta(min_length=2, max_length=3)]
Strokes = Annotated[
    Annotated[list[Stroke], Meta(max_length=MAX_STROKES)] | None,
    Meta(
        description=f"[[[x…], [y…], [t…]], …], without t (ms) too; {MAX_POINTS:,} points at most."
    ),
]


class Drawing(Struct):
    """A drawing to be answered."""

    imageBase64: Picture
    version: Version = None


class DrawingForm(Struct):
    """The same as a form."""

    imageBase64: Picture
    version: VersionText = ""


class LabelledDrawing(Struct, omit_defaults=True):
    """A drawing and what it is."""

    imageBase64: Picture
    digit: Label
    strokes: Strokes = None
    key: KeyText | None = None
    secret: NewSecret | None = None


class LabelledDrawingForm(Struct):
    """The same as a form; strokes are JSON text."""

    imageBase64: Picture
    digit: LabelText
    strokes: Annotated[str, Meta(description="As in JSON, as text.")] = ""
    key: KeyText = ""
    secret: NewSecret = ""


class Guess(Struct):
    """A digit and how probable a model holds it to be."""

    digit: Digit
    probability: Share


TopThree = Annotated[list[Guess], Meta(min_length=3, max_length=3)]


class Guesses(Struct):
    """The three likeliest digits of each model, likeliest first."""

    fnn: TopThree
    fnn_retrained: TopThree
    cnn: TopThree
    cnn_retrained: TopThree


class Prediction(Struct):
    """What the app and its models say of a drawing."""

    answer: Annotated[
        DigitText | None,
        Meta(description="The app’s; null where it is unsure, or where this looks like no digit."),
    ]
    message: Annotated[str, Meta(description="Why there is no answer.")]
    code: Annotated[Literal["", "unsure", "no digit"], Meta(description="The same for programs.")]
    version: Annotated[int, Meta(description="Of the retrained nets that answered.")]
    digits: Annotated[
        list[Share],
        Meta(
            min_length=10,
            max_length=10,
            description="The probability of each digit, from 0 to 9: what the surer of both "
            "retrained nets says.",
        ),
    ]
    models: Guesses
    input: Annotated[str, Meta(description="The 28×28 that the nets saw, a PNG as a data URL.")]


class VersionLine(Struct):
    """A stored version."""

    number: int
    kind: Literal["original", "lesson", "rollback", "rebuild", "relabel"]
    made: Time | None


class Versions(Struct):
    """The versions that a drawing can be shown to, oldest first."""

    newest: int
    versions: list[VersionLine]


class RetrainedGuesses(Struct):
    """The three likeliest digits of each retrained net, likeliest first."""

    fnn_retrained: TopThree
    cnn_retrained: TopThree


class PastPrediction(VersionLine):
    """What a stored version says of a drawing."""

    answer: DigitText | None
    models: RetrainedGuesses


class PastPredictions(Struct):
    """What every stored version says of a drawing, oldest first."""

    versions: list[PastPrediction]


class DrawingAlone(Struct):
    """A drawing to be shown to every version."""

    imageBase64: Picture


class Change(Struct):
    """A net's probability of the label before it learned the drawing, and after."""

    before: Share
    after: Share


class Receipt(Struct):
    """What learning the drawing changed, by net."""

    fnn_retrained: Change
    cnn_retrained: Change


class Outcome(Struct):
    """What became of a label."""

    drawing: Annotated[UUID, Meta(description="Its id, for /drawings/{id}.")]
    object: Annotated[str, Meta(description="Where its picture lies in the object store.")]
    state: Annotated[State, Meta(description="Queued ones are learned soon: ask again.")]
    version: Annotated[int, Meta(description="That it made, or else the newest.")]
    receipt: Annotated[Receipt | None, Meta(description="Null until it is trained.")]
    reason: Annotated[str | None, Meta(description="Why it was rejected, where it was.")]


DIGITS = [0.001, 0.012, 0.0, 0.001, 0.001, 0.0, 0.0, 0.981, 0.0, 0.004]


def _guesses() -> list[Guess]:
    return [Guess(7, 0.981), Guess(1, 0.012), Guess(9, 0.004)]


def _past(number: int, kind: Literal["original", "lesson"]) -> PastPrediction:
    said = RetrainedGuesses(_guesses(), _guesses())
    return PastPrediction(number, kind, MADE if number else None, "7", said)


def _outcome(state: State) -> Outcome:
    receipt = Receipt(Change(0.31, 0.44), Change(0.52, 0.97))
    learned = state == State.TRAINED
    name = f"drawings/7/{DRAWING}.png"
    return Outcome(UUID(DRAWING), name, state, 13, receipt if learned else None, None)


NO_DRAWING = {422: "Nothing is drawn."}
TAKEN = {409: "The key was sent before, with another label or picture."}
FULL = {507: "The disk is nearly full."}
STORING = NO_DRAWING | TAKEN | JOURNAL_AWAY | FULL
BUSY = {
    503: "Too many large pictures, or looks at older versions, come at once; or the store is away."
}

AREA = Area(
    "Draw and label",
    "What the drawing page asks for: answers, and what becomes of a label.",
    {
        "drawing.index": Operation(PAGE),
        "drawing.contribute": Operation(PAGE),
        "drawing.predict": Operation(
            Prediction(
                "7",
                "",
                "",
                12,
                DIGITS,
                Guesses(_guesses(), _guesses(), _guesses(), _guesses()),
                ANSWERED,
            ),
            takes=Drawing(DATA_URL),
            form=DrawingForm,
            otherwise=NO_DRAWING | BUSY | {404: "The version is not stored."},
        ),
        "drawing.train": Operation(
            _outcome(State.TRAINED),
            takes=LabelledDrawing(DATA_URL, 7),
            form=LabelledDrawingForm,
            otherwise=STORING,
        ),
        "drawing.collect": Operation(
            _outcome(State.COLLECTED),
            takes=LabelledDrawing(DATA_URL, 7),
            form=LabelledDrawingForm,
            otherwise=STORING,
        ),
        "drawing.outcome": Operation(
            _outcome(State.TRAINED),
            parameters={"id": Parameter("What /train answered as `drawing`.", DRAWING, UUID)},
            otherwise=JOURNAL_AWAY | {404: "There is no such drawing."},
        ),
        "drawing.versions": Operation(
            Versions(13, [VersionLine(0, "original", None), VersionLine(13, "lesson", MADE)]),
            otherwise=JOURNAL_AWAY,
        ),
        "drawing.through_versions": Operation(
            PastPredictions([_past(0, "original"), _past(13, "lesson")]),
            takes=DrawingAlone(DATA_URL),
            form=DrawingAlone,
            otherwise=NO_DRAWING | BUSY,
        ),
    },
)
