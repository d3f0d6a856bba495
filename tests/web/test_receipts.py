"""Receipts: waited for, but never by everybody; asked for later; not needed for being stored."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from functions import to_data_url
from inkling.records import QUEUED
from inkling.settings import Settings
from inkling.trainer.trainer import Trainer
from inkling.web.app import Inkling
from testing.live import wait_until
from testing.pen import draw
from testing.places import BOTH, REJECTION, both
from tests.conftest import AppMaker

SEVEN = to_data_url(draw(7))


@pytest.fixture
def app(settings: Settings, make_app: AppMaker) -> Inkling:
    """An app that waits for receipts as long as it takes."""
    return make_app(replace(settings, receipt_wait=120.0, web_threads=4))


def trainer_of(app: Inkling) -> Trainer:
    return Trainer(app.outbox, BOTH, both())


def label(app: Inkling, digit: int = 7, picture: str = SEVEN) -> dict[str, object]:
    answer = app.test_client().post("/train", json={"imageBase64": picture, "digit": digit})
    assert answer.status_code == 200
    found: dict[str, object] = answer.get_json()
    return found


@contextmanager
def waiting(app: Inkling, count: int) -> Iterator[list[dict[str, object]]]:
    """Visitors who wait for their receipts; what they were answered, in the end."""
    answers: list[dict[str, object]] = []
    threads = [threading.Thread(target=lambda: answers.append(label(app))) for _ in range(count)]
    for thread in threads:
        thread.start()
    wait_until(lambda: app.journal.counts()[QUEUED] == count)
    try:
        yield answers
    finally:
        for thread in threads:
            thread.join()


def test_a_receipt_comes_as_soon_as_the_drawing_is_learned(app: Inkling) -> None:
    with waiting(app, 1) as answers:
        assert answers == []
        trainer_of(app).work()
    assert [answer["state"] for answer in answers] == ["trained"]
    assert answers[0]["receipt"]


@contextmanager
def loading_takes_time(app: Inkling) -> Iterator[set[str]]:
    """A version is taken up half a second late; the names of the threads that took one up."""
    loading = set[str]()
    refresh = app.recognizer.refresh

    def refresh_late() -> None:
        loading.add(threading.current_thread().name)
        if app.journal.current_version() != app.recognizer.version:
            time.sleep(0.5)
        refresh()

    app.recognizer.refresh = refresh_late  # type: ignore[method-assign]
    yield loading


def test_with_its_receipt_a_visitor_has_the_version_that_learned_it(app: Inkling) -> None:
    client, trainer = app.test_client(), trainer_of(app)
    with loading_takes_time(app) as loading:
        with waiting(app, 1) as answers:
            trainer.work()
        assert answers[0]["state"] == "trained"
        assert client.post("/predict", json={"imageBase64": SEVEN}).get_json()["version"] == 1
        app.settings = replace(app.settings, receipt_wait=0)
        queued = label(app)
        app.settings = replace(app.settings, receipt_wait=120)
        trainer.work()
        assert client.get(f"/drawings/{queued['drawing']}").get_json()["state"] == "trained"
        assert client.post("/predict", json={"imageBase64": SEVEN}).get_json()["version"] == 2
    assert loading == {"refresher"}


def test_a_version_that_cannot_be_served_keeps_no_receipt_back(app: Inkling) -> None:
    app.settings = replace(app.settings, receipt_wait=0.2)
    app.refresher.close()
    queued = label(app)
    trainer_of(app).work()
    learned = app.test_client().get(f"/drawings/{queued['drawing']}").get_json()
    assert (learned["state"], learned["version"], app.recognizer.version) == ("trained", 1, 0)


def test_a_rejection_is_told_too(app: Inkling) -> None:
    with waiting(app, 1) as answers:
        app.journal.reject(app.journal.queued(1)[0].id, REJECTION)
    assert [(a["state"], a["receipt"], a["reason"]) for a in answers] == [("rejected", None, None)]


def test_half_of_the_threads_are_never_held_by_those_who_wait(app: Inkling) -> None:
    with waiting(app, 2) as answers:  # of four threads
        at_once = label(app)
        assert (at_once["state"], at_once["receipt"]) == ("queued", None)
        assert answers == []
        trainer = trainer_of(app)
        while app.journal.counts()[QUEUED]:
            trainer.work()
    assert [answer["state"] for answer in answers] == ["trained"] * 2
    with waiting(app, 1):  # the places are free again
        trainer.work()


def test_a_journal_that_goes_away_while_one_waits_is_no_reason_to_say_nothing_was_stored(
    app: Inkling,
) -> None:
    with waiting(app, 1) as answers, app.journal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE drawings RENAME TO elsewhere")
    assert [answer["state"] for answer in answers] == ["queued"]


def test_a_receipt_can_be_asked_for_later(client: FlaskClient) -> None:
    app: Inkling = client.application  # type: ignore[assignment]
    app.settings = replace(app.settings, receipt_wait=0)
    queued = label(app)
    address = f"/drawings/{queued['drawing']}"
    assert client.get(address).get_json() == queued
    trainer_of(app).work()
    learned = client.get(address).get_json()
    assert (learned["state"], learned["version"]) == ("trained", 1)
    assert [*learned["receipt"]] == ["fnn_retrained", "cnn_retrained"]


def test_why_a_label_is_not_learned_is_told_and_only_then(client: FlaskClient) -> None:
    app: Inkling = client.application  # type: ignore[assignment]
    app.settings = replace(app.settings, receipt_wait=0)
    eight = to_data_url(draw(8))
    queued = [label(app, digit, eight) for digit in (8, 1)]
    assert [answer["reason"] for answer in queued] == [None, None]
    trainer_of(app).work()
    later = [client.get(f"/drawings/{answer['drawing']}").get_json() for answer in queued]
    assert [(answer["state"], answer["reason"]) for answer in later] == [
        ("trained", None),
        ("rejected", "Every model is sure that this is an 8."),
    ]


@pytest.mark.parametrize("id", ["7c2f6a2e-0f7b-4c53-9f0f-3f2b1f6f4f10", "7", "x" * 500, "..%2f"])
def test_an_unknown_drawing_is_not_found(client: FlaskClient, id: str) -> None:
    answer = client.get(f"/drawings/{id}")
    assert answer.status_code == 404
    assert [*answer.get_json()] == ["error"]
