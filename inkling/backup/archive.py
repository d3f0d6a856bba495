"""A backup's file: a zip of members with a manifest of their hashes."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

from inkling.errors import InvalidInput

FORMAT = 1
MANIFEST = "manifest.json"
COMPRESSION = 1  # the fastest: most of a row are pictures, which get no smaller
CHUNK = 1 << 20  # bytes that are hashed at once
LONGEST_MANIFEST = 16 << 20  # bytes; a damaged length must not fill the memory


class BadBackup(InvalidInput):
    """The file is no backup, or a damaged one. The message says which and what to do."""


class ArchiveWriter:
    """Writes members one after another; `finish` makes a backup of them. For a with-block."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        file.truncate()
        self._zip = zipfile.ZipFile(file, "w", compresslevel=COMPRESSION)
        self._members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, chunks: Iterable[bytes], *, compress: bool) -> None:
        """Add a member of any length, written as it comes."""
        self._zip.compression = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        hashed, length = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member, ThreadPoolExecutor(1) as pool:
            writing = pool.submit(member.write, b"")
            for content in _joined(chunks):
                length += len(content)
                hashed.update(content)
                writing.result()
                writing = pool.submit(member.write, content)  # compressed while the next is made
            writing.result()
        self._members[name] = {"sha256": hashed.hexdigest(), "bytes": length}

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write the manifest: what the backup is of, and its members' hashes."""
        manifest = {"format": FORMAT, **about, "members": self._members}
        self._zip.writestr(MANIFEST, json.dumps(manifest, indent=1), zipfile.ZIP_DEFLATED)
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            # Else it would write its end when it is collected, perhaps into the next attempt.
            with suppress(OSError, ValueError):
                self._zip.close()


def _joined(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of CHUNK bytes at least."""
    found, length = list[bytes](), 0
    for chunk in chunks:
        found.append(chunk)
        length += len(chunk)
        if length >= CHUNK:
            yield b"".join(found)
            found, length = [], 0
    yield b"".join(found)


class ArchiveReader:
    """Reads a backup, which is checked from first to last byte before anything is given out."""

    def __init__(self, path: Path) -> None:
        """Open and check a backup.

        Raises BadBackup for a file that is damaged or no backup, OSError where there is none.
        """
        self._path, self._file = path, path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
            self.manifest = self._read_manifest()
            self._check_members()
        except BadBackup:
            self.close()
            raise
        except Exception as error:  # zipfile raises a dozen kinds for a broken file
            self.close()
            raise self._bad(
                f"it cannot be read as one ({error or type(error).__name__})"
            ) from error

    def _read_manifest(self) -> dict[str, Any]:
        if MANIFEST not in self._zip.namelist():
            raise self._bad("it has no manifest")
        if self._zip.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
            raise self._bad("its manifest is too long")
        manifest = json.loads(self._zip.read(MANIFEST))
        if not isinstance(manifest, dict) or "format" not in manifest:
            raise self._bad("its manifest has no format")
        if manifest["format"] != FORMAT:
            raise BadBackup(
                f"{self._path} is a backup of format {manifest['format']!r}; this Inkling "
                f"reads format {FORMAT}.",
                "Restore it with the Inkling that wrote it.",
            )
        return manifest

    def _check_members(self) -> None:
        expected = self.manifest["members"]
        if sorted(self._zip.namelist()) != sorted([MANIFEST, *expected]):
            raise self._bad("members are missing or foreign")
        for name, about in expected.items():
            hashed = hashlib.sha256()
            with self._zip.open(name) as member:
                while chunk := member.read(CHUNK):
                    hashed.update(chunk)
            if hashed.hexdigest() != about["sha256"]:
                raise self._bad(f"{name} is not what was written")

    def _bad(self, why: str) -> BadBackup:
        return BadBackup(
            f"{self._path} is no whole backup: {why}. Nothing was changed.",
            "Use another backup.",
        )

    def names(self) -> set[str]:
        """Return the names of the members."""
        return {*self.manifest["members"]}

    def get(self, name: str) -> bytes:
        """Return a member as a whole."""
        return self._zip.read(name)

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield a member's lines, read as they are asked for."""
        with self._zip.open(name) as member:
            yield from member

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
