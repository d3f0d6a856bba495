"""Many threads and processes at one store: nothing half-written, and one winner of a name."""

import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inkling.settings import ROOT
from inkling.storage.base import ObjectStore
from tests.storage.kinds import STORES, Opener


def kind_of(opener: Opener) -> str:
    return next(name for name, candidate in STORES.items() if candidate is opener)


def test_many_threads_may_put_and_delete_side_by_side(store: ObjectStore) -> None:
    def work(thread: int) -> None:
        for turn in range(30):
            content = f"{thread} {turn}".encode()
            store.put(f"shared/{thread}", content)
            assert store.get(f"shared/{thread}") == content
            store.delete(f"shared/{thread}")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert list(store.names()) == []


WRITER = """
import hashlib, os, sys
from pathlib import Path
from tests.storage.kinds import STORES

store = STORES[sys.argv[1]](Path(sys.argv[2]))
turn = 0
while True:
    turn += 1
    content = os.urandom(64) * (pow(2, turn, 40_009) + 1)
    store.put(f"big/{turn % 3}", hashlib.sha256(content).digest() + content)
    print(turn, flush=True)
"""


def whole(stored: bytes) -> bool:
    return hashlib.sha256(stored[32:]).digest() == stored[:32]


@pytest.fixture
def writers(opener: Opener, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that put big objects under the same names, one after another, until killed."""
    command = [sys.executable, "-c", WRITER, kind_of(opener), str(tmp_path)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    yield started
    for process in started:
        process.kill()
        process.wait()


def test_nothing_half_written_is_ever_visible(
    store: ObjectStore, writers: list[subprocess.Popen[bytes]]
) -> None:
    for process in writers:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"  # it has put its first object
    rng, names = random.Random(3), set[str]()
    for process in writers:
        end = time.monotonic() + rng.uniform(0.02, 0.2)
        while time.monotonic() < end:
            for name in store.names("big/"):
                assert whole(store.get(name))
        process.kill()
        put = process.communicate()[0].split()
        names |= {f"big/{int(turn) % 3}" for turn in [b"1", *put]}
        assert all(whole(store.get(name)) for name in store.names())
    # The one that a writer was killed in may be there or not.
    assert names <= set(store.names()) <= {"big/0", "big/1", "big/2"}


def test_one_of_many_threads_creates_a_name(store: ObjectStore) -> None:
    for turn in range(10):
        with ThreadPoolExecutor(8) as pool:
            name, contents = f"names/{turn}", [f"{thread}".encode() * 1000 for thread in range(8)]
            won = list(pool.map(lambda content, name=name: store.create(name, content), contents))
        assert won.count(True) == 1
        assert store.get(name) == contents[won.index(True)]
    assert list(store.names()) == [f"names/{turn}" for turn in range(10)]


CREATOR = """
import sys
from pathlib import Path
from tests.storage.kinds import STORES

store = STORES[sys.argv[1]](Path(sys.argv[2]))
list(store.names())
print("ready", flush=True)
sys.stdin.readline()
print(*(int(store.create(f"names/{turn}", sys.argv[3].encode())) for turn in range(20)))
"""


def test_one_of_many_processes_creates_a_name(
    store: ObjectStore, opener: Opener, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", CREATOR, kind_of(opener), str(tmp_path)]
    started = [
        subprocess.Popen(
            [*command, str(number)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for number in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    won = [process.communicate()[0].split() for process in started]
    for turn, winners in enumerate(zip(*won, strict=True)):
        assert winners.count(b"1") == 1
        assert store.get(f"names/{turn}") == str(winners.index(b"1")).encode()
