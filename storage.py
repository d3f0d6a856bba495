"""The object store: named bytes in a folder, written whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from settings import Settings


class ObjectMissing(KeyError):
    """No object has this name."""


class ObjectStore(Protocol):
    """What every store can do. Names are relative paths with '/', such as 'drawings/7/ab.png'."""

    def put(self, name: str, content: bytes) -> None:
        """Store the content under the name; once this returns, no crash loses it."""

    def get(self, name: str) -> bytes:
        """The content; raises ObjectMissing where there is none."""

    def delete(self, name: str) -> None:
        """Remove the object; it is no error where there is none."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """All names with this prefix. Slow: for repairs, never while somebody waits."""


def open_store(settings: Settings) -> ObjectStore:
    """The object store that the settings choose."""
    return FolderStore(settings.objects_folder, settings.tmp_folder)


class FolderStore:
    """Objects as files below one folder."""

    def __init__(self, folder: Path, tmp: Path) -> None:
        for path in (folder, tmp):
            path.mkdir(parents=True, exist_ok=True)
        self.folder = folder.resolve()
        # A file becomes an object by renaming, which works within one file system only.
        same_device = tmp.stat().st_dev == folder.stat().st_dev
        self._tmp = tmp if same_device else self.folder
        self._tmp = self._tmp.resolve()

    def _path(self, name: str) -> Path:
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder) or path == self.folder:
            raise ValueError(f"{name!r} is no object name. Use a path below the store.")
        return path

    def put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = self._tmp / f"{uuid.uuid4().hex}.part"
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise ObjectMissing(name) from error

    def delete(self, name: str) -> None:
        path = self._path(name)
        path.unlink(missing_ok=True)
        try:
            path.parent.rmdir()
        except OSError:
            pass  # it holds other objects, or is gone already

    def names(self, prefix: str = "") -> Iterator[str]:
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and name.startswith(prefix) and path.suffix != ".part":
                yield name


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
