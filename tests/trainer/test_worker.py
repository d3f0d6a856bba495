"""The process that learns: a bug is logged, told and tried again, and is no verdict on a label."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from inkling import checkpoints
from inkling.journal.writer import Journal
from inkling.learning.learner import Learner
from inkling.records import QUEUED, REJECTED, TRAINED, TRAINER, Drawing
from inkling.settings import Settings
from inkling.trainer.worker import TrainerProcess
from inkling.web.app import Inkling
from testing.live import wait_until
from testing.pen import draw
from two_layer_net import Batch, TwoLayerNet


class Buggy(TwoLayerNet):
    """A net whose step has a bug until somebody mends it."""

    mended = False

    def learn(self, batch: Batch, rate: float) -> float:
        if not self.mended:
            raise TypeError("a programmer's mistake")
        return super().learn(batch, rate)


def ready(client: FlaskClient) -> Any:
    return client.get("/readyz").get_json()


def test_a_bug_in_a_step_rejects_no_label_and_all_are_learned_once_it_is_mended(
    settings: Settings, app: Inkling, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    journal: Journal = app.journal
    originals = checkpoints.originals(settings.models_folder)
    net = Buggy(originals["fnn"])
    process = TrainerProcess(settings)
    process._originals, process._nets = originals, Learner({"fnn": net}, originals)
    assert process._leadership.should_try()
    assert process._leadership.acquire()
    for digit in (1, 2, 3):
        journal.add(Drawing.of(digit, draw(digit)))
    learning = threading.Thread(target=process._learn)
    learning.start()
    try:
        wait_until(lambda: ready(client)["trouble"] == "TypeError")
        assert journal.counts()[QUEUED] == 3
        assert journal.counts()[REJECTED] == 0
        assert "a programmer's mistake" in caplog.text
        net.mended = True
        wait_until(lambda: journal.counts()[TRAINED] == 3)
        # Of the journal: its versions hold one net, and who serves four waits for the other.
        wait_until(lambda: journal.noticed(TRAINER) is None)
    finally:
        process._stopping.set()
        learning.join()
        process._leadership.end()
    assert journal.counts()[REJECTED] == 0
