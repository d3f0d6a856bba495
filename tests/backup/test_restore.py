"""A damaged, foreign or newer backup is refused unread, and nothing is mixed."""

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkling.backup.archive import MANIFEST, BadBackup
from inkling.backup.restore import restore_backup
from inkling.cli.main import inkling
from inkling.coordination.coordination import open_coordination
from inkling.journal.dump import NotEmpty
from testing.live import wait_until
from testing.places import EMPTY, KINDS, Opener, Place, labelled


def check_refused(path: Path, place: Place, error: type[Exception], *words: str) -> None:
    """Refused by function and command, in one line, with nothing changed."""
    before, names = place.rows(), set(place.store.names())
    with pytest.raises(error) as told:
        restore_backup(path, place.journal, place.store)
    for word in words:
        assert word in str(told.value)
    assert place.rows() == before
    assert set(place.store.names()) == names


def test_a_damaged_byte_of_a_member_is_noticed(open_at: Opener, saved: Path) -> None:
    whole, there = saved.read_bytes(), open_at()
    with zipfile.ZipFile(saved) as archive:
        members = archive.infolist()
    assert len(members) == 3 * 2 + 2 * 2 + 5 + 1  # weights, networks, tables, manifest
    for info in members:
        extra = int.from_bytes(whole[info.header_offset + 28 : info.header_offset + 30], "little")
        begin = info.header_offset + 30 + len(info.filename) + extra  # behind its header
        for offset in (begin, begin + info.compress_size // 2, begin + info.compress_size - 4):
            damaged = flipped(whole, offset)
            if reads_as(damaged, info) == reads_as(whole, info):
                # Last bits may mean nothing, and equal text may be copied from another place.
                assert info.compress_type == zipfile.ZIP_DEFLATED
                continue
            saved.write_bytes(damaged)
            check_refused(saved, there, BadBackup, str(saved), "Use another backup.")


def reads_as(archive: bytes, info: zipfile.ZipInfo) -> bytes | None:
    """What a member holds; None where it cannot be read."""
    try:
        return zipfile.ZipFile(io.BytesIO(archive)).read(info.filename)
    except (zipfile.BadZipFile, zlib.error):
        return None


def test_a_damaged_byte_around_the_members_is_noticed_or_does_no_harm(
    open_at: Opener, full: Place, saved: Path
) -> None:
    whole, there = saved.read_bytes(), open_at()
    with zipfile.ZipFile(saved) as archive:
        starts = [info.header_offset for info in archive.infolist()]
    refused = 0
    for offset in [*range(starts[-1], len(whole), 5), *range(0, 60), *starts]:
        saved.write_bytes(flipped(whole, offset))
        try:
            restore_backup(saved, there.journal, there.store)
        except BadBackup:
            refused += 1
            assert there.rows() == EMPTY
            assert list(there.store.names()) == []
        else:  # a date that nobody reads
            assert there.rows() == full.rows()
            assert there.objects() == full.objects()
            there = open_at()
    assert refused > 100


def flipped(content: bytes, offset: int) -> bytes:
    return content[:offset] + bytes([content[offset] ^ 0x10]) + content[offset + 1 :]


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.5, 0.9, 0.99, 0.9999])
def test_a_truncated_backup_is_refused(open_at: Opener, saved: Path, share: float) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(share * len(whole))])
    check_refused(saved, open_at(), BadBackup, str(saved), "Nothing was changed.")


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Change a backup's members and write a whole zip of them."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def manifest(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | changes).encode()

    return change


def more(**files: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update(files)


def less(word: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        del members[next(name for name in members if word in name)]

    return change


CHANGED: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a later format": (manifest(format=2), "format 2"),
    "no format": (lambda members: members.update({MANIFEST: b"{}"}), "no format"),
    "no JSON": (lambda members: members.update({MANIFEST: b"{"}), "no whole backup"),
    "a list": (lambda members: members.update({MANIFEST: b"[]"}), "no format"),
    "no manifest": (less(MANIFEST), "no manifest"),
    "no members": (manifest(members=None), "no whole backup"),
    "a foreign member": (more(readme=b"Hello"), "foreign"),
    "no drawings": (less("drawings"), "missing"),
    "no weights": (less("weights"), "missing"),
    "a newer table": (manifest(columns={"drawings": ["mood"]}), "drawings.mood"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_another_content_is_refused(open_at: Opener, saved: Path, name: str) -> None:
    change, word = CHANGED[name]
    rewrite(saved, change)
    check_refused(saved, open_at(), BadBackup, str(saved), word)


def test_weights_that_versions_name_must_be_there(open_at: Opener, saved: Path) -> None:
    def forget(members: dict[str, bytes]) -> None:
        less("weights")(members)
        told = json.loads(members[MANIFEST])
        told["members"] = {name: told["members"][name] for name in members if name != MANIFEST}
        manifest(**told)(members)

    rewrite(saved, forget)
    check_refused(saved, open_at(), BadBackup, "the weights that its versions name")


@pytest.mark.parametrize("kind", KINDS)
def test_a_journal_that_is_not_empty_is_left_alone(open_at: Opener, saved: Path, kind: str) -> None:
    there = open_at(kind)
    there.journal.add(labelled(3))
    check_refused(saved, there, NotEmpty, "is not empty", "Nothing was changed.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["trainer", "worker"])
def test_nothing_is_restored_beside_a_trainer(
    open_at: Opener, saved: Path, kind: str, who: str
) -> None:
    there = open_at(kind)
    lock = getattr(open_coordination(there.settings), who)
    assert lock.acquire()
    refused = CliRunner().invoke(inkling, ["restore", str(saved)], env=there.environ)
    assert "A trainer is running. Nothing was changed." in refused.output
    assert there.rows() == EMPTY
    lock.release()
    done = CliRunner().invoke(inkling, ["restore", str(saved)], env=there.environ)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Restored 29 drawings and 24 versions, the newest 24, 3 of them")
    wait_until(lambda: not lock.is_held())  # PostgreSQL ends a session in its own time


LONG = {"test_a_damaged_byte_around_the_members_is_noticed_or_does_no_harm"}
