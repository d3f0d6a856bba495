"""The data-collection page: each digit asked for is drawn, given with consent, and counted."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    draw_by_mouse,
    draw_by_touch,
    posts,
    reachable,
    unreachable,
)


@pytest.fixture
def contribute(new_page: PageMaker) -> Page:
    return new_page("/contribute")


def asked(page: Page) -> int:
    """The digit that the page asks for."""
    return int(page.locator("#prompt-digit").inner_text())


def give(page: Page) -> int:
    """Draw the digit that is asked for, and give it."""
    digit = asked(page)
    draw_by_mouse(page, digit)
    page.locator("#give").click()
    expect(page.locator("#outcome")).to_have_attribute("data-state", "given")
    return digit


def test_a_round_asks_for_every_digit_once(contribute: Page) -> None:
    contribute.locator("#consent").check()
    sent = posts(contribute, "/collect")
    trained = posts(contribute, "/train")
    given = [give(contribute) for _ in range(10)]
    assert sorted(given) == list(range(10))
    assert [body["digit"] for body in sent] == given
    assert len({body["key"] for body in sent}) == 10
    assert all(body["strokes"] for body in sent)
    assert trained == []
    expect(contribute.locator("#given")).to_have_text("10 drawings given")
    expect(contribute.locator("#outcome-words")).to_contain_text("A whole round")
    contribute.reload()
    expect(contribute.locator("#given")).to_have_text("10 drawings given")


def test_a_digit_given_by_touch(new_page: PageMaker) -> None:
    page = new_page("/contribute", width=360, height=740, has_touch=True, is_mobile=True)
    page.locator("#consent").tap()
    digit = asked(page)
    draw_by_touch(page, digit)
    page.locator("#give").tap()
    expect(page.locator("#given")).to_have_text("1 drawing given")
    expect(page.get_by_role("img", name=f"Your {digit}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_consent_nothing_is_sent(contribute: Page) -> None:
    sent = posts(contribute, "/collect")
    draw_by_mouse(contribute, asked(contribute))
    contribute.locator("#give").click()
    expect(contribute.locator("#consent")).to_be_focused()
    expect(contribute.locator("#consent-hint")).to_have_text("Tick the box first, then press Give.")
    assert sent == []


def test_a_drawing_that_fails_is_given_again_with_the_same_key(contribute: Page) -> None:
    contribute.locator("#consent").check()
    sent = posts(contribute, "/collect")
    unreachable(contribute, "/collect")
    digit = asked(contribute)
    draw_by_mouse(contribute, digit)
    contribute.locator("#give").click()
    expect(contribute.locator("#outcome-words")).to_contain_text("Could not reach the server.")
    assert asked(contribute) == digit
    reachable(contribute, "/collect")
    contribute.locator("#retry-give").click()
    expect(contribute.locator("#outcome")).to_have_attribute("data-state", "given")
    assert sent[0] == sent[1]
    expect(contribute.locator("#given")).to_have_text("1 drawing given")


def test_skip_asks_for_another_digit_and_for_this_one_later(contribute: Page) -> None:
    sent = posts(contribute, "/collect")
    first = asked(contribute)
    draw_by_mouse(contribute, first)
    contribute.locator("#skip").click()
    expect(contribute.locator("#frame")).to_have_attribute("data-empty", "true")
    assert asked(contribute) != first
    for _ in range(9):
        contribute.locator("#skip").click()
    assert asked(contribute) == first
    assert sent == []


def test_the_header_leads_from_page_to_page(contribute: Page) -> None:
    pages = contribute.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("link", name="Contribute")).to_have_attribute("aria-current", "page")
    pages.get_by_role("link", name="Draw").click()
    expect(pages.get_by_role("link", name="Draw")).to_have_attribute("aria-current", "page")
    expect(contribute.locator("#guess")).to_be_visible()
