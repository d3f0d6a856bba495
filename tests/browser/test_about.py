"""How it works, told with the visitor's own drawing."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PageMaker
from tests.browser.hand import agree, draw_by_mouse, posts, see_answer
from tests.browser.test_layout import fits_sideways


def size_of(page: Page, id: str) -> list[int]:
    expect(page.locator(id)).to_be_visible()
    expect(page.locator(id)).to_have_attribute("src", re.compile("^data:"))
    found: list[int] = page.locator(id).evaluate("i => [i.naturalWidth, i.naturalHeight]")
    return found


def test_who_has_drawn_nothing_sees_another_drawing(new_page: PageMaker) -> None:
    page = new_page("/about")
    assert size_of(page, "#input") == [28, 28]
    assert size_of(page, "#variants") == [168, 112]
    expect(page.locator("#whose")).to_contain_text("Told with a drawn 7")


def test_it_is_told_with_the_visitors_last_drawing_and_what_it_changed(page: Page) -> None:
    page.locator("#consent").check()
    draw_by_mouse(page, 4)
    see_answer(page)
    agree(page)
    expect(page.locator("#receipt-words")).to_contain_text("Learned")
    words = page.locator("#receipt-words").inner_text()
    asked = posts(page, "/steps")
    predicted = posts(page, "/predict")
    page.get_by_role("link", name="How it works").click()
    expect(page.locator("#whose")).to_have_text("Told with your last drawing.")
    assert size_of(page, "#crop")[0] > 28
    assert size_of(page, "#input") == [28, 28]
    expect(page.locator("#moved")).to_have_text(words)
    assert predicted == []
    assert asked[0]["imageBase64"] == page.locator("#drawn").get_attribute("src")


def test_nothing_scrolls_sideways(new_page: PageMaker) -> None:
    for width in (360, 768, 1440):
        assert fits_sideways(new_page("/about", width=width))
