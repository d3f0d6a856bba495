"""What goes wrong is said with what to do, and trying again works and stores nothing twice."""

from playwright.sync_api import Page, expect

from tests.browser.hand import (
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


def test_an_answer_that_fails_is_tried_again(page: Page) -> None:
    unreachable(page, "/predict")
    draw_by_mouse(page, 7)
    expect(page.locator("#words")).to_have_text(UNREACHABLE)
    expect(page.locator("#announcer")).to_have_text(UNREACHABLE)
    expect(page.locator("#yes")).to_be_disabled()
    reachable(page, "/predict")
    page.locator("#retry-guess").click()
    expect(page.locator("#words")).to_have_text("I see a 7")
    expect(page.locator("#retry-guess")).to_be_hidden()


def test_the_servers_own_words_are_shown(page: Page) -> None:
    always(page, "/predict", status=429, error=BUSY)
    draw_by_mouse(page, 7)
    expect(page.locator("#words")).to_have_text(BUSY)


def test_an_error_page_of_a_proxy_is_put_in_words(page: Page) -> None:
    page.route("**/predict", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    draw_by_mouse(page, 7)
    expect(page.locator("#words")).to_have_text(
        "The server answered 502. Wait a moment, then try again."
    )


def test_a_label_that_fails_is_sent_again_with_the_same_key(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    unreachable(page, "/train")
    page.locator("#yes").click()
    expect(page.locator("#failed-words")).to_have_text(UNREACHABLE)
    always(page, "/train", status=429, error=BUSY)
    page.locator("#retry-label").click()
    expect(page.locator("#failed-words")).to_have_text(BUSY)
    reachable(page, "/train")
    page.locator("#retry-label").click()
    expect(page.locator("#another")).to_be_visible()
    assert len(sent) == 3
    assert sent[0] == sent[1] == sent[2]


def test_a_label_that_fails_during_the_next_drawing_is_not_lost(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7))
    sent = posts(page, "/train")
    waiting = held(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    page.locator("#yes").click()
    older = caught(page, waiting)
    draw_by_mouse(page, 7)
    see_answer(page)
    older.abort()
    expect(page.locator("#notice-words")).to_have_text(f"Your 7 was not saved. {UNREACHABLE}")
    reachable(page, "/train")
    with page.expect_response("**/train") as answer:
        page.locator("#notice-retry").click()
    assert answer.value.ok
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator("#panel-ask")).to_be_visible()
    assert sent[0] == sent[1]


def test_cards_that_cannot_be_refreshed_stay(page: Page) -> None:
    page.locator("#consent").check()
    draw_by_mouse(page, 7)
    see_answer(page)
    unreachable(page, "/predict")
    with page.expect_request("**/predict"):
        page.locator("#yes").click()
    expect(page.locator("#another")).to_be_visible()
    expect(page.locator("#words")).to_have_text("I see a 7")
    expect(page.locator("#retry-guess")).to_be_hidden()


def test_the_page_works_where_storage_is_switched_off(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('off'); }})"
    )
    page.reload()
    page.locator("#consent").check()
    draw_by_mouse(page, 7)
    see_answer(page)
    page.locator("#yes").click()
    expect(page.locator("#another")).to_be_visible()
