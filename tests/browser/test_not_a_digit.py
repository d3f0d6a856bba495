"""A drawing that is no digit: kept, and never learned."""

from playwright.sync_api import Page, expect

from tests.browser.hand import caught, draw_by_mouse, held, posts, see_answer


def say_no_digit(page: Page) -> None:
    """Draw something, and say that it is no digit."""
    draw_by_mouse(page, 8)
    see_answer(page)
    page.get_by_role("button", name="None of these").click()


NO_DIGIT = "Kept as something that is no digit. Nothing was learned."


def test_not_a_digit_is_kept_and_not_learned(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    with page.expect_response("**/train") as answered:
        say_no_digit(page)
    expect(page.locator("#receipt-words")).to_have_text(NO_DIGIT)
    expect(page.locator("#announcer")).to_have_text(NO_DIGIT)
    expect(page.locator("#receipt-picture > *")).to_have_count(0)
    expect(page.locator(".change").nth(1)).to_be_empty()
    assert [body["digit"] for body in sent] == ["none"]
    answer = answered.value.json()
    assert (answer["state"], answer["receipt"]) == ("collected", None)
    page.get_by_role("button", name="Draw another").click()
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    expect(page.locator("#canvas")).to_be_focused()


def test_what_is_no_digit_is_kept_by_a_second_try_with_the_same_key(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    waiting = held(page, "/train")
    say_no_digit(page)
    expect(page.locator("#sending-words")).to_have_text("Keeping it…")
    caught(page, waiting).abort()
    expect(page.locator("#failed-words")).to_contain_text("Could not reach the server.")
    page.unroute("**/train")
    page.locator("#retry-label").click()
    expect(page.locator("#receipt-words")).to_have_text(NO_DIGIT)
    assert sent[0] == sent[1]


def test_without_consent_not_a_digit_stores_nothing(page: Page) -> None:
    sent = posts(page, "/train")
    draw_by_mouse(page, 8)
    see_answer(page)
    page.keyboard.press("n")
    expect(page.locator("#words")).to_have_text("Fine. Nothing was stored.")
    expect(page.locator("#announcer")).to_have_text("Fine. Nothing was stored.")
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    expect(page.locator("#canvas")).to_be_focused()
    assert sent == []
