"""The object store: named bytes in a folder, written whole or not at all."""

import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from settings import Settings

ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
MOVES = 100  # tries to rename a file into a folder that others delete from


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
        part = self._tmp / f"{uuid.uuid4().hex}.part"
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._move(part, path)
        finally:
            part.unlink(missing_ok=True)

    def _move(self, part: Path, path: Path) -> None:
        """Rename; again where a `delete` beside us took the empty folder away meanwhile."""
        made = False
        for attempt in range(MOVES):
            made |= not path.parent.is_dir()
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                part.replace(path)
                break
            except (FileNotFoundError, FileExistsError):
                if attempt == MOVES - 1:
                    raise
        _sync_folder(path.parent)
        if made:
            for ancestor in path.parent.relative_to(self.folder).parents:
                _sync_folder(self.folder / ancestor)

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except ABSENT as error:
            raise ObjectMissing(name) from error

    def delete(self, name: str) -> None:
        path = self._path(name)
        try:
            path.unlink()
            if path.parent != self.folder:
                path.parent.rmdir()
        except ABSENT:
            pass  # gone already
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise

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
