"""Errors as pages, for who browses; programs get JSON."""

import pytest
from flask.testing import FlaskClient

from tests.conftest import AppWith
from tests.web.test_admin import PASSWORD

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/html"])
def test_a_program_gets_json(client: FlaskClient, accept: str | None) -> None:
    answer = client.get("/nowhere", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 404
    assert answer.get_json() == {"error": "There is no such page. Start at /."}
    assert "Accept" in answer.vary


def test_who_browses_gets_a_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers=BROWSER)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "There is no such page. Start at /." in answer.text
    assert 'href="/"' in answer.text
    assert "Accept" in answer.vary


def test_a_script_of_a_page_gets_json(client: FlaskClient) -> None:
    assert client.post("/predict", headers={"Accept": "*/*"}).is_json
    assert client.post("/predict", headers=BROWSER).is_json  # a form's answer is for a program


def test_who_is_not_let_in_gets_a_page(app_with: AppWith) -> None:
    client = app_with(ADMIN_PASSWORD=PASSWORD).test_client()
    answer = client.get("/admin/export", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/models/", "/models"),
        ("/progress///", "/progress"),
        ("/progress/data/?a=1", "/progress/data?a=1"),
    ],
)
def test_a_slash_too_many_leads_to_the_page(client: FlaskClient, path: str, meant: str) -> None:
    answer = client.get(path)
    while answer.location and answer.location.endswith("/"):  # werkzeug joins double ones first
        answer = client.get(answer.location)
    assert (answer.status_code, answer.location) == (308, meant)


@pytest.mark.parametrize("path", ["/nowhere/", "/train/", "/%2f%2fexample.com/"])
def test_other_addresses_lead_nowhere(client: FlaskClient, path: str) -> None:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code in (404, 405)
    assert answer.request.host == "localhost"
