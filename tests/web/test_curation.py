"""What the operator does with drawings: with the password alone, noted, and undone."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from inkling.records import COLLECTED, DELETING, NOT_A_DIGIT, QUEUED, REJECTED, Drawing, State
from inkling.web.app import Inkling
from testing.places import REJECTION, labelled
from tests.conftest import AppWith
from tests.web.posting import check_refused
from tests.web.test_admin import PASSWORD, basic

PAGE = "/admin/drawings"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def app(app_with: AppWith) -> Iterator[Inkling]:
    yield app_with(ADMIN_PASSWORD=PASSWORD, CORS_ORIGINS="https://friend.example")


@pytest.fixture
def client(app: Inkling) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def rejected(app: Inkling) -> Drawing:
    drawing = app.journal.add(labelled(5, answer=5, said={"fnn": 5, "cnn": 8}))
    app.journal.reject(drawing.id, REJECTION)
    return drawing


def do(client: FlaskClient, drawing: Drawing, **fields: object) -> TestResponse:
    return client.post(f"{PAGE}/{drawing.id}", json=fields, headers=basic(PASSWORD))


def is_now(app: Inkling, drawing: Drawing) -> tuple[int, State]:
    found = app.journal.find(drawing.id)
    assert found is not None
    return found.label, found.state


def test_nothing_is_seen_or_done_without_the_password(
    app: Inkling, client: FlaskClient, rejected: Drawing
) -> None:
    path = f"{PAGE}/{rejected.id}"
    for headers in ({}, basic("a wrong one")):
        check_refused(client.get(PAGE, headers=headers), 401)
        check_refused(client.get(f"{path}.png", headers=headers), 401)
        check_refused(client.post(path, json={"action": "accept"}, headers=headers), 401)
        check_refused(client.post("/admin/changes/1/undo", headers=headers), 401)
    assert is_now(app, rejected) == (5, REJECTED)


@pytest.mark.parametrize("origin", ["https://evil.example", "https://friend.example"])
def test_no_page_of_another_site_does_anything(
    app: Inkling, client: FlaskClient, rejected: Drawing, origin: str
) -> None:
    headers = basic(PASSWORD) | {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    answer = client.post(f"{PAGE}/{rejected.id}", json={"action": "delete"}, headers=headers)
    check_refused(answer, 403)
    assert is_now(app, rejected) == (5, REJECTED)


def test_all_drawings_are_shown_with_their_state(
    client: FlaskClient, app: Inkling, rejected: Drawing
) -> None:
    app.journal.add(labelled(6, label=NOT_A_DIGIT, state=COLLECTED))
    page = client.get(PAGE, headers=basic(PASSWORD)).text
    assert re.findall(r'data-state="(\w+)"', page) == ["collected", "rejected"]
    assert "The picture cannot be read" in page
    only = client.get(f"{PAGE}?state=rejected&digit=5", headers=basic(PASSWORD)).text
    assert re.findall(r'data-id="([^"]+)"', only) == [rejected.id]
    picture = client.get(f"{PAGE}/{rejected.id}.png", headers=basic(PASSWORD))
    assert picture.data == rejected.png
    assert picture.headers["Cache-Control"] == "no-store"


def test_a_drawing_is_accepted_relabelled_and_deleted(
    app: Inkling, client: FlaskClient, rejected: Drawing
) -> None:
    assert do(client, rejected, action="accept").get_json() == {
        "drawing": rejected.id,
        "action": "accept",
    }
    assert is_now(app, rejected) == (5, QUEUED)
    assert do(client, rejected, action="relabel", digit=8).status_code == 200
    assert is_now(app, rejected) == (8, QUEUED)
    assert do(client, rejected, action="relabel", digit="none").status_code == 200
    assert is_now(app, rejected) == (NOT_A_DIGIT, COLLECTED)
    assert do(client, rejected, action="reject").status_code == 200
    assert is_now(app, rejected) == (NOT_A_DIGIT, REJECTED)
    assert do(client, rejected, action="delete").status_code == 200
    assert is_now(app, rejected)[1] == DELETING
    check_refused(do(client, rejected, action="accept"), 409)
    assert rejected.id not in client.get(PAGE, headers=basic(PASSWORD)).text


def test_bad_input_changes_nothing(app: Inkling, client: FlaskClient, rejected: Drawing) -> None:
    for fields in (
        {},
        {"action": "burn"},
        {"action": "relabel"},
        {"action": "relabel", "digit": 12},
    ):
        check_refused(do(client, rejected, **fields), 400)
    check_refused(do(client, labelled(4), action="accept"), 409)
    check_refused(do(client, labelled(4), action="delete"), 404)
    assert is_now(app, rejected) == (5, REJECTED)


def test_a_browser_is_led_back_to_where_it_was_and_can_undo(
    app: Inkling, client: FlaskClient, rejected: Drawing
) -> None:
    headers = basic(PASSWORD) | BROWSER
    query = "digit=5&said=&state=rejected"
    form = {"action": "relabel", "digit": "8", "back": query}
    answer = client.post(f"{PAGE}/{rejected.id}", data=form, headers=headers)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?{query}")
    page = client.get(f"{PAGE}?state=rejected", headers=headers).text
    assert "Relabelled a 5 as an 8" in page
    (undo,) = re.findall(r'action="(/admin/changes/\d+/undo)"', page)
    evil = client.post(undo, data={"back": "//evil.example"}, headers=headers)
    assert (evil.status_code, evil.location) == (303, PAGE)
    assert is_now(app, rejected) == (5, REJECTED)
    assert "undone" in client.get(PAGE, headers=headers).text
    check_refused(client.post(undo, headers=basic(PASSWORD)), 409)
