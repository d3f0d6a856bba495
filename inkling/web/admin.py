"""What the operator may download over HTTP, behind ADMIN_PASSWORD: drawings and a backup."""

import functools
import hashlib
import hmac
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from inkling.journal.outbox import Outbox
from inkling.settings import Settings
from inkling.web.rate_limit import limit_failures

FAILURES = "10/minute"  # wrong passwords a client may send
CHALLENGE = 'Basic realm="Inkling admin", charset="UTF-8"'


def add_admin(app: Flask, settings: Settings, outbox: Outbox) -> None:
    """Add the addresses under /admin/, where a password is set; without one there are none."""
    if not settings.admin_password:
        return
    limited = limit_failures(app, settings, FAILURES, functools.partial(_guesses_wrong, settings))

    def add(name: str, write: Callable[[Path], object], file: str) -> None:
        def view() -> ResponseReturnValue:
            if not _knows_password(settings):
                return _refusal()
            return _download(settings.tmp_folder, write, file)

        # Each is limited under its own name: the limiter keeps its books by it.
        view.__name__ = view.__qualname__ = f"admin_{name}"
        app.add_url_rule(f"/admin/{name}", f"admin_{name}", limited(view))

    add("export", functools.partial(_write_export, outbox), "inkling-drawings.ndjson.gz")
    add("backup", functools.partial(_write_backup, outbox), "inkling-backup.zip")
    app.after_request(_never_cached)


def _write_export(outbox: Outbox, path: Path) -> None:
    from inkling.data.export import export_strokes

    export_strokes(outbox.journal, path)


def _write_backup(outbox: Outbox, path: Path) -> None:
    from inkling.backup.create import write_backup

    write_backup(outbox.journal, outbox.store, path)


def _knows_password(settings: Settings) -> bool:
    """Whether the request has the password, with any user's name."""
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    return hmac.compare_digest(_hash(given.password or ""), _hash(settings.admin_password))


def _hash(text: str) -> bytes:
    """Of equal length for every password, so that the time to compare tells nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _guesses_wrong(settings: Settings) -> bool:
    """Whether the request tries a wrong password; a browser's first one tries none."""
    return "Authorization" in request.headers and not _knows_password(settings)


def _refusal() -> ResponseReturnValue:
    message = "The password is missing or wrong. Send ADMIN_PASSWORD by HTTP Basic."
    return jsonify(error=message), 401, {"WWW-Authenticate": CHALLENGE}


def _download(tmp: Path, write: Callable[[Path], object], name: str) -> Response:
    """The file that `write` writes. It has no name any more when it is sent: whatever happens to
    the connection, nothing stays behind."""
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


def _never_cached(response: Response) -> Response:
    if request.path.startswith("/admin/"):
        response.headers["Cache-Control"] = "no-store"
    return response
