"""What goes wrong is said with what to do, and trying again works and stores nothing twice."""

from playwright.sync_api import Page, expect

from tests.browser.hand import agree, always, draw_by_mouse, reachable, see_answer, unreachable

UNREACHABLE = "Could not reach the server. Check your connection, then try again."
BUSY = "Too many requests. Wait a minute, then try again."


def test_an_answer_that_fails_is_tried_again(page: Page) -> None:
    unreachable(page, "/predict")
    draw_by_mouse(page, 7)
    expect(page.locator("#words")).to_have_text(UNREACHABLE)
    expect(page.locator("#announcer")).to_have_text(UNREACHABLE)
    expect(page.locator("#not-a-digit")).to_be_disabled()
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


def test_cards_that_cannot_be_refreshed_stay(page: Page) -> None:
    page.locator("#consent").check()
    draw_by_mouse(page, 7)
    see_answer(page)
    unreachable(page, "/predict")
    with page.expect_request("**/predict"):
        agree(page)
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
    agree(page)
    expect(page.locator("#another")).to_be_visible()
