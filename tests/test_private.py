"""What an Inkling keeps is its owner's alone, and no command writes over what is no file."""

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkling.cli.main import inkling
from inkling.files import own_folder
from inkling.journal.writer import open_journal
from inkling.settings import Settings
from inkling.web.app import Inkling
from testing.places import KINDS, REJECTION, Place, labelled, open_place
from tests.conftest import AppMaker


def open_to_others(folder: Path) -> list[str]:
    """What lies in a folder, and itself, that others may use."""
    every = [folder, *folder.rglob("*")]
    return [str(path) for path in every if path.lstat().st_mode & 0o077]


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with open_place("SQLite", tmp_path, request) as place:
        yield place


@pytest.fixture(autouse=True)
def lenient_umask() -> Iterator[None]:
    """What most systems have, whatever this one has."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_all_that_a_server_and_a_trainer_keep_is_their_users_alone(
    place: Place, make_app: AppMaker
) -> None:
    app: Inkling = make_app(place.settings)
    place.journal.add(labelled(1))
    app.coordination.trainer.acquire()
    app.coordination.trainer.release()
    place.learn()
    place.deliver()
    instance = place.settings.instance_folder
    names = {path.name for path in instance.rglob("*")}
    assert {"journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "trainer.lock"} < names
    assert {"trainer.bell", "drawings", "weights"} < names
    assert any(name.endswith(".png") for name in names)
    assert any(name.endswith(".npz") for name in names)
    assert open_to_others(instance) == []


def test_an_instance_that_was_open_to_others_is_closed_with_all_in_it(
    settings: Settings,
) -> None:
    open_journal(settings).close()
    inside = settings.objects_folder / "drawings" / "7"
    inside.mkdir(parents=True)
    (inside / "a.png").write_bytes(b"png")
    for path in (settings.instance_folder, *settings.instance_folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o664)
    outside = settings.tmp_folder / "outside"
    settings.tmp_folder.mkdir()
    outside.touch(0o644)
    (settings.instance_folder / "link").symlink_to(outside)
    open_journal(settings).close()
    found = [p for p in settings.instance_folder.rglob("*") if not p.is_symlink()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o700, 0o600}
    assert stat.S_IMODE(settings.instance_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_folder_for_everybodys_files_stays_open(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "others.txt").touch(0o644)
    own_folder(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert stat.S_IMODE((shared / "others.txt").stat().st_mode) == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can make a folder another user's.")
def test_what_is_another_users_stays_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(0o755)
    os.chown(folder, 12345, -1)
    own_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    mine = tmp_path / "mine"
    mine.mkdir(0o755)
    (mine / "theirs").touch(0o644)
    os.chown(mine / "theirs", 12345, -1)
    own_folder(mine)
    assert stat.S_IMODE(mine.stat().st_mode) == 0o700
    assert stat.S_IMODE((mine / "theirs").stat().st_mode) == 0o644


def test_a_folder_that_cannot_be_made_is_told_with_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(
        inkling, ["history"], env={"INSTANCE_FOLDER": str(tmp_path / "file" / "instance")}
    )
    assert done.exit_code == 1
    told = f"Error: INSTANCE_FOLDER is '{tmp_path}/file/instance'. Set it to a folder.\n"
    assert done.output == told


def fifo(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def link_to_a_fifo(path: Path) -> None:
    os.mkfifo(path.with_name("fifo"))
    path.symlink_to("fifo")


WRITING = {
    "backup": "backup {}.zip",
    "export": "export --out {}.ndjson",
    "plot": "plot diagram fnn --out {}.svg",
    "review": "review --out {}.png",
}


def run(words: str, path: Path, place: Place) -> str:
    """What a command says that must end with one line and no traceback."""
    done = CliRunner().invoke(inkling, words.format(path).split(), env=place.environ)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    (line,) = [line for line in done.output.splitlines() if line.startswith("Error: ")]
    return line


@pytest.fixture
def reviewed(place: Place) -> Place:
    """A place with something to review, so that every command has something to write."""
    place.journal.reject(place.journal.add(labelled(1)).id, REJECTION)
    return place


@pytest.mark.parametrize("make", [fifo, unix_socket, link_to_a_fifo])
@pytest.mark.parametrize("command", WRITING)
def test_what_is_no_regular_file_is_refused_and_stays(
    reviewed: Place, tmp_path: Path, command: str, make: Callable[[Path], None]
) -> None:
    words = WRITING[command]
    path = tmp_path / "out"
    target = Path(words.format(path).split()[-1])
    make(target)
    before = target.lstat()
    assert f"{target} is no regular file. Name another" in run(words, path, reviewed)
    assert os.path.samestat(before, target.lstat())
    assert [*tmp_path.glob("*.part")] == []


@pytest.mark.parametrize("command", ["backup", "export"])
def test_a_folder_that_is_missing_is_told(reviewed: Place, tmp_path: Path, command: str) -> None:
    told = run(WRITING[command], tmp_path / "nowhere" / "out", reviewed)
    assert told == (
        f"Error: There is no folder {tmp_path / 'nowhere'}. Make it, or name a file elsewhere."
    )


def test_a_link_stays_and_what_it_leads_to_is_written(place: Place, tmp_path: Path) -> None:
    (tmp_path / "older.zip").write_bytes(b"older")
    (tmp_path / "link.zip").symlink_to("older.zip")
    words = ["backup", str(tmp_path / "link.zip")]
    assert CliRunner().invoke(inkling, words, env=place.environ).exit_code == 0
    assert (tmp_path / "link.zip").is_symlink()
    assert (tmp_path / "older.zip").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["history", "review"])
def test_a_number_beyond_all_rows_means_all(
    kind: str, command: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with open_place(kind, tmp_path, request) as place:
        done = CliRunner().invoke(inkling, [command, "--last", "9" * 30], env=place.environ)
        assert done.exit_code == 0, done.output
        few = CliRunner().invoke(inkling, [command, "--last", "0"], env=place.environ)
        assert few.exit_code == 2
