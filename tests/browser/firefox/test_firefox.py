"""The drawing page in Firefox: drawn on, answered, labelled and learned as in Chromium.

What the page posts cannot be read here: WebDriver BiDi does not tell it. Receipts say what came.
"""

import re

import pytest
from playwright.sync_api import Page, Request, expect

from testing.firefox import needs_firefox
from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    agree,
    draw_by_mouse,
    label_as,
    reachable,
    see_answer,
    unreachable,
)
from tests.browser.test_drawing import FILLED, draw_slowly, ink_on_screen
from tests.browser.test_keyboard import draw_a_one
from tests.browser.test_receipt import LEARNED
from tests.browser.test_waiting import UNREACHABLE

pytestmark = [pytest.mark.long, needs_firefox]

# A Firefox is one or the other as it starts: by WebDriver BiDi it cannot be told later.
in_the_dark = pytest.mark.parametrize("browser", [{"dark": True}], ids=["dark"], indirect=True)
by_finger = pytest.mark.parametrize("browser", [{"pointer": "touch"}], ids=["touch"], indirect=True)


def learned(page: Page, digit: int) -> None:
    """Wait until the receipt says that the models learned this digit."""
    words = re.compile(rf"^Learned.+\b{digit}\b")
    expect(page.locator("#receipt-words")).to_have_text(words, timeout=LEARNED)


def labels(page: Page) -> list[Request]:
    """The labels sent from now on: the list grows with each."""
    sent: list[Request] = []

    def note(request: Request) -> None:
        if request.url.endswith("/train"):
            sent.append(request)

    page.on("request", note)
    return sent


@pytest.mark.parametrize("digit", [1, 4, 7])
def test_a_digit_drawn_by_mouse_is_seen_and_taught(page: Page, digit: int) -> None:
    assert "Firefox" in page.evaluate("navigator.userAgent")
    page.locator("#consent").check()
    draw_by_mouse(page, digit)
    see_answer(page)
    expect(page.locator("#numeral")).to_have_text(str(digit))
    expect(page.locator("#saw")).to_have_js_property("naturalWidth", 28)
    agree(page)
    learned(page, digit)


def test_bars_follow_the_pen_and_the_label_waits_until_it_rests(page: Page) -> None:
    draw_slowly(page, 7, pause=0)
    page.wait_for_function(FILLED)
    expect(page.locator("#not-a-digit")).to_be_disabled()
    page.mouse.up()
    see_answer(page)
    expect(page.locator('.digit[data-digit="7"]')).to_have_attribute("data-guess", "")


@by_finger
def test_a_finger_draws_and_scrolls_nothing(new_page: PageMaker) -> None:
    phone = new_page(width=360, height=740)
    phone.evaluate("() => { onpointerdown = (event) => (globalThis.pointer = event.pointerType); }")
    draw_by_mouse(phone, 7)
    expect(phone.locator("#numeral")).to_have_text("7")
    assert phone.evaluate("[pointer, scrollY]") == ["touch", 0]
    label_as(phone, 7)
    phone.locator("#consent").check()
    learned(phone, 7)


def test_undo_takes_a_stroke_back_and_clear_all(page: Page) -> None:
    draw_by_mouse(page, 4)
    see_answer(page)
    both = ink_on_screen(page)
    page.locator("#undo").click()
    see_answer(page)
    assert 0 < ink_on_screen(page) < both
    page.keyboard.press("Control+z")
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    assert ink_on_screen(page) == 0
    draw_by_mouse(page, 4)
    see_answer(page)
    assert abs(ink_on_screen(page) - both) < 0.001
    page.locator("#clear").click()
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    expect(page.locator("#numeral")).to_be_empty()
    assert ink_on_screen(page) == 0


def test_from_drawing_to_labels_by_keyboard(page: Page) -> None:
    page.locator("#consent").check()
    sent = labels(page)
    page.locator("#canvas").focus()
    draw_a_one(page)
    see_answer(page)
    page.keyboard.press("1")
    learned(page, 1)
    page.keyboard.press("Enter")
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    draw_a_one(page)
    page.keyboard.press("Enter")
    expect(page.locator('[data-digit="1"]')).to_be_focused()
    page.keyboard.press("Enter")
    learned(page, 1)
    assert len(sent) == 2


def test_without_the_tick_nothing_is_sent_and_it_continues_what_was_begun(page: Page) -> None:
    sent = labels(page)
    draw_by_mouse(page, 7)
    see_answer(page)
    label_as(page, 7)
    expect(page.locator("#consent")).to_be_focused()
    expect(page.locator("#consent-hint")).to_have_text("Tick the box, and your 7 is taught.")
    assert sent == []
    page.keyboard.press("Space")
    learned(page, 7)
    assert len(sent) == 1


def test_the_slider_looks_back_to_the_originals_and_forth(page: Page) -> None:
    page.locator("#consent").check()
    draw_by_mouse(page, 7)
    see_answer(page)
    agree(page)
    learned(page, 7)
    words, slider = page.locator("#travel-words"), page.locator("#travel-range")
    expect(slider).to_be_enabled()
    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(words).to_have_text("Version 0, as shipped, sees a 7")
    expect(page.locator("#version")).to_have_text("Retrained: version 0")
    page.keyboard.press("End")
    expect(words).to_have_text("This is the newest version.")


@pytest.mark.parametrize("path", ["/", "/contribute"])
@in_the_dark
def test_the_canvas_has_an_edge_and_light_ink_in_the_dark(new_page: PageMaker, path: str) -> None:
    page = new_page(path)
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    edge, ground, ink = page.locator("#frame").evaluate(
        "e => ['borderTopColor', 'backgroundColor', 'color'].map((key) => getComputedStyle(e)[key])"
    )
    assert len({edge, ground, ink}) == 3
    assert page.locator("#frame").evaluate("e => getComputedStyle(e).borderTopWidth") == "1px"


def test_a_label_that_fails_waits_in_the_browser_and_is_sent_later(page: Page) -> None:
    page.locator("#consent").check()
    unreachable(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    agree(page)
    expect(page.locator("#failed-words")).to_have_text(UNREACHABLE)
    expect(page.locator("#waiting-words")).to_contain_text("1 drawing waits in this browser.")
    sent = labels(page)
    reachable(page, "/train")
    page.reload()
    expect(page.locator("#waiting")).to_be_hidden()
    assert sent
