"""Every error in one shape, {"error": …}: what is wrong, and what to do about it."""

import traceback

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from inkling.journal.database import JournalUnavailable, RowConflict
from inkling.settings import ROOT
from inkling.storage.base import StoreUnavailable
from inkling.web.forms import BadInput

JOURNAL_AWAY = (
    "The journal does not answer. Try again in a moment; with the same key nothing is stored twice."
)
STORE_AWAY = "The server cannot read or write its files. Try again in a moment."
REMEDIES = {
    400: "The request cannot be read. Send a form or one JSON object.",
    404: "There is no such page. Start at /.",
    405: "This address does not take {method}. Use {allowed}.",
    413: "The request is too large. Send a smaller picture.",
    429: "Too many requests. Wait a moment and try again.",
    500: "Something went wrong on the server. Try again; nothing was lost.",
}

blueprint = Blueprint("errors", __name__)


@blueprint.app_errorhandler(BadInput)
def show_bad_input(error: BadInput) -> ResponseReturnValue:
    """Answer what a view refuses, in its own words."""
    again = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return jsonify(error=str(error)), error.status, again


@blueprint.app_errorhandler(HTTPException)
def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer every other error in the one shape; let redirects pass."""
    code = error.code or 500
    if code < 400:
        return error
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    remedy = REMEDIES.get(code, f"{error.name}. Check the request.")
    response = jsonify(error=remedy.format(method=request.method, allowed=allowed))
    if allowed:
        response.headers["Allow"] = allowed
    if again := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(again)
    return response, code


@blueprint.app_errorhandler(RowConflict)
@blueprint.app_errorhandler(JournalUnavailable)
def show_journal_trouble(error: RowConflict | JournalUnavailable) -> ResponseReturnValue:
    """Answer 503 where the database fails; the log tells why, without what was to be stored."""
    _log("A request fails", error, error.message)
    return jsonify(error=JOURNAL_AWAY), 503


@blueprint.app_errorhandler(StoreUnavailable)
@blueprint.app_errorhandler(OSError)
def show_file_trouble(error: OSError) -> ResponseReturnValue:
    """Answer 503 where a file or the object store fails."""
    _log("A file or the object store fails", error, f"{type(error).__name__}: {error}")
    return jsonify(error=STORE_AWAY), 503


def _log(what: str, error: BaseException, why: str) -> None:
    """Log one line with where it happened; never the exception's own text: it may hold data.

    Only a bug, which is no error of these kinds, has its traceback in the log.
    """
    path = request.path.encode("unicode_escape").decode("ascii")  # it may hold the end of a line
    line = why.partition("\n")[0]
    where = _where(error)
    current_app.logger.error("%s at %s %s: %s (%s)", what, request.method, path, line, where)


def _where(error: BaseException) -> str:
    """Return the last place in this project's own code that an error came through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = frame.filename.removeprefix(f"{ROOT}/")
        if path != frame.filename and not path.startswith("."):
            return f"{path}, line {frame.lineno}"
    return "outside of Inkling"
