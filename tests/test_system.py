"""Memory that a process does not need any more goes back to the machine."""

import subprocess
import sys

import pytest

from inkling.settings import ROOT

# What is left of 40 blocks of 8 MB, between which small ones stay, in a thread of its own.
FREEING = """
import sys, threading
import numpy as np, psutil
from inkling.system import give_memory_back

if sys.argv[1] == "given back":
    give_memory_back(1 << 20)
np.ones(30 << 20, np.uint8)  # from such a block on, glibc keeps what is smaller
kept = []

def work():
    for _ in range(3):
        blocks = []
        for _ in range(20):
            blocks.append(np.ones(8 << 20, np.uint8))
            kept.append(np.ones(1 << 16, np.uint8))

before = psutil.Process().memory_info().rss
thread = threading.Thread(target=work)
thread.start()
thread.join()
print((psutil.Process().memory_info().rss - before) >> 20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only glibc keeps memory so.")
def test_large_blocks_are_given_back() -> None:
    left = {}
    for how in ("kept", "given back"):
        done = subprocess.run(
            [sys.executable, "-c", FREEING, how], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        left[how] = int(done.stdout)
    assert left["given back"] < 20
    assert left["given back"] <= left["kept"]
