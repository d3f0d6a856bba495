"""What load balancers and monitoring are told."""

from flask.testing import FlaskClient

from tests.web.posting import SEVEN, post


def test_health_and_readiness(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {
        "status": "ready",
        "version": 0,
        "trainer": "not running",
        "queued": 0,
        "unstored": {"drawings": 0, "versions": 0},
    }


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
    assert "inkling_trainer_running 0.0" in lines
