"""What load balancers and monitoring are told."""

import threading

from flask.testing import FlaskClient

from inkling.records import Lesson
from inkling.web.app import Inkling
from testing.live import wait_until
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
    app.journal.commit([Lesson(drawing, 1, {})], {"fnn": "weights/gone", "cnn": "weights/gone"})
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
