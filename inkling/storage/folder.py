"""The object store in a folder: each object is a file, written whole or not at all."""

import errno
import fcntl
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from inkling.errors import InvalidInput
from inkling.files import PART, make_private, open_private, own_folder, sync_folder
from inkling.storage.base import ObjectMissing, check_name

ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
MOVES = 100  # tries to rename a file into a folder that others delete from


class FolderStore:
    """Objects as files below one folder."""

    remote = False

    def __init__(self, folder: Path, tmp: Path) -> None:
        own_folder(folder)
        tmp.mkdir(parents=True, exist_ok=True)
        self.folder = folder.resolve()
        # A file becomes an object by renaming, which works within one file system only.
        same_device = tmp.stat().st_dev == folder.stat().st_dev
        self._tmp = tmp if same_device else self.folder
        self._tmp = self._tmp.resolve()

    def _path(self, name: str) -> Path:
        check_name(name)
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder):
            raise InvalidInput(
                f"{name!r} is no object name.",
                "A link there leads out of the store.",
            )
        return path

    def put(self, name: str, content: bytes) -> None:
        self._write(name, content, _replace)

    def create(self, name: str, content: bytes) -> bool:
        return self._write(name, content, self._link)

    def _write(self, name: str, content: bytes, place: Callable[[Path, Path], bool]) -> bool:
        """Write a file, whole and lasting; `place` it under the name; return what `place` does."""
        path = self._path(name)
        part = self._tmp / f"{uuid.uuid4().hex}{PART}"
        try:
            with open_private(part) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            return self._move(part, path, place)
        finally:
            part.unlink(missing_ok=True)

    def _link(self, part: Path, path: Path) -> bool:
        """Give the file a name that nothing has; return False where something has it."""
        try:
            path.hardlink_to(part)
        except FileExistsError:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path) from None
            return False
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            return self._rename_alone(part, path)
        return True

    def _rename_alone(self, part: Path, path: Path) -> bool:
        """Do what `_link` does where the file system has no links: one process after the other."""
        with open_private(self._tmp / f"create{PART}") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            return not path.is_file() and _replace(part, path)

    def _move(self, part: Path, path: Path, place: Callable[[Path, Path], bool]) -> bool:
        """Place the file; try again where a `delete` beside us took the empty folder away."""
        made = placed = False
        for attempt in range(MOVES):
            made |= not path.parent.is_dir()
            try:
                make_private(path.parent)
                placed = place(part, path)
                break
            except (FileNotFoundError, FileExistsError):
                if attempt == MOVES - 1:
                    raise
        sync_folder(path.parent)
        if made:
            for ancestor in path.parent.relative_to(self.folder).parents:
                sync_folder(self.folder / ancestor)
        return placed

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
        top = self.folder / prefix.rpartition("/")[0]
        if not top.resolve().is_relative_to(self.folder):
            return
        files = (path for path in top.rglob("*") if path.is_file())
        names = (path.relative_to(self.folder).as_posix() for path in files)
        yield from sorted(n for n in names if n.startswith(prefix) and not n.endswith(PART))


def _replace(part: Path, path: Path) -> bool:
    part.replace(path)
    return True
