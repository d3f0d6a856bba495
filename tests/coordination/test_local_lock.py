"""A lock on a file between real processes: one holder, and free as soon as that one is gone."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inkling.coordination.local import FileLock
from inkling.settings import ROOT

Starter = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "trainer.lock"


@pytest.fixture
def start(path: Path) -> Iterator[Starter]:
    """Starts a Python process that has `lock`, and ends it after the test."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str) -> subprocess.Popen[str]:
        opened = (
            "import sys; from pathlib import Path\n"
            "from inkling.coordination.local import FileLock\n"
        )
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                opened + "lock = FileLock(Path(sys.argv[1]))\n" + code,
                str(path),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


ACQUIRE = "print(lock.acquire(), flush=True); sys.stdin.read()"


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_another_process_cannot_take_a_lock_that_is_held(start: Starter, path: Path) -> None:
    lock = FileLock(path)
    assert not lock.is_held()
    assert lock.acquire()
    assert first_line(start("print(lock.is_held(), lock.acquire())")) == "True False"
    lock.release()
    assert first_line(start("print(lock.is_held(), lock.acquire())")) == "False True"


def test_a_lock_is_free_as_soon_as_its_holder_was_killed(start: Starter, path: Path) -> None:
    holder = start(ACQUIRE)
    assert first_line(holder) == "True"
    lock = FileLock(path)
    assert lock.is_held()
    assert not lock.acquire()
    holder.kill()
    holder.wait()
    assert not lock.is_held()
    assert lock.acquire()
    assert lock.is_held()


def test_of_many_processes_that_want_it_one_has_it(start: Starter, path: Path) -> None:
    wanting = [start("sys.stdin.readline(); " + ACQUIRE) for _ in range(4)]
    for process in wanting:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert sorted(map(first_line, wanting)) == ["False", "False", "False", "True"]
    assert FileLock(path).is_held()


def test_children_of_the_holder_do_not_keep_it(start: Starter, path: Path) -> None:
    child = "import subprocess; child = subprocess.Popen(['sleep', '60'], close_fds=False)\n"
    holder = start("lock.acquire()\n" + child + "print(child.pid, flush=True); sys.stdin.read()")
    pid = int(first_line(holder))
    try:
        assert FileLock(path).is_held()
        holder.kill()
        holder.wait()
        assert FileLock(path).acquire()
    finally:
        subprocess.run(["kill", str(pid)], check=True)


def test_within_a_process_another_lock_on_the_file_is_another_holder(path: Path) -> None:
    one, other = FileLock(path), FileLock(path)
    assert one.acquire()
    assert one.acquire()  # it has it already
    assert not other.acquire()
    assert one.is_held()
    assert other.is_held()
    one.release()
    one.release()
    assert other.acquire()
    assert not one.acquire()


def test_to_ask_who_holds_it_takes_nothing(start: Starter, path: Path) -> None:
    asking = FileLock(path)
    assert [asking.is_held() for _ in range(3)] == [False] * 3
    holder = start(ACQUIRE)
    assert first_line(holder) == "True"
    assert [asking.is_held() for _ in range(3)] == [True] * 3
