"""What fills an empty page: others' drawings where there is room, and a hand that draws faintly."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageMaker
from tests.browser.hand import IMAGE, agree, always, draw_by_mouse, see_answer, unreachable

SHOT = {"input": IMAGE, "label": 4, "answer": 4, "made": "2026-11-29T00:00:00+00:00", "right": True}
LESSON = {"number": 247, "kind": "lesson", "made": SHOT["made"], "label": 8, "target": None}


@pytest.fixture
def wide(new_page: PageMaker) -> Page:
    """The drawing page on a large screen."""
    return new_page(width=1920, height=1080)


def test_what_was_given_is_seen_on_a_large_screen(wide: Page, new_page: PageMaker) -> None:
    wide.locator("#consent").check()
    draw_by_mouse(wide, 1)
    see_answer(wide)
    agree(wide)
    expect(wide.locator("#receipt-words")).to_contain_text("Learned")
    wide.reload()
    expect(wide.locator("#lately-words")).to_contain_text("Somebody taught a ")
    expect(wide.locator("#lately img").first).to_be_visible()
    assert wide.evaluate("document.documentElement.scrollHeight") <= 1080


def test_the_newest_version_is_told_in_words(wide: Page) -> None:
    always(wide, "/progress/latest", version=LESSON, drawings=[SHOT])
    wide.reload()
    expect(wide.locator("#lately-words")).to_have_text("Somebody taught an 8: version 247.")
    expect(wide.get_by_role("img", name="Somebody’s 4")).to_be_visible()
    always(wide, "/progress/latest", version=LESSON | {"kind": "rollback"}, drawings=[])
    wide.reload()
    expect(wide.locator("#lately-words")).to_contain_text("going back to an older one")


def test_where_nothing_was_given_or_the_server_is_away_nothing_is_shown(wide: Page) -> None:
    always(wide, "/progress/latest", version=None, drawings=[])
    wide.reload(wait_until="networkidle")
    expect(wide.locator("#lately")).to_be_hidden()
    unreachable(wide, "/progress/latest")
    wide.reload(wait_until="networkidle")
    expect(wide.locator("#lately")).to_be_hidden()


def test_a_smaller_screen_does_not_ask(new_page: PageMaker) -> None:
    page = new_page("/healthz")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url.replace("/healthz", "/"), wait_until="networkidle")
    assert not [url for url in asked if url.endswith("/progress/latest")]


def test_a_hand_draws_faintly_until_the_visitor_does(page: Page) -> None:
    expect(page.locator(".ghost")).to_be_visible()
    draw_by_mouse(page, 1)
    expect(page.locator(".ghost")).to_be_hidden()
    page.locator("#clear").click()
    expect(page.locator(".ghost")).to_be_visible()


def test_under_reduced_motion_the_hand_is_still(new_page: PageMaker) -> None:
    page = new_page(reduced_motion="reduce")
    first, second = (page.locator(".ghost path").nth(n) for n in (0, 1))
    for path in (first, second):
        assert path.evaluate("e => getComputedStyle(e).animationName") == "none"
    assert first.evaluate("e => getComputedStyle(e).opacity") == "1"
    assert second.evaluate("e => getComputedStyle(e).opacity") == "0"
