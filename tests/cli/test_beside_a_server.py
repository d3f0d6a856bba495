"""Rollback and forget as commands, beside a server to which labels keep coming."""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions import to_data_url
from inkling.checkpoints import get
from inkling.journal.writer import Journal
from inkling.records import QUEUED
from inkling.rejections import Code, Rejection
from inkling.settings import ROOT
from testing.live import Server, environment, wait_until
from testing.pen import draw
from tests.faults.test_no_label_is_lost import post, store_below
from tests.history.conftest import equal, fold

pytestmark = pytest.mark.proof


def command(server: Server, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "inkling", *words],
        cwd=ROOT,
        env=environment(server.folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, RECEIPT_WAIT="0.2", RATE_LIMIT="100000 per minute")
    wait_until(lambda: "The trainer is ready" in server.log())
    yield server
    server.stop()


def test_rollback_and_forget_beside_a_server_lose_no_other_label(busy: Server) -> None:
    answered: list[str] = []
    stop = threading.Event()

    def label() -> None:
        while not stop.is_set():
            number = len(answered)  # the same drawing is learned a few times only
            grey = draw(number % 10, width=12 + number % 14, size=150 + number % 71)
            fields = {"imageBase64": to_data_url(grey), "digit": number % 10}
            answered.append(post(f"{busy.url}/train", fields)["drawing"])
            time.sleep(0.2)

    journal = Journal(f"sqlite:///{busy.folder / 'instance' / 'journal.sqlite'}")
    visitor = threading.Thread(target=label)
    visitor.start()
    try:
        wait_until(lambda: journal.current_version() >= 12)
        told = command(busy, "rollback", "--to", "5")
        assert "has the weights of version 5." in told
        version = journal.current_version()
        wait_until(lambda: journal.current_version() >= version + 5)
        gone = answered[2]
        told = command(busy, "forget", gone, "--yes")
        assert f"Drawing {gone} is deleted. Version " in told
        assert "Backups and exports" in told
        version = journal.current_version()
        wait_until(lambda: journal.current_version() >= version + 3)
    finally:
        stop.set()
        visitor.join()
    wait_until(lambda: journal.counts()[QUEUED] == 0)
    # The trainer stores weights a moment after it learned.
    wait_until(lambda: journal.newest_stored() == journal.current_version())

    newest = journal.current_version()
    lessons = [*journal.lessons()]
    assert [d.version for d in lessons[:4]] == [1, 2, 4, 5]
    rows = {id: journal.find(id) for id in answered}
    assert [id for id, row in rows.items() if row is None] == [gone]
    rejected = [row.rejection for row in rows.values() if row and row.state == "rejected"]
    assert len(rejected) + len(lessons) + 1 == len(answered)
    assert all(r == Rejection(Code.ROLLED_BACK, {"version": 5}) for r in rejected)
    objects = journal.objects(newest)
    assert objects is not None
    assert equal(get(store_below(busy.folder), objects["fnn"]), fold(lessons))
    assert f"Version {newest}: everything fits." in command(busy, "verify", "--drawings")
    assert "1 rollback, 1 rebuild." in command(busy, "history")
    with urllib.request.urlopen(f"{busy.url}/readyz") as answer:
        assert json.load(answer)["version"] == newest
    journal.close()
