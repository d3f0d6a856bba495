"""Labels that could not be sent wait in the browser, with their keys, and are never lost."""

import json

from playwright.sync_api import Page, expect

from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    agree,
    always,
    caught,
    draw_by_mouse,
    held,
    posts,
    prediction,
    reachable,
    see_answer,
    unreachable,
)

UNREACHABLE = "Could not reach the server. Check your connection, then try again."
BUSY = "Too many requests. Wait a minute, then try again."


def draw_and_agree(page: Page, digit: int = 7) -> None:
    draw_by_mouse(page, digit)
    see_answer(page)
    agree(page)


def test_a_label_that_fails_is_sent_again_with_the_same_key(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    unreachable(page, "/train")
    draw_and_agree(page)
    expect(page.locator("#failed-words")).to_have_text(UNREACHABLE)
    expect(page.locator("#waiting-words")).to_contain_text("1 drawing waits in this browser.")
    always(page, "/train", status=429, error=BUSY)
    page.locator("#retry-label").click()
    expect(page.locator("#failed-words")).to_have_text(BUSY)
    reachable(page, "/train")
    page.locator("#retry-label").click()
    expect(page.locator("#receipt-words")).to_contain_text("Learned")
    expect(page.locator("#waiting")).to_be_hidden()
    assert len(sent) >= 3
    assert all(body == sent[0] for body in sent)


def test_what_waits_is_sent_by_itself_and_its_receipt_is_shown(page: Page) -> None:
    page.locator("#consent").check()
    unreachable(page, "/train")
    draw_and_agree(page)
    expect(page.locator("#failed-words")).to_have_text(UNREACHABLE)
    reachable(page, "/train")
    expect(page.locator("#receipt-words")).to_contain_text("Learned")  # after a pause, unasked
    expect(page.locator("#waiting")).to_be_hidden()


def test_what_waits_survives_a_reload_and_is_sent_then(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    unreachable(page, "/train")
    for digit in (7, 1):
        draw_and_agree(page, digit)
        expect(page.locator("#failed-words")).to_have_text(UNREACHABLE)
    expect(page.locator("#waiting-words")).to_contain_text("2 drawings wait")
    reachable(page, "/train")
    before = {body["key"] for body in sent}
    sent.clear()
    with page.expect_response("**/train"):
        page.reload()
    expect(page.locator("#waiting")).to_be_hidden()
    assert {body["key"] for body in sent} == before
    assert [body["digit"] for body in sent] == [7, 1]  # in the order in which they were drawn


def test_a_label_of_a_page_that_is_closed_meanwhile_is_sent_by_the_next(page: Page) -> None:
    page.locator("#consent").check()
    waiting = held(page, "/train")
    draw_and_agree(page)
    first = json.loads(caught(page, waiting).request.post_data or "")
    other = page.context.new_page()
    page.close()
    sent = posts(other, "/train")
    with other.expect_response("**/train") as answer:
        other.goto("/".join(page.url.split("/")[:3]))
    assert answer.value.ok
    assert [body["key"] for body in sent] == [first["key"]]


def test_what_waits_can_be_thrown_away(page: Page) -> None:
    page.locator("#consent").check()
    unreachable(page, "/train")
    draw_and_agree(page)
    page.locator("#waiting-drop").click()
    expect(page.locator("#waiting")).to_be_hidden()
    sent = posts(page, "/train")
    page.reload()
    page.wait_for_load_state("networkidle")
    assert sent == []


def test_a_network_that_is_back_is_used_at_once(page: Page) -> None:
    page.locator("#consent").check()
    page.context.set_offline(True)
    always(page, "/predict", **prediction(7))
    draw_and_agree(page)
    expect(page.locator("#failed-words")).to_have_text(UNREACHABLE)
    page.context.set_offline(False)
    expect(page.locator("#receipt-words")).to_contain_text("Learned")


def test_what_the_server_refuses_for_good_is_told_and_not_sent_again(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    taken = "This key was sent before."
    always(page, "/train", status=409, error=taken)
    draw_and_agree(page)
    expect(page.locator("#failed-words")).to_have_text(taken)
    expect(page.locator("#waiting-words")).to_contain_text(f"The server does not take one: {taken}")
    page.locator("#waiting-send").click()
    page.reload()
    expect(page.locator("#waiting")).to_be_visible()
    assert len(sent) == 1


def test_a_label_that_fails_during_the_next_drawing_is_not_lost(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7))
    sent = posts(page, "/train")
    waiting = held(page, "/train")
    draw_and_agree(page)
    older = caught(page, waiting)
    draw_by_mouse(page, 7)
    see_answer(page)
    reachable(page, "/train")
    with page.expect_response("**/train") as answer:
        older.abort()
    assert answer.value.ok
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.locator("#panel-ask")).to_be_visible()  # the drawing of now is not labelled yet
    assert sent[0] == sent[1]


def test_two_pages_of_one_browser_do_not_overwrite_what_waits(
    new_page: PageMaker, server_url: str
) -> None:
    one = new_page()
    one.locator("#consent").check()
    two = one.context.new_page()
    two.goto(server_url)
    for page in (one, two):
        unreachable(page, "/train")
        draw_and_agree(page)
        expect(page.locator("#failed-words")).to_have_text(UNREACHABLE)
    for page in (one, two):
        expect(page.locator("#waiting-words")).to_contain_text("2 drawings wait")
