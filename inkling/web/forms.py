"""What a request posted, checked field by field: a picture, a digit, pen strokes, a key."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
MAX_COORDINATE = 1e9  # milliseconds and pixels stay far below
PLACES = 3  # of a coordinate that are stored; some programs draw between 0 and 1
# 20,000 points have 60,000 numbers. Ten megabytes of empty lists would take 300 MB of memory.
MAX_JSON_PARTS = 100_000
MAX_FORM_FIELDS = 100  # four are read; a field costs far more memory than its bytes
Strokes = list[list[list[float]]]


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
    found = _parsed(body, "The body is not valid JSON. Send one JSON object.")
    if not isinstance(found, dict):
        raise BadInput("The body is no JSON object.", 'Send {"imageBase64": …}.')
    return found


def _body(request: Request) -> bytes:
    """Return the posted bytes. Raises RequestEntityTooLarge where they reach the limit.

    Where their number was not announced (chunked), werkzeug leaves out what is beyond its limit and
    says nothing.
    """
    body = request.get_data()
    if request.max_content_length is not None and len(body) >= request.max_content_length:
        raise RequestEntityTooLarge()
    return body


def _parsed(text: bytes | str, refusal: str) -> Any:
    """Return the value of a JSON text. Raises BadInput for no JSON, or for too many parts."""
    kinds: Any = (b"[", b"{", b",") if isinstance(text, bytes) else ("[", "{", ",")
    _check_count("JSON", sum(map(text.count, kinds)), MAX_JSON_PARTS, "parts")
    try:
        return json.loads(text, parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        raise BadInput(refusal) from error


def _whole_number(text: str) -> int | float:
    """Return a whole number of JSON; -0 keeps its sign, so that it does not pass for a 0."""
    return -0.0 if text == "-0" else int(text)


def _check_count(what: str, count: int, most: int, parts: str) -> None:
    if count > most:
        raise BadInput(f"The {what} has more than {most:,} {parts}.", "Send fewer.", status=413)


def picture(posted: Mapping[str, Any], settings: Settings, large: ConcurrencyLimit) -> Picture:
    """Return the picture in `imageBase64`; a large one is decoded in its turn."""
    text = posted.get("imageBase64")
    if not isinstance(text, str):
        raise BadInput(
            "The field imageBase64 is missing.",
            "Send the picture there, as a data URL or in base64 alone.",
        )
    try:
        grey = decode_image(
            text,
            max_bytes=settings.max_image_bytes,
            max_pixels=settings.max_image_pixels,
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
    text = str(digit).strip()
    if isinstance(digit, bool) or not re.fullmatch("[0-9]", text, re.ASCII):
        raise BadInput(f"The digit is {text[:20]!r}.", "Send one of 0 to 9, or 'none'.")
    return int(text)


def strokes(posted: Mapping[str, Any]) -> Strokes | None:
    """Return the pen strokes in `strokes`, where the page sent them: [[[x…], [y…], [t…]], …].

    They are rounded to three places: a point takes 20 bytes, and not 60.
    """
    found = posted.get("strokes")
    if isinstance(found, str):
        refusal = "The strokes are not valid JSON. " + _STROKES_REMEDY
        found = _parsed(found, refusal) if found else None
    if found is None:
        return None
    if not isinstance(found, list) or not all(map(_is_stroke, found)):
        raise BadInput("The strokes are not of their form.", _STROKES_REMEDY)
    if len(found) > MAX_STROKES or sum(len(stroke[0]) for stroke in found) > MAX_POINTS:
        raise BadInput(
            f"The drawing has more than {MAX_STROKES} strokes or {MAX_POINTS:,} points.",
            "Send fewer, or none.",
            status=413,
        )
    return [[[round(value, PLACES) for value in axis] for axis in stroke] for stroke in found]


_STROKES_REMEDY = "Send [[[x…], [y…], [t…]], …] with as many x as y as t, or leave them out."


def _is_stroke(stroke: object) -> bool:
    """Whether this is [[x…], [y…]] or [[x…], [y…], [t…]], of equal lengths and plain numbers."""
    if not isinstance(stroke, list) or len(stroke) not in (2, 3):
        return False
    if not all(isinstance(axis, list) and len(axis) == len(stroke[0]) for axis in stroke):
        return False
    return len(stroke[0]) > 0 and all(_is_number(value) for axis in stroke for value in axis)


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and -MAX_COORDINATE <= value <= MAX_COORDINATE  # type: ignore[operator]


def version(posted: Mapping[str, Any]) -> int | None:
    """Return the version in `version` that shall answer, a whole number; None for the newest."""
    number = posted.get("version")
    if number is None or number == "":
        return None
    text = str(number).strip()
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
