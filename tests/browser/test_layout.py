"""The look: nothing scrolls sideways, nothing jumps, all is readable, and nothing is inline."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    agree,
    always,
    draw_by_mouse,
    draw_by_touch,
    label_as,
    prediction,
    see_answer,
    unreachable,
)
from tests.browser.test_receipt import receipt

EDGE = ("borderColor", "backgroundColor")
PLACES = "#frame, .tools, #answer, #label, #models, .model, .saw-paper, .site-footer"
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'"
CONTRAST = """([front, back]) => {
  const style = getComputedStyle(document.documentElement);
  const luminance = (name) => {
    const hex = style.getPropertyValue(name).trim().slice(1);
    const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
    const [r, g, b] = [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16) / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [luminance(front), luminance(back)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""


def places(page: Page) -> Any:
    """Where the parts of the page are, in its own pixels."""
    return page.locator(PLACES).evaluate_all(
        "all => all.map(e => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight])"
    )


def fits_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def enlarge_text(page: Page, percent: int) -> None:
    page.evaluate(
        "percent => { document.documentElement.style.fontSize = `${percent}%`; }", percent
    )


def overflow(element: Locator) -> list[str]:
    """The parts of an element that reach out of it sideways."""
    return list(
        element.evaluate(
            """box => [...box.querySelectorAll("*")].filter(part => {
                 const [inner, outer] = [part, box].map((e) => e.getBoundingClientRect());
                 const past = inner.right > outer.right + 1 || inner.left < outer.left - 1;
                 return inner.width && past;
               }).map((part) => part.className || part.id || part.tagName)"""
        )
    )


@pytest.mark.parametrize(
    ("width", "height"), [(360, 740), (740, 360), (820, 1180), (1024, 768), (1440, 900)]
)
def test_nothing_jumps_or_scrolls_sideways(new_page: PageMaker, width: int, height: int) -> None:
    page = new_page(width=width, height=height)
    before = places(page)

    def check(state: str) -> None:
        assert places(page) == before, state
        assert fits_sideways(page), state
        for part in (page.locator("#label"), *page.locator(".model").all()):
            assert overflow(part) == [], state

    draw_by_mouse(page, 7)
    see_answer(page)
    check("answered")
    label_as(page, 7)
    page.locator("#consent").check()
    expect(page.locator("#another")).to_be_visible()
    check("receipt")
    page.locator("#another").click()
    unreachable(page, "/predict")
    draw_by_mouse(page, 7)
    expect(page.locator("#retry-guess")).to_be_visible()
    check("no answer")
    always(page, "/predict", **prediction(None, 0.3))
    page.locator("#retry-guess").click()
    see_answer(page)
    check("unsure")


def test_the_longest_receipt_fits_on_a_phone(phone: Page) -> None:
    move = {"before": 0.9989, "after": 0.9951}
    before = places(phone)
    always(phone, "/predict", **prediction(7, 0.999, version=123456))
    always(phone, "/train", state="trained", receipt={"cnn_retrained": move, "fnn_retrained": move})
    phone.locator("#consent").check()
    draw_by_mouse(phone, 7)
    see_answer(phone)
    agree(phone)
    expect(phone.locator(".change").nth(1)).not_to_be_empty()
    assert places(phone) == before
    assert overflow(phone.locator("#label")) == []


def test_a_desktop_shows_all_on_one_screen(new_page: PageMaker) -> None:
    page = new_page(width=1440, height=900)
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    box = page.locator("#canvas").bounding_box()
    assert box
    assert box["width"] == box["height"] >= 600


@pytest.mark.parametrize(("width", "height"), [(360, 740), (375, 667)])
def test_a_phone_always_shows_what_can_be_pressed_next(
    new_page: PageMaker, width: int, height: int
) -> None:
    phone = new_page(width=width, height=height, has_touch=True, is_mobile=True)
    always(phone, "/train", **receipt((0.52, 0.97), (0.78, 0.81)))

    def shows(*parts: str) -> None:
        for part in parts:
            expect(phone.locator(part)).to_be_in_viewport(ratio=1)

    shows("#canvas")
    draw_by_touch(phone, 7)
    see_answer(phone)
    shows("#canvas", "#clear", "#answer", "#not-a-digit", "#digits")
    label_as(phone, 7)
    shows("#digits", "#consent", "#consent-hint")
    phone.locator("#consent").tap()
    shows("#another", "#receipt-words")
    phone.locator("#another").tap()
    unreachable(phone, "/predict")
    draw_by_touch(phone, 7)
    expect(phone.locator("#retry-guess")).to_be_visible()
    shows("#canvas", "#retry-guess")


@pytest.mark.parametrize("path", ["/", "/contribute"])
def test_what_is_touched_is_large_enough(new_page: PageMaker, path: str) -> None:
    """24 pixels, as WCAG 2.2 asks, and 44 of what is pressed most."""
    phone = new_page(path, width=360, height=740, has_touch=True, is_mobile=True)
    for control in phone.locator("button, input, .site-header a, summary").all():
        box = control.bounding_box()
        if box:
            assert min(box["width"], box["height"]) >= 24, control.inner_html()
    for control in phone.locator(".digit, .tools button").all():
        box = control.bounding_box()
        if box:
            assert min(box["width"], box["height"]) >= 43.5, control.inner_html()


@pytest.mark.parametrize(
    "path", ["/", "/contribute", "/models", "/about", "/gallery", "/my-drawings"]
)
def test_large_text_does_not_scroll_sideways(new_page: PageMaker, path: str) -> None:
    page = new_page(path, width=360, height=740)
    enlarge_text(page, 150)
    assert fits_sideways(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_canvas_has_an_edge(new_page: PageMaker, scheme: str) -> None:
    frame = new_page(color_scheme=scheme).locator("#frame")
    edge, ground = (frame.evaluate(f"e => getComputedStyle(e).{style}") for style in EDGE)
    assert edge != ground
    assert frame.evaluate("e => getComputedStyle(e).borderWidth") == "1px"


def test_colours_of_the_visitors_choosing_hide_nothing(new_page: PageMaker) -> None:
    page = new_page(forced_colors="active")
    draw_by_mouse(page, 7)
    see_answer(page)
    for bar in (".digit[data-guess] .digit-bar", "[data-model=cnn] .bar-fill >> nth=0"):
        style = page.locator(bar).evaluate("e => getComputedStyle(e).backgroundColor")
        paper = page.locator(bar).evaluate("e => getComputedStyle(e.parentElement).backgroundColor")
        assert style != paper, bar
    assert page.locator("#travel-range").evaluate("e => getComputedStyle(e).forcedColorAdjust") == (
        "none"
    )


@pytest.mark.parametrize("path", ["/", "/contribute"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_light_and_dark(new_page: PageMaker, scheme: str, path: str) -> None:
    page = new_page(path, color_scheme=scheme)
    for ground in ("--ground", "--paper"):
        for text in ("--ink", "--soft", "--accent", "--right", "--wrong"):
            assert page.evaluate(CONTRAST, [text, ground]) >= 4.5, (text, ground)
    assert page.evaluate(CONTRAST, ["--on-accent", "--accent"]) >= 4.5


@pytest.mark.parametrize("path", ["/", "/contribute"])
def test_a_strict_policy_blocks_nothing(new_page: PageMaker, server_url: str, path: str) -> None:
    page = new_page(path)  # a violation is logged as an error, and fails the test

    def add_policy(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, headers={**answer.headers, "content-security-policy": POLICY}
        )

    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.route(server_url + path, add_policy)
    page.reload()
    draw_by_mouse(page, 7)
    expect(page.locator("#clear")).to_be_enabled()
    if path == "/":
        see_answer(page)
    hosts = {request.url.split("/")[2] for request in asked if request.url.startswith("http")}
    assert hosts == {server_url.split("/")[2]}


@pytest.mark.parametrize("path", ["/", "/contribute"])
def test_the_page_loads_without_a_word_on_the_console(new_page: PageMaker, path: str) -> None:
    page = new_page(path)
    page.wait_for_load_state("networkidle")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda request: said.append(f"{request.url} {request.failure}"))
    page.on("response", lambda answer: said.append(answer.url) if answer.status >= 400 else None)
    page.reload(wait_until="networkidle")
    # What the page before still asked for is given up by the reload itself.
    assert [words for words in said if not words.endswith("net::ERR_ABORTED")] == []


def test_every_control_has_a_name(page: Page) -> None:
    for control in page.locator("button, input, canvas, a").all():
        assert control.evaluate(
            "e => e.textContent.trim() || e.ariaLabel || e.labels?.[0]?.textContent"
        )


def test_reduced_motion_moves_nothing(new_page: PageMaker) -> None:
    page = new_page(reduced_motion="reduce")
    style = "e => getComputedStyle(e).transitionDuration"
    assert page.locator(".bar-fill").first.evaluate(style) in ("0s", "")
