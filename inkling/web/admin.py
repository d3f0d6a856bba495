"""What the operator may download over HTTP, behind ADMIN_PASSWORD: datasets and a backup."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, render_template, send_file

from inkling.backup.create import write_backup
from inkling.data.dataset.formats import FORMATS, write_dataset
from inkling.data.export import export_strokes
from inkling.web import basic_auth
from inkling.web.app import current_app

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


password_required = basic_auth.password_required(
    lambda: basic_auth.is_given(current_app.settings.admin_password),
    realm="Inkling admin",
    refusal=lambda: "The password is missing or wrong. Send ADMIN_PASSWORD by HTTP Basic.",
)


@blueprint.get("/")
@password_required
def page() -> str:
    """Show what can be downloaded."""
    return render_template("admin.html", formats=FORMATS)


@blueprint.get(f"/dataset/<any({','.join(FORMATS)}):name>")
@password_required
def dataset(name: str) -> Response:
    """Send the drawings in a format that others read, with a data card, as a zip."""
    return _download(f"inkling-{name}.zip", lambda path: _zip_dataset(name, path))


def _zip_dataset(name: str, path: Path) -> None:
    """Write a dataset as a zip; what it is made of lies beside it until then."""
    folder = path.parent / "dataset"
    folder.mkdir()
    licence = current_app.settings.dataset_license
    write_dataset(current_app.journal, name, folder / f"inkling{FORMATS[name].ending}", licence)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))


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
def never_cached(response: Response) -> Response:
    """Have nobody keep what only the operator may see."""
    response.headers["Cache-Control"] = "no-store"
    return response
