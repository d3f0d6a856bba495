"""Files are written whole or not at all, whoever else writes them and whatever ends it."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from inkling.errors import InvalidInput
from inkling.files import PART, whole_file, write_whole
from inkling.settings import ROOT

KILLED = """
import os, sys
from pathlib import Path
from inkling.files import whole_file
with whole_file(Path(sys.argv[1])) as file:
    file.write(b"half of it")
    file.flush()
    print("writing", flush=True)
    sys.stdin.readline()
"""


def parts(folder: Path) -> list[Path]:
    return [*folder.glob(f"*{PART}")]


def test_a_file_appears_when_its_block_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with whole_file(path) as file:
        file.write(b"all")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"all"
    assert parts(tmp_path) == []


@pytest.mark.parametrize("error", [OSError, ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"older")
    with pytest.raises(error), whole_file(path) as file:
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"older"
    assert parts(tmp_path) == []


def test_a_kill_leaves_what_was_there_and_the_next_writer_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"older")
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        with pytest.raises(InvalidInput, match="is being written by another process"):
            write_whole(path, b"mine")
        writer.send_signal(signal.SIGKILL)
    assert path.read_bytes() == b"older"
    assert [part.read_bytes() for part in parts(tmp_path)] == [b"half of it"]
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert parts(tmp_path) == []


def test_who_waits_writes_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    writers = [f"writer {number}, ".encode() * 10_000 for number in range(8)]

    def write(content: bytes) -> None:
        with whole_file(path, wait=True, lasting=False) as file:
            file.write(content[:5000])
            file.flush()
            file.write(content[5000:])

    threads = [threading.Thread(target=write, args=(content,)) for content in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in writers
    assert parts(tmp_path) == []


@pytest.mark.parametrize(("private", "others_may_read"), [(True, 0), (False, 0o044)])
def test_a_private_file_is_its_owners_alone(
    tmp_path: Path, private: bool, others_may_read: int
) -> None:
    path = tmp_path / "a.bin"
    with whole_file(path, private=private) as file:
        file.write(b"mine")
    assert path.stat().st_mode & 0o077 & 0o044 == others_may_read


def test_text_is_utf_8_and_a_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.txt"
    write_whole(path, "28×28")
    assert path.read_bytes() == "28×28".encode()
