"""HTTP Basic: who sends the right password is let in, who tries many wrong ones is stopped."""

import functools
import hashlib
import hmac
from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue

from inkling.web.error_page import error_answer
from inkling.web.rate_limit import failures_limited

FAILURES = "10/minute"  # wrong passwords a client may send

View = Callable[..., ResponseReturnValue]


def is_given(password: str, login: str | None = None) -> bool:
    """Whether the request has this password, and this login where one is asked for.

    How long it takes tells nothing of either.
    """
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    is_right = _same(given.password, password)
    return is_right if login is None else _same(given.username, login) & is_right


def _same(given: str | None, wanted: str) -> bool:
    return hmac.compare_digest(_hash(given or ""), _hash(wanted))


def _hash(text: str) -> bytes:
    """Return a hash of one length for any text, so that the time to compare tells nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def password_required(
    knows: Callable[[], bool], realm: str, refusal: Callable[[], str]
) -> Callable[[View], View]:
    """Mark views that answer only requests of which `knows()` says so; `refusal()` has the words.

    A client that sends many wrong passwords is stopped; a browser's first request sends none.
    """
    challenge = f'Basic realm="{realm}", charset="UTF-8"'

    def guesses_wrong() -> bool:
        return "Authorization" in request.headers and not knows()

    def mark(view: View) -> View:
        @failures_limited(FAILURES, guesses_wrong)
        @functools.wraps(view)
        def guarded(*args: object, **named: object) -> ResponseReturnValue:
            if knows():
                return view(*args, **named)
            response = error_answer(refusal(), 401)
            response.headers["WWW-Authenticate"] = challenge
            return response

        return guarded

    return mark
