"""The words in which an area describes its endpoints: operations, parameters, what is no JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

# A 7, 28×28, in examples of what is posted; in a program its place is taken by a file.
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcAQAAAABaduI5AAAARUlEQVR42mP8z8DwkYmBgYEBg2DkYGBiYPgD4bIw/D8B"
    "l4WyGP7/l/8AE1NgYGL4D9f7zwGm5Md/mJKfcFk+LLYxMDAAALXQEBGd35MiAAAAAElFTkSuQmCC"
)
DATA_URL = "data:image/png;base64," + PICTURE
ANSWERED = "data:image/png;base64,iVBORw0KGgo…"  # in examples of what is answered
Time = Annotated[datetime, msgspec.Meta(tz=True)]
MADE = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)  # in examples

# Statuses that many endpoints answer with, beside those that follow from their marks.
JOURNAL_AWAY = {503: "The journal or the object store does not answer now."}
NOT_CHANGED = {304: "What the client has, by its ETag, is the newest."}


@dataclass(frozen=True)
class File:
    """An answer that is no JSON: its media type, and the file's name where it is a download."""

    media_type: str
    about: str
    name: str = ""


@dataclass(frozen=True)
class Parameter:
    """A part of an endpoint's address. One that is in its rule is required, others are a query.

    type: any that msgspec knows, as Annotated[str, Meta(pattern=…)].
    """

    about: str
    example: Any
    type: Any = str


@dataclass(frozen=True)
class Operation:
    """What the document says of an endpoint that its view does not say itself.

    The view's docstring is the summary; its marks (how it is limited, whether other sites may call
    it) and its methods tell the rest. `answer` and `takes` are examples, and their types are the
    schemas: what is answered with 200, what is posted as JSON. form: how the same is posted as a
    form. password: the name in PASSWORDS of what it is behind. otherwise: further statuses.
    """

    answer: msgspec.Struct | File
    about: str = ""
    takes: msgspec.Struct | None = None
    form: type[msgspec.Struct] | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    password: str | None = None
    otherwise: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Area:
    """What belongs together: a title, what it is about, and operations by Flask's endpoint."""

    title: str
    about: str
    operations: Mapping[str, Operation]


class Error(msgspec.Struct):
    """What every refusal looks like: what is wrong, and what to do about it."""

    error: str


PAGE = File("text/html", "A page for people.")
REFUSED = {401: "The password is missing or wrong."}


@dataclass(frozen=True)
class Password:
    """HTTP Basic: who is let in; for examples a user, or `$` and a variable, and the password's."""

    about: str
    user: str
    variable: str


PASSWORDS = {
    "admin": Password(
        "Any user, and ADMIN_PASSWORD. Of wrong ones, ten a minute are answered.",
        "operator",
        "ADMIN_PASSWORD",
    ),
    "networks": Password(
        "API_LOGIN and API_PASSWORD; where these are not set, test_nn and lenet, from the server’s "
        "own machine alone. Of wrong ones, ten a minute are answered.",
        "$API_LOGIN",
        "API_PASSWORD",
    ),
}
