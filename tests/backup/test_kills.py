"""SIGKILL in the middle of a backup or a restore: nothing is half there, and it can be repeated."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkling.backup.restore import restore_backup
from inkling.cli.main import inkling
from inkling.settings import ROOT
from testing.places import EMPTY, KINDS, Opener, Place, labelled

KILLED = """
import itertools, os, signal, sys
import sqlalchemy as sql
from sqlalchemy.engine import Engine

word, count = sys.argv.pop(1), itertools.count(1)
last = int(sys.argv.pop(1))

def strike(said):
    if word in said and next(count) == last:
        os.kill(os.getpid(), signal.SIGKILL)

sql.event.listen(Engine, "before_cursor_execute", lambda c, cursor, said, *_: strike(said))
sql.event.listen(Engine, "commit", lambda connection: strike("COMMIT"))
sys.argv[0] = "inkling"
from inkling.cli.main import main
main()
"""


def run_killed(place: Place, word: str, count: int, *words: str) -> None:
    """Run a command that SIGKILL ends before its n-th statement with this word."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, word, str(count), *words],
        cwd=ROOT,
        env=os.environ | place.environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


KILLS = [
    ("FROM drawings", 1),  # nothing is written yet
    ("FROM drawings", 2),  # the weights are stored
    ("INSERT INTO drawings", 1),
    ("INSERT INTO versions", 1),
    ("INSERT INTO evaluations", 1),
    ("COMMIT", 1),
]


@pytest.mark.parametrize(("word", "count"), KILLS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_restore_leaves_an_empty_journal_and_works_the_second_time(
    open_at: Opener, full: Place, saved: Path, kind: str, word: str, count: int
) -> None:
    there = open_at(kind)
    run_killed(there, word, count, "restore", str(saved))
    assert there.rows() == EMPTY
    done = CliRunner().invoke(inkling, ["restore", str(saved)], env=there.environ)
    assert done.exit_code == 0, done.output
    assert there.rows() == full.rows()
    assert there.objects() == full.objects()


@pytest.mark.parametrize(("word", "count"), [("FROM versions", 2), ("FROM drawings", 1)])
def test_a_killed_backup_leaves_the_older_one_and_works_the_second_time(
    open_at: Opener, full: Place, saved: Path, word: str, count: int
) -> None:
    older = saved.read_bytes()
    full.journal.add(labelled(5))
    run_killed(full, word, count, "backup", str(saved))
    assert saved.read_bytes() == older
    done = CliRunner().invoke(inkling, ["backup", str(saved)], env=full.environ)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Wrote 30 drawings and 24 versions, the newest 24, 3 of them")
    assert list(saved.parent.glob("*.part")) == []
    there = open_at()
    restore_backup(saved, there.journal, there.store)
    assert there.rows() == full.rows()
