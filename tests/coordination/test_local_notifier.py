"""The bell between real processes: it wakes, it never blocks, it never fails."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inkling.coordination.local import PipeNotifier
from inkling.settings import ROOT

Starter = Callable[[str], subprocess.Popen[str]]
PIPE_HOLDS = 65_536  # bytes, on Linux


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "trainer.bell"


@pytest.fixture
def start(path: Path) -> Iterator[Starter]:
    """Starts a Python process that has `bell`, and ends it after the test."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str) -> subprocess.Popen[str]:
        opened = (
            "import sys; from pathlib import Path\n"
            "from inkling.coordination.local import PipeNotifier\n"
        )
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                opened + "bell = PipeNotifier(Path(sys.argv[1]))\n" + code,
                str(path),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


# The first wait opens the pipe; what rings after "listening" was printed cannot be missed.
LISTEN = "print(bell.wait(0), 'listening', flush=True); print(bell.wait(60), flush=True)"


def listening(start: Starter) -> subprocess.Popen[str]:
    listener = start(LISTEN)
    assert listener.stdout is not None
    assert listener.stdout.readline() == "False listening\n"
    return listener


def test_a_ring_wakes_a_listener_in_another_process(start: Starter, path: Path) -> None:
    listener = listening(start)
    PipeNotifier(path).notify()
    assert listener.communicate(timeout=30)[0] == "True\n"


def test_a_ring_from_another_process_wakes_this_one(start: Starter, path: Path) -> None:
    bell = PipeNotifier(path)
    assert not bell.wait(0)
    start("bell.notify()")
    assert bell.wait(30)
    assert not bell.wait(0)


def test_a_ring_that_came_before_the_wait_is_kept(path: Path) -> None:
    bell = PipeNotifier(path)
    bell.wait(0)
    PipeNotifier(path).notify()
    assert bell.wait(0)


def test_many_rings_are_one(path: Path) -> None:
    bell = PipeNotifier(path)
    bell.wait(0)
    for _ in range(100):
        PipeNotifier(path).notify()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_a_wait_ends_by_itself_also_after_a_ringer_has_gone(path: Path) -> None:
    bell = PipeNotifier(path)
    assert not bell.wait(0.01)
    PipeNotifier(path).notify()
    assert bell.wait(0)
    assert [bell.wait(0.01) for _ in range(3)] == [False] * 3


def test_with_nobody_listening_a_ring_is_lost_without_a_sound(start: Starter, path: Path) -> None:
    ringer = start("bell.notify(); print('rung')")
    assert ringer.communicate(timeout=30)[0] == "rung\n"
    bell = PipeNotifier(path)
    assert not bell.wait(0)
    bell.close()
    PipeNotifier(path).notify()
    assert not PipeNotifier(path).wait(0)


def test_a_full_pipe_neither_blocks_nor_fails(start: Starter, path: Path) -> None:
    bell = PipeNotifier(path)
    bell.wait(0)
    pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(pipe, b"!" * PIPE_HOLDS)
    os.close(pipe)
    ringer = start("bell.notify(); bell.notify(); print('rung')")
    assert ringer.communicate(timeout=30)[0] == "rung\n"
    assert bell.wait(0)
    while bell.wait(0):
        pass  # what is left of it
    PipeNotifier(path).notify()
    assert bell.wait(0)


def test_a_listener_that_was_killed_stops_nobody(start: Starter, path: Path) -> None:
    listener = listening(start)
    listener.kill()
    listener.wait()
    PipeNotifier(path).notify()
    successor = listening(start)
    PipeNotifier(path).notify()
    assert successor.communicate(timeout=30)[0] == "True\n"


def test_a_bell_whose_folder_has_gone_still_does_not_fail(path: Path) -> None:
    bell = PipeNotifier(path)
    path.unlink()
    path.parent.rmdir()
    bell.notify()


def test_closing_twice_is_no_error_and_a_later_wait_listens_again(path: Path) -> None:
    bell = PipeNotifier(path)
    bell.wait(0)
    bell.close()
    bell.close()
    assert not bell.wait(0)
    PipeNotifier(path).notify()
    assert bell.wait(0)
