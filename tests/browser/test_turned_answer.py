"""An answer that a label turned: the numeral follows, and the page says what it sees now."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from testing.live import Server, wait_until
from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    agree,
    always,
    caught,
    draw_by_mouse,
    draw_strokes_by_mouse,
    held,
    label_as,
    prediction,
    see_answer,
    unreachable,
)
from tests.browser.test_receipt import LEARNED, receipt

MOVED = receipt((0.3, 0.8), (0.2, 0.7))  # of version 4
# A seven whose foot turns to the right, as a two's: the originals say 2, and one label turns them.
TAILED_SEVEN = [np.array([[23, 70, 46, 63, 82], [16, 1, 92, 95, 88]], np.float32)]


@pytest.fixture(scope="module")
def learning_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose nets have learned nothing yet, with its trainer."""
    server = Server(tmp_path_factory.mktemp("turned"))
    try:
        wait_until(lambda: "The trainer is ready" in server.log())
        yield server.url
    finally:
        server.stop()


def draw_and_see(page: Page, answer: int | None) -> None:
    """Draw something that version 3 answers so."""
    page.locator("#consent").check()
    always(page, "/predict", **prediction(answer, version=3))
    always(page, "/train", **MOVED)
    draw_by_mouse(page, 7)
    see_answer(page)


def shows(page: Page, numeral: str, words: str) -> None:
    expect(page.locator("#words")).to_have_text(words)
    expect(page.locator("#numeral")).to_have_text(numeral)


def test_what_the_nets_really_learned_is_seen_at_once(
    new_page: PageMaker, learning_server: str
) -> None:
    page = new_page()
    page.goto(learning_server)
    page.locator("#consent").check()
    draw_strokes_by_mouse(page, TAILED_SEVEN)
    see_answer(page)
    shows(page, "2", "I see a 2")
    label_as(page, 7)
    expect(page.locator("#receipt-words")).to_contain_text("it is a 7", timeout=LEARNED)
    shows(page, "7", "Now I see a 7.")
    expect(page.locator("#announcer")).to_have_text("Now I see a 7.")
    expect(page.locator("#version")).to_have_text("Retrained: version 1")
    page.locator("#another").click()
    shows(page, "", "Draw a digit, and I will say what I see.")


@pytest.mark.parametrize(
    ("before", "after", "numeral", "words"),
    [
        (7, 2, "2", "Now I see a 2."),
        (7, 8, "8", "Now I see an 8. Show me once more (1 so far)."),
        (None, 2, "2", "Now I see a 2."),
        (7, None, "?", "Now: I am not sure what this is. Show me once more (1 so far)."),
    ],
)
def test_a_turned_answer_is_shown_and_said(
    page: Page, before: int | None, after: int | None, numeral: str, words: str
) -> None:
    draw_and_see(page, before)
    always(page, "/predict", **prediction(after, version=4))
    label_as(page, 2)
    shows(page, numeral, words)
    expect(page.locator("#announcer")).to_have_text(words)
    expect(page.locator("#receipt-words")).to_contain_text("80 % sure that it is a 2")
    expect(page.locator('[data-model="cnn_retrained"] .change')).to_have_text("2: +50 points")


@pytest.mark.parametrize(("answer", "numeral"), [(7, "7"), (None, "?")])
def test_an_answer_that_stays_wrong_asks_to_be_shown_once_more(
    page: Page, answer: int | None, numeral: str
) -> None:
    for shown in (1, 2):
        draw_and_see(page, answer)
        always(page, "/predict", **prediction(answer, version=4))
        label_as(page, 2)
        shows(page, numeral, f"Not yet. Show me once more ({shown} so far).")
        page.locator("#another").click()
    draw_and_see(page, answer)
    always(page, "/predict", **prediction(2, version=4))
    label_as(page, 2)
    shows(page, "2", "Now I see a 2.")
    page.locator("#another").click()
    draw_and_see(page, answer)
    always(page, "/predict", **prediction(answer, version=4))
    label_as(page, 2)
    shows(page, numeral, "Not yet. Show me once more (1 so far).")  # counted anew


def test_an_answer_that_was_right_is_not_said_again(page: Page) -> None:
    draw_and_see(page, 7)
    always(page, "/predict", **prediction(7, version=4))
    agree(page)
    expect(page.locator("#version")).to_have_text("Retrained: version 4")
    shows(page, "7", "I see a 7")
    expect(page.locator("#announcer")).to_contain_text("Learned.")


def test_a_label_that_waited_turns_the_answer_once_it_is_learned(page: Page) -> None:
    draw_and_see(page, 7)
    always(page, "/train", state="queued", drawing="an-id")
    always(page, "/drawings/an-id", **MOVED)
    always(page, "/predict", **prediction(2, version=4))
    label_as(page, 2)
    shows(page, "2", "Now I see a 2.")


def test_a_server_process_that_is_behind_is_asked_again(page: Page) -> None:
    draw_and_see(page, 7)
    answers = [prediction(2, version=4), prediction(7, version=3), prediction(7, version=3)]
    page.route("**/predict", lambda route: route.fulfill(json=answers.pop()))
    label_as(page, 2)
    shows(page, "2", "Now I see a 2.")
    assert answers == []


def test_a_new_drawing_hears_nothing_of_the_old_one(page: Page) -> None:
    draw_and_see(page, 7)
    waiting = held(page, "/predict")
    label_as(page, 2)
    older = caught(page, waiting)
    always(page, "/predict", **prediction(5, version=4))
    draw_by_mouse(page, 5)
    see_answer(page)
    older.fulfill(json=prediction(2, version=4))
    page.wait_for_timeout(200)
    shows(page, "5", "I see a 5")
    expect(page.locator("#announcer")).to_have_text("I see a 5")


def test_where_the_second_answer_fails_the_first_one_stays(page: Page) -> None:
    draw_and_see(page, 7)
    unreachable(page, "/predict")
    with page.expect_event("requestfailed"):
        label_as(page, 2)
    expect(page.locator("#receipt-words")).to_contain_text("Learned.")
    shows(page, "7", "I see a 7")


def test_who_looks_back_meanwhile_is_brought_to_the_newest_version(page: Page) -> None:
    made = {"kind": "lesson", "made": None}
    stored = [{"number": number, **made} for number in (2, 3, 4)]
    always(page, "/versions", newest=3, versions=stored[:2])
    draw_and_see(page, 7)
    waiting: list[Route] = []

    def answer(route: Route) -> None:
        if "version" in (route.request.post_data_json or {}):
            route.fulfill(json=prediction(9, version=2))
        else:
            waiting.append(route)

    page.route("**/predict", answer)
    label_as(page, 2)
    newest = caught(page, waiting)
    page.locator("#travel-older").click()
    expect(page.locator("#travel-words")).to_have_text("Version 2: sees a 9")
    shows(page, "7", "I see a 7")
    lists = held(page, "/versions")
    newest.fulfill(json=prediction(2, version=4))
    shows(page, "2", "Now I see a 2.")
    read_list: dict[str, Any] = {"newest": 4, "versions": stored}
    page.locator("#travel-range").press("Home")  # before the list came
    expect(page.locator("#travel-words")).to_have_text("Version 2: sees a 9")
    caught(page, lists).fulfill(json=read_list)
    expect(page.locator("#travel-words")).to_have_text("This is the newest version.")
    expect(page.locator("#version")).to_have_text("Retrained: version 4")
    shows(page, "2", "Now I see a 2.")
