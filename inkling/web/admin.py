"""What the operator may download over HTTP, behind ADMIN_PASSWORD: drawings and a backup."""

import functools
import hashlib
import hmac
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from inkling.backup.create import write_backup
from inkling.data.export import export_strokes
from inkling.web.app import current_app
from inkling.web.rate_limit import failures_limited

FAILURES = "10/minute"  # wrong passwords a client may send
CHALLENGE = 'Basic realm="Inkling admin", charset="UTF-8"'

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


def _knows_password() -> bool:
    """Whether the request has the password, with any user's name."""
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    password = current_app.settings.admin_password
    return hmac.compare_digest(_hash(given.password or ""), _hash(password))


def _hash(text: str) -> bytes:
    """Return a hash of one length for any password, so that the time to compare tells nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _guesses_wrong() -> bool:
    """Whether the request tries a wrong password; a browser's first one tries none."""
    return "Authorization" in request.headers and not _knows_password()


def password_required(view: Callable[[], Response]) -> Callable[[], ResponseReturnValue]:
    """Show a view only to clients that send the password; stop one that sends many wrong ones."""

    @failures_limited(FAILURES, _guesses_wrong)
    @functools.wraps(view)
    def guarded() -> ResponseReturnValue:
        if _knows_password():
            return view()
        message = "The password is missing or wrong. Send ADMIN_PASSWORD by HTTP Basic."
        return jsonify(error=message), 401, {"WWW-Authenticate": CHALLENGE}

    return guarded


@blueprint.get("/export")
@password_required
def export() -> Response:
    """Send the drawings as a stroke file."""
    journal = current_app.journal
    return _download("inkling-drawings.ndjson.gz", lambda path: export_strokes(journal, path))


@blueprint.get("/backup")
@password_required
def backup() -> Response:
    """Send a backup of journal and weights."""
    journal, store = current_app.journal, current_app.outbox.store
    return _download("inkling-backup.zip", lambda path: write_backup(journal, store, path))


def _download(name: str, write: Callable[[Path], object]) -> Response:
    """Send the file that `write` writes.

    It has no name any more when it is sent: whatever happens to the connection, nothing stays
    behind.
    """
    tmp = current_app.settings.tmp_folder
    tmp.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="admin-", dir=tmp) as folder:
        path = Path(folder) / name
        write(path)
        file = path.open("rb")
        size = path.stat().st_size
    kind = "application/gzip" if name.endswith(".gz") else "application/zip"
    response = send_file(file, kind, as_attachment=True, download_name=name)
    response.content_length = size
    return response


@blueprint.after_request
def _never_cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
