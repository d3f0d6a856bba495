"""What a request posted, checked field by field: a picture, a digit, pen strokes, a key."""

import codecs
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from functions import (
    FloatArray,
    Grey,
    ImageError,
    ImageTooLarge,
    decode_image,
    process_image,
)
from inkling.errors import InvalidInput
from inkling.records import NOT_A_DIGIT
from inkling.settings import Settings
from inkling.web.concurrency import ConcurrencyLimit, Overloaded

NO_DIGIT = "none"  # what `digit` says of a drawing that is none
MAX_STROKES = 200
MAX_POINTS = 20_000
MAX_OWN = 100  # drawings that are read again at once, some 2 ms each
MAX_COORDINATE = 10**9  # milliseconds and pixels stay far below
PLACES = 3  # of a coordinate that are stored; some programs draw between 0 and 1
# 20,000 points have 60,000 numbers. Ten megabytes of empty lists would take 300 MB of memory.
MAX_JSON_PARTS = 100_000
MAX_FORM_FIELDS = 100  # five are read; a field costs far more memory than its bytes
_JSON = "The body is not valid JSON. Send one JSON object."
_NO_OBJECT = "The body is no JSON object.", "Send one with the fields that /api tells of."

Fields = Mapping[str, Any]
Strokes = list[list[list[float]]]
_RANGE = msgspec.Meta(ge=-MAX_COORDINATE, le=MAX_COORDINATE)
_Axis = Annotated[
    list[Annotated[int, _RANGE] | Annotated[float, _RANGE]], msgspec.Meta(min_length=1)
]
_Stroke = Annotated[list[_Axis], msgspec.Meta(min_length=2, max_length=3)]
# A field's text is parsed by itself: what it is, only its reader knows.
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class BadInput(InvalidInput):
    """What was posted cannot be taken. The message says what is wrong and what to do about it.

    retry_after: seconds after which the same may be taken; None: it will not be.
    """

    def __init__(
        self, message: str, remedy: str = "", status: int = 400, retry_after: int | None = None
    ) -> None:
        super().__init__(message, remedy)
        self.status, self.retry_after = status, retry_after


@dataclass(frozen=True)
class Picture:
    """A posted picture: its grey levels, and the digit that the nets see in it."""

    grey: Grey
    digit: FloatArray


def fields(request: Request) -> Mapping[str, Any]:
    """Return the posted fields, from JSON or a form."""
    if request.mimetype == "multipart/form-data":
        return request.form.to_dict()  # its parts and their size are limited by werkzeug
    body = _body(request)
    if not request.is_json:
        _check_count("form", body.count(b"&"), MAX_FORM_FIELDS, "fields")
        return request.form.to_dict()
    return _parsed_object(body)


def _body(request: Request) -> bytes:
    """Return the posted bytes. Raises RequestEntityTooLarge where they reach the limit.

    Where their number was not announced (chunked), werkzeug leaves out what is beyond its limit and
    says nothing.
    """
    body = request.get_data()
    if request.max_content_length is not None and len(body) >= request.max_content_length:
        raise RequestEntityTooLarge()
    return body


def _parsed_object(body: bytes) -> dict[str, Any]:
    """Return the fields of a JSON object. Raises BadInput for any other body."""
    _check_parts(body)
    try:
        found = _object.decode(body.removeprefix(codecs.BOM_UTF8))
    except msgspec.ValidationError as error:
        raise BadInput(*_NO_OBJECT) from error
    except (ValueError, RecursionError) as error:  # as msgspec.DecodeError is
        raise BadInput(_JSON) from error
    return {name: _value(text, _JSON) for name, text in found.items()}


def _value(text: msgspec.Raw | str, refusal: str) -> Any:
    """Return the value of a JSON text; -0 keeps its sign, so that it does not pass for a 0."""
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(refusal) from error
    if found == 0 and text == msgspec.Raw(b"-0"):
        return -0.0
    return found


def _check_parts(text: bytes | str) -> None:
    """Raise BadInput for a JSON text of so many parts that their values would fill the memory."""
    kinds: Any = (b"[", b"{", b",") if isinstance(text, bytes) else ("[", "{", ",")
    _check_count("JSON", sum(map(text.count, kinds)), MAX_JSON_PARTS, "parts")


def _check_count(what: str, count: int, most: int, parts: str) -> None:
    if count > most:
        raise BadInput(f"The {what} has more than {most:,} {parts}.", "Send fewer.", status=413)


def picture(
    posted: Mapping[str, Any],
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
            f"The field {field} is missing." if text is None else f"The field {field} is no text.",
            "Send the picture there, as a data URL or in base64 alone.",
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
            "Nothing is drawn.", "Draw a digit, dark on light, and send it again.", status=422
        )
    return Picture(grey, digit)


def label(posted: Mapping[str, Any]) -> int:
    """Return the label in `digit`: a whole number or its text; "none" is NOT_A_DIGIT."""
    digit = posted.get("digit")
    if digit == NO_DIGIT:
        return NOT_A_DIGIT
    text = _number_text(digit)
    if isinstance(digit, bool) or not re.fullmatch("[0-9]", text, re.ASCII):
        raise BadInput(f"The digit is {text[:20]!r}.", "Send one of 0 to 9, or 'none'.")
    return int(text)


def one_of(name: str, value: Any, there: Sequence[str]) -> str:
    """Return what a field says, which must be one of a few words."""
    if value not in there:
        raise BadInput(f"The {name} is {str(value)[:20]!r}.", f"Send one of {', '.join(there)}.")
    return str(value)


def _number_text(value: Any) -> str:
    """Return a number, or its text, as text; 7.0 is 7, as JSON has it, and -0.0 is no 0."""
    if isinstance(value, float) and value.is_integer() and not str(value).startswith("-"):
        value = int(value)
    return str(value).strip()


def strokes(posted: Mapping[str, Any]) -> Strokes | None:
    """Return the pen strokes in `strokes`, where the page sent them: [[[x…], [y…], [t…]], …].

    They are rounded to three places: a point takes 20 bytes, and not 60.
    """
    found = posted.get("strokes")
    if isinstance(found, str) and found:
        _check_parts(found)
        found = _value(found, "The strokes are not valid JSON. " + _STROKES_REMEDY)
    if found is None or found == "":
        return None
    try:
        strokes = msgspec.convert(found, list[_Stroke])
    except msgspec.ValidationError as error:
        raise BadInput("The strokes are not of their form.", _STROKES_REMEDY) from error
    if any(len(axis) != len(stroke[0]) for stroke in strokes for axis in stroke):
        raise BadInput("The strokes are not of their form.", _STROKES_REMEDY)
    if len(strokes) > MAX_STROKES or sum(len(stroke[0]) for stroke in strokes) > MAX_POINTS:
        raise BadInput(
            f"The drawing has more than {MAX_STROKES} strokes or {MAX_POINTS:,} points.",
            "Send fewer, or none.",
            status=413,
        )
    return [[np.round(axis, PLACES).tolist() for axis in stroke] for stroke in strokes]


def secret(posted: Mapping[str, Any]) -> str | None:
    """Return what alone proves whose the drawing is, where it was sent: 22 to 64 letters."""
    text = posted.get("secret")
    if text is None or text == "":
        return None
    if not isinstance(text, str) or not re.fullmatch(r"[\w-]{22,64}", text, re.ASCII):
        raise BadInput(
            "The secret is not of its form.",
            "Send 22 to 64 random letters, digits, - and _, or leave it out.",
        )
    return text


def drawings(posted: Mapping[str, Any]) -> list[str]:
    """Return the ids of drawings in `drawings`, a list of UUIDs, each once."""
    try:
        found = msgspec.convert(posted.get("drawings"), list[uuid.UUID])
    except msgspec.ValidationError as error:
        raise BadInput("The field drawings is no list of ids.", "Send UUIDs.") from error
    if len(found) > MAX_OWN:
        raise BadInput(f"These are more than {MAX_OWN} drawings.", "Send fewer.", status=413)
    return [*dict.fromkeys(map(str, found))]


_STROKES_REMEDY = "Send [[[x…], [y…], [t…]], …] with as many x as y as t, or leave them out."


def version(posted: Mapping[str, Any]) -> int | None:
    """Return the version in `version` that shall answer, a whole number; None for the newest."""
    number = posted.get("version")
    if number is None or number == "":
        return None
    text = _number_text(number)
    if isinstance(number, bool) or not re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        raise BadInput(f"The version is {text[:20]!r}.", "Send a whole number, or leave it out.")
    return int(text)


def key(posted: Mapping[str, Any]) -> str:
    """Return the drawing's id: the `key` that was sent, a UUID, or a new one."""
    text = posted.get("key")
    if text is None or text == "":
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError) as error:
        raise BadInput(
            f"The key is {str(text)[:50]!r}.", "Send a UUID, or leave it out."
        ) from error
