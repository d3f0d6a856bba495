"""A request's body as fields, from JSON or a form, within what memory can bear."""

import codecs
from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from inkling.web.bad_input import BadInput
from inkling.web.languages import SAY
from inkling.words import marked

# 20,000 points have 60,000 numbers. Ten megabytes of empty lists would take 300 MB of memory.
MAX_JSON_PARTS = 100_000
MAX_FORM_FIELDS = 100  # five are read; a field costs far more memory than its bytes
BAD_JSON = marked("The body is not valid JSON. Send one JSON object.")
NO_OBJECT = marked("The body is no JSON object. Send one with the fields that /api tells of.")
LONG_FORM = marked("The form has more than %(most)s fields.")
LONG_JSON = marked("The JSON has more than %(most)s parts.")

Fields = Mapping[str, Any]
# A field's text is parsed by itself: what it is, only its reader knows.
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def fields(request: Request) -> Fields:
    """Return the posted fields, from JSON or a form."""
    if request.mimetype == "multipart/form-data":
        return request.form.to_dict()  # its parts and their size are limited by werkzeug
    body = _body(request)
    if not request.is_json:
        _check_count(LONG_FORM, body.count(b"&"), MAX_FORM_FIELDS)
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
    check_parts(body)
    try:
        found = _object.decode(body.removeprefix(codecs.BOM_UTF8))
    except msgspec.ValidationError as error:
        raise BadInput(SAY.text(NO_OBJECT)) from error
    except (ValueError, RecursionError) as error:  # as msgspec.DecodeError is
        raise BadInput(SAY.text(BAD_JSON)) from error
    return {name: value(text, BAD_JSON) for name, text in found.items()}


def value(text: msgspec.Raw | str, refusal: str) -> Any:
    """Return the value of a JSON text; -0 keeps its sign, so that it does not pass for a 0."""
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(SAY.text(refusal)) from error
    if found == 0 and text == msgspec.Raw(b"-0"):
        return -0.0
    return found


def check_parts(text: bytes | str) -> None:
    """Raise BadInput for a JSON text of so many parts that their values would fill the memory."""
    kinds: Any = (b"[", b"{", b",") if isinstance(text, bytes) else ("[", "{", ",")
    _check_count(LONG_JSON, sum(map(text.count, kinds)), MAX_JSON_PARTS)


def _check_count(what: str, count: int, most: int) -> None:
    if count > most:
        raise BadInput(SAY.text(what, most=SAY.number(most)), SAY.text("Send fewer."), status=413)
