"""What axe finds on the pages, in every state: nothing of WCAG 2.2, levels A and AA."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from testing.node import NODE, needs_node
from tests.browser.conftest import PageMaker
from tests.browser.hand import agree, always, draw_by_mouse, prediction, see_answer, unreachable
from tests.browser.test_layout import enlarge_text
from tests.browser.test_receipt import receipt

pytestmark = needs_node

AXE = NODE / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "phone": {"width": 360, "height": 740, "has_touch": True, "is_mobile": True},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}


def violations(page: Page) -> list[str]:
    page.wait_for_timeout(250)  # colours that fade in
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run({ runOnly: rules })", RULES)
    return [
        f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]
    ]


PAGES = [
    "/",
    "/contribute",
    "/models",
    "/progress",
    "/api",
    "/about",
    "/gallery",
    "/my-drawings",
    "/nowhere",
]


def looks(*quick: str) -> list[Any]:
    """All of them; those that are not named are left to `make test-long`."""
    return [name if name in quick else pytest.param(name, marks=pytest.mark.long) for name in LOOKS]


@pytest.mark.parametrize("look", looks("desktop", "forced colours"))
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_violation(new_page: PageMaker, path: str, look: str) -> None:
    assert violations(new_page(path, **LOOKS[look])) == []


def answered(page: Page) -> None:
    draw_by_mouse(page, 7)
    see_answer(page)


def asked_for_consent(page: Page) -> None:
    answered(page)
    agree(page)
    expect(page.locator("#consent")).to_be_focused()


def learned(page: Page) -> None:
    always(page, "/train", **receipt((0.52, 0.97), (0.78, 0.81)))
    page.locator("#consent").check()
    answered(page)
    agree(page)
    expect(page.locator("#receipt-words")).to_contain_text("Learned")


def waiting(page: Page) -> None:
    unreachable(page, "/train")
    page.locator("#consent").check()
    answered(page)
    agree(page)
    expect(page.locator("#waiting")).to_be_visible()


def unsure(page: Page) -> None:
    always(page, "/predict", **prediction(None, 0.3))
    answered(page)


STATES: list[Callable[[Page], None]] = [answered, asked_for_consent, learned, waiting, unsure]


@pytest.mark.parametrize("look", looks("desktop"))
@pytest.mark.parametrize("state", STATES)
def test_the_drawing_page_has_none_in_any_state(
    new_page: PageMaker, state: Callable[[Page], None], look: str
) -> None:
    page = new_page(**LOOKS[look])
    state(page)
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/", "/contribute"])
def test_large_text_brings_none(new_page: PageMaker, path: str) -> None:
    page = new_page(path, width=360, height=740)
    enlarge_text(page, 150)
    assert violations(page) == []


BUDGETS = {
    "/": 60_000,
    "/contribute": 45_000,
    "/models": 50_000,
    "/progress": 75_000,
    "/api": 40_000,
}


@pytest.mark.parametrize("path", BUDGETS)
def test_a_page_takes_no_more_bytes_than_it_may(new_page: PageMaker, path: str) -> None:
    page = new_page("/healthz")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(page.url.replace("/healthz", path), wait_until="networkidle")
    assert len(sizes) > 3
    assert sum(sizes) <= BUDGETS[path]
