"""The API page in a browser: on phones and desktops, light and dark, by keyboard."""

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageMaker
from tests.browser.test_layout import CONTRAST, fits_sideways

OUTSIDE = """() => [...document.querySelectorAll("main *")].filter((part) => {
  const box = part.getBoundingClientRect();
  return !part.closest("pre") && box.width && (box.right > innerWidth + 1 || box.left < -1);
}).map((part) => part.outerHTML.slice(0, 100))"""


def open_all(page: Page) -> None:
    for summary in page.locator("summary").all():
        summary.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_scrolls_sideways_but_examples(
    new_page: PageMaker, width: int, scheme: str
) -> None:
    page = new_page("/api", width=width, color_scheme=scheme)
    open_all(page)
    assert fits_sideways(page)
    assert page.evaluate(OUTSIDE) == []
    for text in ("--ink", "--soft", "--accent"):
        for ground in ("--ground", "--paper", "--track"):
            assert page.evaluate(CONTRAST, [text, ground]) >= 4.5, (text, ground)


def test_it_is_all_there_without_scripts(new_page: PageMaker) -> None:
    page = new_page("/api", java_script_enabled=False)
    expect(page.locator("#drawing_predict pre").last).to_contain_text("requests.post")
    expect(page.locator("noscript")).to_have_count(0)


def test_each_part_has_a_name_and_the_keyboard_reaches_every_example(new_page: PageMaker) -> None:
    page = new_page("/api", width=360)
    expect(page.get_by_role("article", name="POST /predict", exact=True)).to_be_visible()
    for kind in ("curl", "Python"):
        example = page.get_by_role("region", name=f"{kind} for POST /predict")
        example.focus()
        expect(example).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("e => e.scrollLeft > 0", arg=example.element_handle())
    names = page.locator("[id]").evaluate_all("all => all.map((e) => e.id)")
    assert len(names) == len(set(names))
    levels = page.locator("main :is(h1, h2, h3, h4, h5)").evaluate_all(
        "all => all.map((e) => Number(e.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_the_footer_leads_there_and_the_contents_to_each_address(new_page: PageMaker) -> None:
    page = new_page("/models")
    page.get_by_role("link", name="For programs").click()
    expect(page).to_have_url(re.compile("/api$"))
    page.get_by_role("navigation", name="Addresses").get_by_role("link", name="POST /train").click()
    expect(page.locator("#drawing_train")).to_be_in_viewport()
    links = page.locator(".contents a").evaluate_all("all => all.map((e) => e.hash.slice(1))")
    assert links == page.locator("article").evaluate_all("all => all.map((e) => e.id)")
