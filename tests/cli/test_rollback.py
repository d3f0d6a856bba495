"""`inkling rollback`, and what `inkling replay` counts after it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkling.cli.main import inkling
from inkling.live_weights import LiveVersion, LiveWeights
from inkling.settings import ROOT
from inkling.trainer.trainer import Trainer
from testing.live import environment
from testing.places import BOTH, Place, both, labelled, open_place


@pytest.fixture
def taught(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Three versions of both nets."""
    with open_place("SQLite", tmp_path, request) as place:
        for number in range(3):
            place.journal.add(labelled(number))
        Trainer(place.outbox, BOTH, both()).work()
        yield place


def test_a_replay_counts_lessons_and_not_versions(taught: Place) -> None:
    for words, told in (
        (["replay", "--to", "0"], "Replayed 0 lessons."),
        (["rollback", "--to", "1"], "Version 4 has the weights of version 1."),
        (["replay"], "Replayed 1 lesson."),
        (["rollback", "--to", "3"], "Version 5 has the weights of version 3."),
        (["replay"], "Replayed 3 lessons."),
    ):
        done = CliRunner().invoke(inkling, words, env=taught.environ)
        assert done.exit_code == 0, done.output
        assert told in done.output


def test_a_version_that_there_is_not_is_refused_before_tensorflow_is_loaded(
    tmp_path: Path,
) -> None:
    words = [sys.executable, "-X", "importtime", "-m", "inkling", "rollback", "--to", "3"]
    done = subprocess.run(
        words, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 1
    last = "Error: Version 3 is none to go back to: the newest is 0. Name an older one: inkling"
    assert done.stderr.splitlines()[-1].startswith(last)
    assert "sqlalchemy" in done.stderr  # what is loaded is listed there
    assert not re.search(r"\btensorflow\b", done.stderr)


def test_weights_that_a_trainer_has_shown_go_with_what_is_undone(taught: Place) -> None:
    live = LiveWeights(taught.settings.tmp_folder)
    live.write(LiveVersion(3, "a"), {"fnn": BOTH["fnn"]})
    done = CliRunner().invoke(inkling, ["rollback", "--to", "1"], env=taught.environ)
    assert done.exit_code == 0, done.output
    assert live.version() is None
