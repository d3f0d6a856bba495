"""What load balancers and monitoring are told."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from inkling.coordination.coordination import open_coordination
from inkling.journal.schema import drawings
from inkling.records import Lesson
from inkling.web.app import Inkling
from inkling.web.prometheus import exposition
from testing.commits import commit
from testing.live import wait_until
from testing.places import KINDS, REJECTION, labelled, open_place
from tests.web.posting import SEVEN, check_refused, post


def test_health_and_readiness(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {
        "status": "ready",
        "version": 0,
        "trainer": "not running",
        "trouble": None,
        "queued": 0,
        "unstored": {"drawings": 0, "versions": 0},
    }


def test_a_version_that_cannot_be_loaded_is_told_and_not_loaded_by_who_asks(
    app: Inkling, client: FlaskClient
) -> None:
    loading, refresh = set[str](), app.recognizer.refresh

    def refresh_noted() -> None:
        loading.add(threading.current_thread().name)
        refresh()

    app.recognizer.refresh = refresh_noted  # type: ignore[method-assign]
    assert client.get("/readyz").status_code == 200
    post(client, "/train", imageBase64=SEVEN, digit=7)
    (drawing,) = app.journal.queued(1)
    commit(app.journal, [Lesson(drawing, 1, {})], {"fnn": "weights/gone", "cnn": "weights/gone"})
    wait_until(lambda: client.get("/readyz").status_code == 503)
    check_refused(client.get("/readyz"), 503)
    assert post(client, "/predict", imageBase64=SEVEN).get_json()["version"] == 0
    assert loading == {"refresher"}


def test_metrics_count_what_the_journal_has(client: FlaskClient) -> None:
    post(client, "/train", imageBase64=SEVEN, digit=7)
    post(client, "/collect", imageBase64=SEVEN, digit=7)
    page = client.get("/metrics")
    assert page.content_type.startswith("text/plain")
    lines = page.text.splitlines()
    assert 'inkling_drawings{state="queued"} 1.0' in lines
    assert 'inkling_drawings{state="collected"} 1.0' in lines
    assert "inkling_no_digits 0.0" in lines
    post(client, "/train", imageBase64=SEVEN, digit="none")
    assert "inkling_no_digits 1.0" in client.get("/metrics").text.splitlines()
    assert "inkling_version 0.0" in lines
    assert "inkling_left_out 0.0" in lines
    assert "inkling_trainer_running 0.0" in lines


@pytest.mark.parametrize("kind", KINDS)
def test_the_age_of_the_label_that_waits_longest_is_told(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with open_place(kind, tmp_path, request) as place:
        assert place.journal.oldest_queued_seconds() == 0
        for number, minutes in ((1, 1), (2, 90), (3, -5)):
            drawing = place.journal.add(labelled(number))
            given = datetime.now(UTC) - timedelta(minutes=minutes)
            with place.journal.engine.begin() as connection:
                row = drawings.c.id == drawing.id
                connection.execute(drawings.update().where(row).values(created_at=given))
        assert 60 <= place.journal.oldest_queued_seconds() < 3600  # the first in line
        page = exposition(place.outbox, open_coordination(place.settings).trainer).decode()
        (line,) = [x for x in page.splitlines() if x.startswith("inkling_oldest_queued_seconds ")]
        assert 60 <= float(line.split()[1]) < 3600
        for drawing in place.journal.queued(2):
            place.journal.reject(drawing.id, REJECTION)
        assert place.journal.oldest_queued_seconds() == 0  # given by a clock that is ahead


def test_a_trainer_runs_once_it_says_so(app: Inkling, client: FlaskClient) -> None:
    def told() -> str:
        return str(client.get("/readyz").get_json()["trainer"])

    lock = open_coordination(app.settings).trainer
    assert lock.acquire()
    assert told() == "not running"  # it reads what it learns from
    lock.announce()
    assert told() == "running"
    assert "inkling_trainer_running 1.0" in client.get("/metrics").text
    lock.retract()
    assert told() == "not running"
    lock.announce()
    lock.release()
    assert told() == "not running"
