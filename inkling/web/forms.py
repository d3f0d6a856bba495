"""What a request posted, checked field by field: a picture, a digit, pen strokes, a key."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from functions import (
    FloatArray,
    Grey,
    ImageError,
    ImageTooLarge,
    decode_image,
    process_image,
)
from inkling.records import NOT_A_DIGIT
from inkling.settings import Settings
from inkling.web.bad_input import BadInput
from inkling.web.concurrency import ConcurrencyLimit, Overloaded
from inkling.web.languages import SAY
from inkling.web.posted_fields import Fields, check_parts, value
from inkling.words import marked

NO_DIGIT = "none"  # what `digit` says of a drawing that is none
MAX_STROKES = 200
MAX_POINTS = 20_000
MAX_OWN = 100  # drawings that are read again at once, some 2 ms each
MAX_COORDINATE = 10**9  # milliseconds and pixels stay far below
PLACES = 3  # of a coordinate that are stored; some programs draw between 0 and 1
_STROKES = marked(
    "The strokes are not of their form. Send [[[x…], [y…], [t…]], …] with as many x as y as t, or "
    "leave them out."
)
_STROKES_JSON = marked(
    "The strokes are not valid JSON. Send [[[x…], [y…], [t…]], …] with as many x as y as t, or "
    "leave them out."
)

Strokes = list[list[list[float]]]
_RANGE = msgspec.Meta(ge=-MAX_COORDINATE, le=MAX_COORDINATE)
_Axis = Annotated[
    list[Annotated[int, _RANGE] | Annotated[float, _RANGE]], msgspec.Meta(min_length=1)
]
_Stroke = Annotated[list[_Axis], msgspec.Meta(min_length=2, max_length=3)]


@dataclass(frozen=True)
class Picture:
    """A posted picture: its grey levels, and the digit that the nets see in it."""

    grey: Grey
    digit: FloatArray


def picture(
    posted: Fields,
    settings: Settings,
    large: ConcurrencyLimit,
    field: str = "imageBase64",
    min_side: int = 1,
) -> Picture:
    """Return the picture in a field; a large one is decoded in its turn.

    Raises BadInput, also for one of which a side has fewer than `min_side` pixels.
    """
    text = posted.get(field)
    if not isinstance(text, str):
        raise BadInput(
            SAY.text("The field %(field)s is missing.", field=field)
            if text is None
            else SAY.text("The field %(field)s is no text.", field=field),
            SAY.text("Send the picture there, as a data URL or in base64 alone."),
        )
    try:
        grey = decode_image(
            text,
            max_bytes=settings.max_image_bytes,
            max_pixels=settings.max_image_pixels,
            min_side=min_side,
            large=large.one(),
        )
    except Overloaded as error:
        raise BadInput(error.message, error.remedy, 503, error.retry_after) from error
    except ImageTooLarge as error:
        raise BadInput(str(error), status=413) from error
    except ImageError as error:
        raise BadInput(str(error)) from error
    digit = process_image(grey)
    if digit is None:
        raise BadInput(
            SAY.text("Nothing is drawn."),
            SAY.text("Draw a digit, dark on light, and send it again."),
            status=422,
        )
    return Picture(grey, digit)


def label(posted: Fields) -> int:
    """Return the label in `digit`: a whole number or its text; "none" is NOT_A_DIGIT."""
    digit = posted.get("digit")
    if digit == NO_DIGIT:
        return NOT_A_DIGIT
    text = _number_text(digit)
    if isinstance(digit, bool) or not re.fullmatch("[0-9]", text, re.ASCII):
        raise BadInput(
            SAY.text("The digit is %(given)s.", given=repr(text[:20])),
            SAY.text("Send one of 0 to 9, or 'none'."),
        )
    return int(text)


def one_of(name: str, value: Any, there: Sequence[str]) -> str:
    """Return what a field says, which must be one of a few words."""
    if value not in there:
        raise BadInput(
            SAY.text("The field %(field)s is %(given)s.", field=name, given=repr(str(value)[:20])),
            SAY.text("Send one of %(words)s.", words=", ".join(there)),
        )
    return str(value)


def _number_text(value: Any) -> str:
    """Return a number, or its text, as text; 7.0 is 7, as JSON has it, and -0.0 is no 0."""
    if isinstance(value, float) and value.is_integer() and not str(value).startswith("-"):
        value = int(value)
    return str(value).strip()


def strokes(posted: Fields) -> Strokes | None:
    """Return the pen strokes in `strokes`, where the page sent them: [[[x…], [y…], [t…]], …].

    They are rounded to three places: a point takes 20 bytes, and not 60.
    """
    found = posted.get("strokes")
    if isinstance(found, str) and found:
        check_parts(found)
        found = value(found, _STROKES_JSON)
    if found is None or found == "":
        return None
    try:
        strokes = msgspec.convert(found, list[_Stroke])
    except msgspec.ValidationError as error:
        raise BadInput(SAY.text(_STROKES)) from error
    if any(len(axis) != len(stroke[0]) for stroke in strokes for axis in stroke):
        raise BadInput(SAY.text(_STROKES))
    if len(strokes) > MAX_STROKES or sum(len(stroke[0]) for stroke in strokes) > MAX_POINTS:
        raise BadInput(
            SAY.text(
                "The drawing has more than %(strokes)s strokes or %(points)s points.",
                strokes=SAY.number(MAX_STROKES),
                points=SAY.number(MAX_POINTS),
            ),
            SAY.text("Send fewer, or none."),
            status=413,
        )
    return [[np.round(axis, PLACES).tolist() for axis in stroke] for stroke in strokes]


def secret(posted: Fields) -> str | None:
    """Return what alone proves whose the drawing is, where it was sent: 22 to 64 letters."""
    text = posted.get("secret")
    if text is None or text == "":
        return None
    if not isinstance(text, str) or not re.fullmatch(r"[\w-]{22,64}", text, re.ASCII):
        raise BadInput(
            SAY.text("The secret is not of its form."),
            SAY.text("Send 22 to 64 random letters, digits, - and _, or leave it out."),
        )
    return text


def drawings(posted: Fields) -> list[str]:
    """Return the ids of drawings in `drawings`, a list of UUIDs, each once."""
    try:
        found = msgspec.convert(posted.get("drawings"), list[uuid.UUID])
    except msgspec.ValidationError as error:
        raise BadInput(
            SAY.text("The field %(field)s is no list of ids.", field="drawings"),
            SAY.text("Send UUIDs."),
        ) from error
    if len(found) > MAX_OWN:
        raise BadInput(
            SAY.text("These are more than %(most)s drawings.", most=MAX_OWN),
            SAY.text("Send fewer."),
            status=413,
        )
    return [*dict.fromkeys(map(str, found))]


def version(posted: Fields) -> int | None:
    """Return the version in `version` that shall answer, a whole number; None for the newest."""
    number = posted.get("version")
    if number is None or number == "":
        return None
    text = _number_text(number)
    if isinstance(number, bool) or not re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        raise BadInput(
            SAY.text("The version is %(given)s.", given=repr(text[:20])),
            SAY.text("Send a whole number, or leave it out."),
        )
    return int(text)


def key(posted: Fields) -> str:
    """Return the drawing's id: the `key` that was sent, a UUID, or a new one."""
    text = posted.get("key")
    if text is None or text == "":
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError) as error:
        raise BadInput(
            SAY.text("The key is %(given)s.", given=repr(str(text)[:50])),
            SAY.text("Send a UUID, or leave it out."),
        ) from error
