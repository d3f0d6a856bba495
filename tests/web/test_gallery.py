"""The gallery: what visitors drew, as far as the site shows it, a page at a time."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from inkling.journal.writer import Journal
from inkling.records import COLLECTED, NOT_A_DIGIT
from inkling.web.app import Inkling
from inkling.web.gallery import A_PAGE
from testing.places import REJECTION, labelled
from tests.conftest import AppWith
from tests.web.posting import check_refused


def shown(client: FlaskClient, query: str = "") -> list[str]:
    """What is shown, in words, newest first."""
    answer = client.get(f"/gallery{query}")
    assert answer.status_code == 200, answer.text
    return re.findall(r'width="112" height="112" alt="([^"]*)"', answer.text)


@pytest.fixture
def journal(app: Inkling) -> Journal:
    """A right one, a wrong one, one of which the app was unsure, a rejected one, no digit."""
    said = {"said": {"fnn": 3, "cnn": 3}}
    app.journal.add(labelled(3, answer=3, **said))
    app.journal.add(labelled(4, answer=9, state=COLLECTED, **said))
    app.journal.add(labelled(3, answer=None, **said))
    rejected = app.journal.add(labelled(5, answer=5))
    app.journal.reject(rejected.id, REJECTION)
    app.journal.add(labelled(6, label=NOT_A_DIGIT, state=COLLECTED, answer=6))
    return app.journal


def test_digits_are_shown_newest_first_and_nothing_else(
    client: FlaskClient, journal: Journal
) -> None:
    assert shown(client) == [
        "The drawing of a 3; the app was not sure",
        "The drawing of a 4; the app said 9",
        "The drawing of a 3; the app said 3",
    ]
    ids = [drawing.id for drawing in journal.labelled(["queued", "collected", "rejected"])]
    page = client.get("/gallery").text
    assert page.count("data-id") == 0
    assert not any(id in page for id in ids)  # with which more could be asked


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "?digit=3",
            ["The drawing of a 3; the app was not sure", "The drawing of a 3; the app said 3"],
        ),
        ("?said=right", ["The drawing of a 3; the app said 3"]),
        ("?said=wrong", ["The drawing of a 4; the app said 9"]),
        ("?said=unsure&digit=", ["The drawing of a 3; the app was not sure"]),
        ("?said=nobody", ["The drawing of a 4; the app said 9"]),
        ("?digit=4&said=right", []),
    ],
)
def test_filters(client: FlaskClient, journal: Journal, query: str, expected: list[str]) -> None:
    assert shown(client, query) == expected


@pytest.mark.parametrize(
    "query", ["?digit=x", "?digit=none", "?said=maybe", "?state=rejected", "?before=x"]
)
def test_what_is_not_shown_cannot_be_asked_for(
    client: FlaskClient, journal: Journal, query: str
) -> None:
    check_refused(client.get(f"/gallery{query}"), 400)


def test_pages_follow_each_other(client: FlaskClient, app: Inkling) -> None:
    one = labelled(3, answer=3)
    for number in range(2 * A_PAGE + 1):
        app.journal.add(replace(one, id=f"00000000-0000-4000-8000-{number:012}"))
    counts, query = [], "?digit=3"
    while query:
        counts.append(len(shown(client, query)))
        text = client.get(f"/gallery{query}").text
        older = re.search(r'href="/gallery(\?[^"]*)">Older', text)
        query = older[1].replace("&amp;", "&") if older else ""
        assert query == "" or "digit=3" in query
    assert counts == [A_PAGE, A_PAGE, 1]


def test_a_site_that_shows_no_drawings_shows_none_here(app_with: AppWith) -> None:
    app = app_with(SHOW_DRAWINGS="no")
    app.journal.add(labelled(3, answer=3))
    client = app.test_client()
    assert shown(client) == []
    assert "keeps its visitors’ drawings to itself" in client.get("/gallery").text
