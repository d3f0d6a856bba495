"""The files in static/: read and compressed once, under addresses that name their content.

A page asks for `/static/<version>/js/main.js`, where the version is of all files together: a
browser keeps them for good, and scripts that import each other are always of one version. Without
it (`/static/favicon.svg`), or with that of another process while an update is under way, it asks
every time whether a file has changed.
"""

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, request, url_for

from inkling.web.compression import compressed, is_text, wanted_encoding

VERSION = re.compile(r"(?:([0-9a-f]{12})/)?(.*)", re.DOTALL)  # then a file's name
FOR_GOOD = 365 * 24 * 3600  # seconds
MIMETYPES = {  # whatever this machine's list says
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True)
class File:
    """A file as it is served."""

    name: str
    content: bytes
    mimetype: str
    tag: str  # of its content


class StaticFiles:
    """All files of a folder, by their names within it."""

    def __init__(self, folder: Path, changes: bool = False) -> None:
        """Read them; where they change meanwhile, as in development, read them every time."""
        self._folder, self._changes = folder, changes
        self._files = _read(folder)
        digest = hashlib.sha256()
        for name, file in self._files.items():
            digest.update(f"{name} {file.tag}\n".encode())
        self.version = digest.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Return where a page finds a file. Raises KeyError where there is none."""
        path = name if self._changes else f"{self.version}/{self._files[name].name}"
        return url_for("static", path=path)

    def answer(self, path: str) -> Response:
        """Answer a request for a file."""
        version, name = VERSION.fullmatch(path).groups()  # type: ignore[union-attr]
        files = _read(self._folder) if self._changes else self._files
        response = _response(files.get(name) or abort(404))
        response.cache_control.public = True
        if version == self.version and not self._changes:
            response.cache_control.max_age, response.cache_control.immutable = FOR_GOOD, True
        else:
            response.cache_control.no_cache = True
        response.make_conditional(request)
        return response


def serve_static_files(app: Flask, folder: Path, changes: bool) -> StaticFiles:
    """Have an app serve a folder at /static/, and its templates ask `static(name)`."""
    files = StaticFiles(folder, changes)
    app.add_url_rule("/static/<path:path>", "static", files.answer)
    app.jinja_env.globals["static"] = files.address
    return files


def _read(folder: Path) -> dict[str, File]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = [_file(path.relative_to(folder).as_posix(), path) for path in paths]
    return {file.name: file for file in files}


def _file(name: str, path: Path) -> File:
    content = path.read_bytes()
    guessed = MIMETYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return File(name, content, guessed or "text/plain", hashlib.sha256(content).hexdigest()[:16])


def _response(file: File) -> Response:
    encoding = wanted_encoding() if is_text(file.mimetype) else None
    content = _compressed(file.content, encoding) if encoding else file.content
    response = Response(content, mimetype=file.mimetype)
    response.set_etag(f"{file.tag}-{encoding}" if encoding else file.tag)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if is_text(file.mimetype):
        response.vary.add("Accept-Encoding")
    return response


@lru_cache(maxsize=256)
def _compressed(content: bytes, encoding: str) -> bytes:
    return compressed(content, encoding, best=True)
