"""What the tests of backups share: empty places, a full one, its backup."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from inkling.backup.create import write_backup
from testing.places import Opener, Place, fill, open_place


@pytest.fixture
def open_at(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens empty places, each below a folder of its own."""
    numbers = itertools.count()
    with ExitStack() as stack:
        yield lambda kind="SQLite", s3=False: stack.enter_context(
            open_place(kind, tmp_path / f"place {next(numbers)}", request, s3)
        )


@pytest.fixture
def full(open_at: Opener) -> Place:
    place = open_at()
    fill(place)
    return place


@pytest.fixture
def saved(full: Place, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    write_backup(full.journal, full.store, path)
    return path
