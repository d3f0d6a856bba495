"""The promise of the design, with real processes: no label that was answered is ever lost."""

import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions import to_data_url
from inkling import checkpoints
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.records import QUEUED, TRAINED, Drawing
from inkling.settings import ROOT
from inkling.storage.folder import FolderStore
from inkling.trainer.trainer import Trainer
from testing.live import Server, wait_until
from testing.pen import draw
from two_layer_net import TwoLayerNet

LABELS, CLIENTS = 120, 4
# Each kill takes one of these, at a random moment while labels come in and are learned.
KILLS = ["everything", "trainer", "web worker"]


def post(url: str, fields: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(fields).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def post_until_answered(url: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What the page does when the server is away: the same label again, with the same key."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return post(url, fields)
        except (OSError, ValueError, urllib.error.URLError):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def kill(server: Server, what: str, rng: random.Random) -> None:
    """SIGKILL, which no process can catch or prepare for."""
    if what == "everything":
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()
        server.start()
    else:
        rng.choice(server.trainers() if what == "trainer" else server.workers()).kill()


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, RECEIPT_WAIT="0.5", WEB_CONCURRENCY="2")
    yield server
    server.stop()


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Server]:
    """It answers when a label is learned, however long that takes."""
    server = Server(tmp_path, WEB_CONCURRENCY="1", RECEIPT_WAIT="30")
    yield server
    server.stop()


def journal_of(server: Server) -> Journal:
    return Journal(f"sqlite:///{server.folder / 'instance' / 'journal.sqlite'}")


@pytest.mark.proof
def test_no_answered_label_is_lost_or_learned_twice(fragile: Server, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"The seed of the kills is {seed}.")
    rng = random.Random(seed)
    answered: dict[str, int] = {}

    def label(client: int) -> None:
        for n in range(client, LABELS, CLIENTS):
            fields = {
                "imageBase64": to_data_url(draw(n % 10, width=10 + n % 17, size=100 + n % 90)),
                "digit": n % 10,
                "key": str(uuid.UUID(int=seed * 1000 + n, version=4)),
            }
            said = post_until_answered(f"{fragile.url}/train", fields)
            answered[said["drawing"]] = n % 10

    clients = [threading.Thread(target=label, args=(n,)) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    journal = journal_of(fragile)
    for number, what in enumerate(KILLS, 1):
        version = journal.current_version()
        wait_until(lambda: journal.current_version() > version, 120)  # noqa: B023
        wait_until(lambda: len(answered) > number * LABELS // 8, 120)  # noqa: B023
        time.sleep(rng.uniform(0, 0.3))
        kill(fragile, what, rng)
    for client in clients:
        client.join()
    wait_until(lambda: journal.counts()[QUEUED] == 0, seconds=180)

    drawings = trained_in_order(journal)
    assert len(answered) == LABELS
    assert {d.id: d.label for d in drawings} == answered
    assert [d.version for d in drawings] == list(range(1, LABELS + 1))
    wait_until(lambda: journal.newest_stored() == LABELS)
    objects = journal.objects(LABELS)
    assert objects is not None
    kept = checkpoints.get(store_below(fragile.folder), objects["fnn"])
    expected = undisturbed(drawings, tmp_path / "undisturbed")
    assert all(kept[name].tobytes() == expected[name].tobytes() for name in expected)
    assert np.any(
        kept["hidden_kernel"] != checkpoints.originals(ROOT / "models")["fnn"]["hidden_kernel"]
    )


def trained_in_order(journal: Journal) -> list[Drawing]:
    assert journal.counts()[TRAINED] == LABELS
    return [*journal.lessons()]


def store_below(folder: Path) -> FolderStore:
    return FolderStore(folder / "instance" / "objects", folder / "tmp")


def undisturbed(drawings: list[Drawing], folder: Path) -> checkpoints.Arrays:
    """The FNN's weights after a run over the same rows in which nothing was killed."""
    folder.mkdir()
    journal = Journal(f"sqlite:///{folder / 'journal.sqlite'}")
    for d in drawings:
        journal.add(Drawing(d.id, d.label, d.png, d.digit, d.predictions))
    originals = checkpoints.originals(ROOT / "models")
    outbox = Outbox(journal, store_below(folder))
    trainer = Trainer(outbox, originals, {"fnn": TwoLayerNet(originals["fnn"])})
    while journal.counts()[QUEUED]:
        trainer.work()
    return checkpoints.parts("fnn", trainer.nets["fnn"].state())["fnn"]


@pytest.mark.proof
def test_two_servers_on_one_folder_have_one_trainer(tmp_path: Path) -> None:
    first = Server(tmp_path, WEB_CONCURRENCY="1", RECEIPT_WAIT="30")
    wait_until(lambda: "The trainer is ready" in first.log())
    second = Server(tmp_path, WEB_CONCURRENCY="1", RECEIPT_WAIT="30")  # both write one log
    try:
        fields = {"imageBase64": to_data_url(draw(7)), "digit": 7}
        for n, server in enumerate((first, second, first, second), 1):
            said = post(f"{server.url}/train", fields)
            assert (said["state"], said["version"]) == ("trained", n)
        assert first.log().count("The trainer is ready") == 1
        assert len(second.trainers()) == 1

        os.killpg(first.process.pid, signal.SIGKILL)
        first.process.wait()
        wait_until(lambda: second.log().count("The trainer is ready at version 4") == 1)
        assert post(f"{second.url}/train", fields)["version"] == 5
    finally:
        for server in (first, second):
            if server.process.poll() is None:
                server.stop()


@pytest.mark.proof
def test_a_killed_trainer_is_started_again(patient: Server) -> None:
    for times in (1, 2):
        if times > 1:
            patient.trainers()[0].kill()
        wait_until(lambda: patient.log().count("The trainer is ready") == times)  # noqa: B023
        said = post(f"{patient.url}/train", {"imageBase64": to_data_url(draw(7)), "digit": 7})
        assert (said["state"], said["version"]) == ("trained", times)


@pytest.mark.proof
def test_a_trainer_ends_with_its_server(tmp_path: Path) -> None:
    server = Server(tmp_path, WEB_CONCURRENCY="1")
    wait_until(lambda: bool(server.trainers()))
    trainer = server.trainers()[0]
    server.process.kill()
    server.process.wait()
    trainer.wait(60)
