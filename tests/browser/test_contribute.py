"""The data-collection page: each digit asked for is drawn, given with consent, and counted."""

import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    always,
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
    return int(page.locator(".prompt-digit").inner_text())


def give(page: Page) -> int:
    """Draw the digit that is asked for, and give it."""
    digit = asked(page)
    draw_by_mouse(page, digit)
    page.locator("#give").click()
    expect(page.locator("#outcome")).to_have_attribute("data-state", "given")
    expect(page.get_by_role("img", name=f"Your {digit}")).to_be_visible()
    return digit


def test_a_round_asks_for_every_digit_once_and_stays_to_be_looked_at(contribute: Page) -> None:
    contribute.locator("#consent").check()
    sent, read = posts(contribute, "/collect"), posts(contribute, "/predict")
    trained = posts(contribute, "/train")
    given = [give(contribute) for _ in range(9)]
    expect(contribute.locator("#outcome-words")).to_contain_text(f"drawings/{given[-1]}/")
    contribute.reload()
    expect(contribute.locator(".given img")).to_have_count(9)
    assert read == []  # what the app reads is not told before the round is whole
    given.append(give(contribute))
    assert sorted(given) == list(range(10))
    assert [body["digit"] for body in sent] == given
    assert len({body["key"] for body in sent}) == 10
    assert all(body["strokes"] for body in sent)
    assert trained == []
    expect(contribute.locator("#given")).to_have_text("10 drawings given")
    words = contribute.locator("#outcome-words")
    expect(words).to_contain_text("The app reads 10 of your 10 as you meant them.")
    contribute.reload()
    expect(contribute.locator("#given")).to_have_text("10 drawings given")
    expect(contribute.locator(".given img")).to_have_count(10)
    expect(contribute.locator(".given-read").nth(3)).to_have_text("read 3")
    draw_by_mouse(contribute, 1)  # the paper is locked
    expect(contribute.locator("#frame")).to_have_attribute("data-empty", "true")
    assert len(read) == 10
    with contribute.expect_download() as download:
        contribute.get_by_role("button", name="Share").click()
    assert download.value.suggested_filename == "my-digits.png"
    assert Image.open(download.value.path()).size == (896, 368)
    contribute.locator("#another-round").click()
    expect(contribute.locator(".given img")).to_have_count(0)
    give(contribute)
    expect(contribute.locator("#given")).to_have_text("11 drawings given")


def test_the_visitor_can_choose_the_digit(contribute: Page) -> None:
    contribute.locator("#consent").check()
    sent = posts(contribute, "/collect")
    contribute.get_by_label("I choose:").check()
    contribute.get_by_label("The digit that I choose").select_option("4")
    expect(contribute.locator("#prompt")).to_have_text("Draw a 4")
    expect(contribute.locator("#skip")).to_be_disabled()
    for _ in range(2):
        assert give(contribute) == 4
    contribute.get_by_label("The digit that I choose").select_option("8")
    expect(contribute.locator("#prompt")).to_have_text("Draw an 8")
    contribute.get_by_label("Show me a digit").check()
    assert asked(contribute) != 4
    assert [body["digit"] for body in sent] == [4, 4]


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
    hint = contribute.locator("#consent-hint")
    expect(hint).to_have_text(re.compile(r"^Tick the box, and your \d is given\.$"))
    assert sent == []
    contribute.keyboard.press("Space")
    expect(contribute.locator("#given")).to_have_text("1 drawing given")
    assert len(sent) == 1


def test_a_drawing_that_cannot_be_sent_waits_and_the_round_goes_on(contribute: Page) -> None:
    contribute.locator("#consent").check()
    sent = posts(contribute, "/collect")
    unreachable(contribute, "/collect")
    digit = asked(contribute)
    draw_by_mouse(contribute, digit)
    contribute.locator("#give").click()
    expect(contribute.locator("#outcome-words")).to_contain_text("Could not reach the server.")
    expect(contribute.locator("#waiting-words")).to_contain_text("1 drawing waits")
    assert asked(contribute) != digit
    reachable(contribute, "/collect")
    contribute.locator("#waiting-send").click()
    expect(contribute.locator("#waiting")).to_be_hidden()
    assert sent[0] == sent[-1]
    expect(contribute.locator("#given")).to_have_text("1 drawing given")


def test_a_drawing_that_is_refused_is_told_and_not_counted(contribute: Page) -> None:
    contribute.locator("#consent").check()
    digit = asked(contribute)
    always(contribute, "/collect", status=400, error="The digit is 'x'. Send one of 0 to 9.")
    draw_by_mouse(contribute, digit)
    contribute.locator("#give").click()
    expect(contribute.locator("#outcome-words")).to_have_text(
        "The digit is 'x'. Send one of 0 to 9."
    )
    assert asked(contribute) == digit
    expect(contribute.locator("#given")).to_have_text("No drawings given yet")


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
    expect(contribute.locator("#digits")).to_be_visible()
