"""A site that only collects: it leads to its page, answers nothing, and teaches nothing."""

import pytest
from flask.testing import FlaskClient

from tests.conftest import AppWith
from tests.web.posting import SEVEN, check_refused, post


@pytest.fixture
def collecting(app_with: AppWith) -> FlaskClient:
    return app_with(ANSWERS="no").test_client()


@pytest.mark.parametrize("path", ["/predict", "/versions", "/train"])
def test_nothing_is_answered_or_taught(collecting: FlaskClient, path: str) -> None:
    refused = post(collecting, path, imageBase64=SEVEN, digit=7)
    check_refused(refused, 403)
    assert "This site only collects drawings." in refused.get_json()["error"]


def test_drawings_are_collected(collecting: FlaskClient) -> None:
    given = post(collecting, "/collect", imageBase64=SEVEN, digit=7)
    assert (given.status_code, given.get_json()["state"]) == (200, "collected")


def test_who_comes_to_draw_is_led_to_the_page_that_collects(collecting: FlaskClient) -> None:
    answer = collecting.get("/")
    assert (answer.status_code, answer.location) == (302, "/contribute")
    page = collecting.get("/contribute").text
    assert ">Draw</a>" not in page


def test_other_sites_answer(client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    assert ">Draw</a>" in client.get("/contribute").text
