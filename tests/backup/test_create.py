"""A backup holds everything as it was at one moment; restored anywhere it is the same."""

import itertools
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sql
from click.testing import CliRunner

from inkling import checkpoints
from inkling.backup.create import CannotBackUp, write_backup
from inkling.backup.restore import restore_backup
from inkling.cli.main import inkling
from inkling.errors import InvalidInput
from inkling.history.verify import verify
from inkling.journal.schema import versions
from inkling.settings import ROOT
from testing.places import EMPTY, KINDS, ORIGINALS, Opener, Place, fill, fnn, labelled
from testing.postgres import needs_postgres

# --- round trips ---

PAIRS = [
    ("SQLite", "SQLite"),
    pytest.param("SQLite", "PostgreSQL", marks=needs_postgres),
    pytest.param("PostgreSQL", "SQLite", marks=needs_postgres),
]
STORES = [(False, False), (False, True), (True, False)]  # whether each place has a bucket


@pytest.mark.parametrize(("kinds", "stores"), [*itertools.product(PAIRS[:1], STORES)])
def test_what_is_restored_is_what_was_backed_up(
    open_at: Opener, tmp_path: Path, kinds: tuple[str, str], stores: tuple[bool, bool]
) -> None:
    check_round_trip(open_at, tmp_path, kinds, stores)


@pytest.mark.parametrize(("here", "there"), PAIRS[1:])
@pytest.mark.parametrize("stores", STORES)
def test_a_backup_goes_from_one_database_to_another(
    open_at: Opener, tmp_path: Path, here: str, there: str, stores: tuple[bool, bool]
) -> None:
    check_round_trip(open_at, tmp_path, (here, there), stores)


def check_round_trip(
    open_at: Opener, tmp_path: Path, kinds: tuple[str, str], stores: tuple[bool, bool]
) -> None:
    here, there = (open_at(kind, s3) for kind, s3 in zip(kinds, stores, strict=True))
    fill(here)
    path = tmp_path / "backup.zip"
    written = write_backup(here.journal, here.store, path)
    assert (written.drawings, written.versions, written.newest) == (29, 24, 24)
    assert (written.with_weights, written.size) == (3, path.stat().st_size)
    assert restore_backup(path, there.journal, there.store) == written

    assert there.rows() == here.rows()
    assert there.objects() == here.objects()
    assert set(there.store.names()) == set(there.objects())  # all drawings are to be filed anew
    assert there.outbox.counts().drawings == 29
    there.deliver()
    report = verify(there.outbox, ORIGINALS, fnn, with_drawings=True)
    assert (report.findings, report.version, report.drawings) == ([], 24, 29)

    positions = [row["position"] for row in here.rows()["drawings"]]
    added = there.journal.add(labelled(30))
    there.learn()
    learned = there.journal.find(added.id)
    assert learned is not None
    assert learned.version == 24 + 3 + 1
    assert learned.position is not None
    assert learned.position > max(positions)
    assert verify(there.outbox, ORIGINALS, fnn).findings == []


def test_a_store_behind_a_network_leaves_the_newest_weights_in_the_journal_too(
    open_at: Opener, saved: Path, full: Place
) -> None:
    there = open_at(s3=True)
    restore_backup(saved, there.journal, there.store)
    newest = there.journal.objects(24)
    assert newest is not None
    there.store.delete(newest["fnn"])
    assert there.outbox.get(newest["fnn"]) == full.outbox.get(newest["fnn"])


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_inkling_can_be_backed_up(open_at: Opener, tmp_path: Path, kind: str) -> None:
    here, there, path = open_at(kind), open_at(kind), tmp_path / "backup.zip"
    write_backup(here.journal, here.store, path)
    restore_backup(path, there.journal, there.store)
    assert there.rows() == EMPTY
    there.journal.add(labelled(1))
    there.learn()
    assert there.journal.current_version() == 1


# --- a backup beside learning ---

READS_NAMES = "ORDER BY versions.number DESC"  # the statement after the one that begins a snapshot


@contextmanager
def meanwhile(place: Place, do: Callable[[], object], times: int = 1) -> Iterator[list[int]]:
    """Do something in the middle of the next so many backups; gives how often it was done."""
    done: list[int] = []

    def before(_1: object, _2: object, statement: str, *_: object) -> None:
        if READS_NAMES in statement and len(done) < times:
            done.append(len(done))
            do()

    sql.event.listen(place.journal.engine, "before_cursor_execute", before)
    yield done
    sql.event.remove(place.journal.engine, "before_cursor_execute", before)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_committed_meanwhile_is_left_out_whole(
    open_at: Opener, tmp_path: Path, kind: str
) -> None:
    here, there, path = open_at(kind), open_at(), tmp_path / "backup.zip"
    fill(here)
    before = here.rows()

    def go_on() -> None:
        here.journal.add(labelled(31))
        here.learn()

    with meanwhile(here, go_on) as done:
        write_backup(here.journal, here.store, path)
    assert done
    assert here.journal.current_version() == 28
    restore_backup(path, there.journal, there.store)
    assert there.rows() == before
    assert verify(there.outbox, ORIGINALS, fnn).findings == []


def thin(place: Place, number: int) -> None:
    with place.journal.engine.begin() as connection:
        row = versions.c.number == number
        connection.execute(versions.update().where(row).values(kept=False))
    place.deliver()


def test_an_older_version_that_is_thinned_meanwhile_is_written_as_thinned(
    open_at: Opener, full: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there, path = open_at(), tmp_path / "backup.zip"
    with meanwhile(full, lambda: thin(full, 16)) as done:
        assert write_backup(full.journal, full.store, path).with_weights == 2
    assert done
    assert caplog.messages == []
    restore_backup(path, there.journal, there.store)
    assert sorted(there.journal.kept_versions()) == [8, 24]
    assert verify(there.outbox, ORIGINALS, fnn).findings == []


def outrun(place: Place) -> None:
    """Learn so much that the newest version of before has no weights any more."""
    for number in range(30):
        place.journal.add(labelled(number))
        place.learn()
    place.deliver()


def test_a_backup_that_learning_outruns_begins_again(
    open_at: Opener, full: Place, tmp_path: Path
) -> None:
    there, path = open_at(), tmp_path / "backup.zip"
    with meanwhile(full, lambda: outrun(full), times=2) as done:
        written = write_backup(full.journal, full.store, path)
    assert len(done) == 2
    assert written.newest == full.journal.current_version()
    restore_backup(path, there.journal, there.store)
    assert there.rows() == full.rows()
    assert verify(there.outbox, ORIGINALS, fnn).findings == []


def test_a_backup_that_learning_always_outruns_gives_up(full: Place, saved: Path) -> None:
    older = saved.read_bytes()
    with meanwhile(full, lambda: outrun(full), times=100), pytest.raises(CannotBackUp) as told:
        write_backup(full.journal, full.store, saved)
    assert "while fewer labels come in" in str(told.value)
    check_untouched(saved, older)


def check_untouched(path: Path, older: bytes) -> None:
    assert path.read_bytes() == older
    assert list(path.parent.glob("*.part")) == []


# --- what cannot be backed up ---


def spoil(place: Place, number: int, content: bytes | None) -> None:
    """Put something else in the place of a version's weights, or nothing."""
    objects = place.journal.objects(number)
    assert objects is not None
    place.store.delete(objects["fnn"])
    if content is not None:
        place.store.put(objects["fnn"], content)


CONTENTS = [None, b"", b"no weights", checkpoints.pack(ORIGINALS["fnn"])]


@pytest.mark.parametrize("content", CONTENTS, ids=["gone", "empty", "foreign", "others"])
def test_without_its_newest_weights_there_is_no_backup(
    full: Place, saved: Path, content: bytes | None
) -> None:
    older = saved.read_bytes()
    spoil(full, 24, content)
    with pytest.raises(CannotBackUp, match="newest weights, of version 24, cannot be read") as told:
        write_backup(full.journal, full.store, saved)
    assert "inkling verify" in str(told.value)
    check_untouched(saved, older)


def test_an_older_version_whose_weights_are_damaged_is_passed_over_and_told(
    open_at: Opener, full: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there, path = open_at(), tmp_path / "backup.zip"
    spoil(full, 16, b"no weights")
    assert write_backup(full.journal, full.store, path).with_weights == 2
    assert "Version 16 is backed up without its weights." in caplog.text
    restore_backup(path, there.journal, there.store)
    assert verify(there.outbox, ORIGINALS, fnn).findings == []


@pytest.mark.parametrize("where", ["missing/backup.zip", "folder", "file/backup.zip"])
def test_a_place_that_cannot_be_written_to_is_told_and_left_alone(
    full: Place, tmp_path: Path, where: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"mine")
    before = sorted(tmp_path.iterdir())
    done = CliRunner().invoke(inkling, ["backup", str(tmp_path / where)], env=full.environ)
    assert done.exit_code == 1
    assert str(tmp_path / where.partition("/")[0]) in done.output
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_disk_leaves_the_older_backup(full: Place, saved: Path) -> None:
    older = saved.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "inkling", "backup", str(saved)],
        cwd=ROOT,
        env=os.environ | full.environ,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    check_untouched(saved, older)


def test_two_backups_to_one_file_do_not_mix(full: Place, saved: Path) -> None:
    older = saved.read_bytes()

    def second() -> None:
        with pytest.raises(InvalidInput, match="is being written by another process"):
            write_backup(full.journal, full.store, saved)
        assert saved.read_bytes() == older

    with meanwhile(full, second) as done:
        write_backup(full.journal, full.store, saved)
    assert done
    assert zipfile.ZipFile(saved).testzip() is None


def test_only_the_owner_may_read_a_backup(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0


LONG = {
    "test_a_backup_that_learning_always_outruns_gives_up",
    *(
        f"{test_a_backup_goes_from_one_database_to_another.__name__}[{stores}-{way}]"
        for stores in ("stores0", "stores1")
        for way in ("SQLite-PostgreSQL", "PostgreSQL-SQLite")
    ),
}
