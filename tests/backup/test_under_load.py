"""The proof, with real processes: what was answered before a backup began is in it, and is served
and learned where it is restored."""

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions import to_data_url
from inkling.journal.writer import open_journal
from inkling.records import QUEUED, TRAINED
from inkling.settings import ROOT, Settings, load_settings
from testing.live import Server, wait_until
from testing.pen import draw
from testing.postgres import needs_postgres, new_database
from tests.faults.test_no_label_is_lost import post_until_answered

CLIENTS, BETWEEN = 3, 12  # threads; backups come after so many more labels
MEANWHILE = 12  # labels while a command runs: each is learned again at every replay
PAUSE = 0.2  # seconds between two labels of a client


class Crowd:
    """Threads that label until they are told to stop, and rest where `most` have been answered.

    `answered` are the ids by now.
    """

    def __init__(self, url: str) -> None:
        self._url, self._stopping = url, threading.Event()
        self.answered: list[str] = []
        self.most = 0
        self._threads = [threading.Thread(target=self._label, args=(n,)) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _label(self, client: int) -> None:
        number = client
        while not self._stopping.is_set():
            if len(self.answered) >= self.most:
                self._stopping.wait(PAUSE)
                continue
            grey = draw(number % 10, width=10 + number % 17, size=100 + number % 90)
            fields = {
                "imageBase64": to_data_url(grey),
                "digit": number % 10,
                "key": str(uuid.uuid4()),
                "strokes": [[[1, 2.5, 3], [4, 5, 6]]],
            }
            said = post_until_answered(f"{self._url}/train", fields)
            self.answered.append(said["drawing"])
            number += CLIENTS
            self._stopping.wait(PAUSE)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "here").mkdir()
    server = Server(tmp_path / "here", RECEIPT_WAIT="0")
    yield server
    server.stop()


def run(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command on the Inkling below a folder, while no one waits for it."""
    folders = {"INSTANCE_FOLDER": str(folder / "instance"), "TMP_FOLDER": str(folder / "tmp")}
    return subprocess.run(
        [sys.executable, "-m", "inkling", *words],
        cwd=ROOT,
        env=os.environ | folders | environ,
        capture_output=True,
        text=True,
    )


@pytest.mark.proof
@needs_postgres
@pytest.mark.parametrize("backups", [1, pytest.param(2, marks=pytest.mark.long)])
def test_a_backup_under_load_holds_all_that_was_answered_before(
    tmp_path: Path, server: Server, postgres_server: str, backups: int
) -> None:
    """Restored on PostgreSQL; all but the last on SQLite, as they were made."""
    wait_until(lambda: "The trainer is ready" in server.log())
    crowd = Crowd(server.url)
    try:
        before, files = [], []
        for number in range(backups):
            enough = len(crowd.answered) + BETWEEN
            crowd.most = enough + MEANWHILE
            wait_until(lambda: len(crowd.answered) >= enough)  # noqa: B023
            before.append({*crowd.answered})
            files.append(tmp_path / f"{number}.zip")
            done = run(server.folder, "backup", str(files[-1]))
            assert done.returncode == 0, done.stderr
        crowd.most += MEANWHILE
        beside = run(server.folder, "verify")
    finally:
        crowd.stop()
    assert beside.returncode == 0, beside.stdout + beside.stderr
    for file, answered in zip(files[:-1], before[:-1], strict=True):
        check_restored(tmp_path / file.stem, file, answered, {})
    there, environ = tmp_path / "there", {"DATABASE_URL": new_database(postgres_server)}
    check_rows(there, files[-1], before[-1], environ)
    check_learning_goes_on(there, environ)


def check_restored(folder: Path, file: Path, answered: set[str], environ: dict[str, str]) -> None:
    """Restored, it has every label that was answered, and what it serves is what they imply."""
    check_rows(folder, file, answered, environ)
    done = run(folder, "verify", "--json", **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["version"] > 0
    assert found["differences"]["fnn"]["equal"]


def check_rows(folder: Path, file: Path, answered: set[str], environ: dict[str, str]) -> None:
    """Restored, it has every label that was answered."""
    folder.mkdir()
    done = run(folder, "restore", str(file), **environ)
    assert done.returncode == 0, done.stderr
    journal = open_journal(settings_of(folder, environ))
    ids = {drawing.id for drawing in journal.labelled([QUEUED, TRAINED])}
    assert answered <= ids
    journal.close()


def check_learning_goes_on(folder: Path, environ: dict[str, str]) -> None:
    """A server there learns what was queued, and one label more; all is what the labels imply."""
    journal = open_journal(settings_of(folder, environ))
    counts = journal.counts()
    assert counts[TRAINED]
    server = Server(folder, RECEIPT_WAIT="0", **environ)
    try:
        fields = {"imageBase64": to_data_url(draw(7)), "digit": 7, "key": str(uuid.uuid4())}
        post_until_answered(f"{server.url}/train", fields)
        wait_until(lambda: journal.counts()[QUEUED] == 0)
    finally:
        server.stop()
    assert journal.current_version() == counts[QUEUED] + counts[TRAINED] + 1
    journal.close()
    done = run(folder, "verify", "--drawings", **environ)
    assert done.returncode == 0, done.stdout + done.stderr


def settings_of(folder: Path, environ: dict[str, str]) -> Settings:
    folders = {"INSTANCE_FOLDER": str(folder / "instance"), "TMP_FOLDER": str(folder / "tmp")}
    return load_settings(folders | environ)
