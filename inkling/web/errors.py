"""Every error in one form: what is wrong, and what to do about it."""

import traceback

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from inkling.journal.database import JournalUnavailable, RowConflict
from inkling.settings import ROOT
from inkling.storage.base import StoreUnavailable
from inkling.web.bad_input import BadInput
from inkling.web.error_page import error_answer
from inkling.web.languages import SAY
from inkling.words import marked

JOURNAL_AWAY = marked(
    "The journal does not answer. Try again in a moment; with the same key nothing is stored twice."
)
STORE_AWAY = marked("The server cannot read or write its files. Try again in a moment.")
REMEDIES = {
    400: marked("The request cannot be read. Send a form or one JSON object."),
    404: marked("There is no such page. Start at /."),
    405: marked("This address does not take %(method)s. Use %(allowed)s."),
    413: marked("The request is too large. Send a smaller picture."),
    429: marked("Too many requests. Wait a moment and try again."),
    500: marked("Something went wrong on the server. Try again; nothing was lost."),
}

blueprint = Blueprint("errors", __name__)


@blueprint.app_errorhandler(BadInput)
def show_bad_input(error: BadInput) -> ResponseReturnValue:
    """Answer what a view refuses, in its own words."""
    response = error_answer(str(error), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@blueprint.app_errorhandler(HTTPException)
def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer every other error in the one form; let redirects pass."""
    code = error.code or 500
    if code < 400:
        return error
    if code == 404 and (path := _without_its_slash()):
        return redirect(path, 308)
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    if code in REMEDIES:
        message = SAY.text(REMEDIES[code], method=request.method, allowed=allowed)
    else:
        message = f"{error.name}. Check the request."
    response = error_answer(message, code)
    if allowed:
        response.headers["Allow"] = allowed
    if again := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(again)
    return response


def _without_its_slash() -> str | None:
    """Return the address that was meant where a slash at the end is all that is wrong with it."""
    path = request.path.rstrip("/")
    adapter = current_app.create_url_adapter(request)
    if path == request.path or not path or adapter is None:
        return None
    try:
        adapter.match(path, method=request.method)
    except (HTTPException, RequestRedirect):
        return None
    query = request.query_string.decode("latin-1")
    return request.root_path + path + (f"?{query}" if query else "")


@blueprint.app_errorhandler(RowConflict)
@blueprint.app_errorhandler(JournalUnavailable)
def show_journal_trouble(error: RowConflict | JournalUnavailable) -> ResponseReturnValue:
    """Answer 503 where the database fails; the log tells why, without what was to be stored."""
    _log("A request fails", error, error.message)
    return error_answer(SAY.text(JOURNAL_AWAY), 503)


@blueprint.app_errorhandler(StoreUnavailable)
@blueprint.app_errorhandler(OSError)
def show_file_trouble(error: OSError) -> ResponseReturnValue:
    """Answer 503 where a file or the object store fails."""
    _log("A file or the object store fails", error, f"{type(error).__name__}: {error}")
    return error_answer(SAY.text(STORE_AWAY), 503)


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
