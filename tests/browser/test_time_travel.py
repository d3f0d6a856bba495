"""Looking back: the drawing answered by older versions, by mouse, touch and keyboard."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from inkling.journal.writer import open_journal
from inkling.settings import load_settings
from inkling.storage.folder import FolderStore
from testing.live import Server
from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    agree,
    always,
    draw_by_mouse,
    draw_by_touch,
    posts,
    see_answer,
    touch,
    unreachable,
)
from tests.serving.versions import publish, telling

NEWEST = 3  # the made-up versions 1 to 3 take everything for a 0; the originals know a 7

# What the row has said, from now on.
FOLLOWED = """() => {
  globalThis.followed = [];
  const words = document.getElementById("travel-words");
  new MutationObserver(() => followed.push(words.textContent))
    .observe(words, { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose nets learned thrice, each time to say 0."""
    folder = tmp_path_factory.mktemp("time-travel")
    settings = load_settings(
        {"INSTANCE_FOLDER": str(folder / "instance"), "TMP_FOLDER": str(folder / "tmp")}
    )
    journal, store = open_journal(settings), FolderStore(settings.objects_folder, folder / "tmp")
    for version in range(1, NEWEST + 1):
        publish(journal, store, version, telling(version))
    journal.close()
    server = Server(folder, TRAINER="separate", WEB_CONCURRENCY="1", RECEIPT_WAIT="0")
    yield server.url
    server.stop()


def digit_of(page: Page, model: str) -> str:
    return page.locator(f'[data-model="{model}"] .bar-digit').first.text_content() or ""


def sees(page: Page, words: str) -> None:
    """`just now` stands for when a version was made: the tests before may have taken minutes."""
    pattern = re.escape(words).replace(re.escape("just now"), r"(just now|\d+ minutes? ago)")
    expect(page.locator("#travel-words")).to_have_text(re.compile(f"^{pattern}$"))


def test_the_mouse_steps_back_and_forth_and_the_answer_stays(page: Page) -> None:
    expect(page.locator("#travel-range")).to_be_disabled()
    draw_by_mouse(page, 7)
    sees(page, "This is the newest version.")
    expect(page.locator("#travel-newer")).to_be_disabled()
    for version in (2, 1):
        page.locator("#travel-older").click()
        sees(page, f"Version {version}, just now: sees a 0")
        expect(page.locator("#version")).to_have_text(f"Retrained: version {version}")
    page.locator("#travel-older").click()
    sees(page, "Version 0, as shipped: sees a 7")
    expect(page.locator("#travel-older")).to_be_disabled()
    assert (digit_of(page, "fnn"), digit_of(page, "cnn_retrained")) == ("7", "7")
    expect(page.locator("#words")).to_have_text("I see a 0")
    expect(page.locator("#numeral")).to_have_text("0")
    for _ in range(3):
        page.locator("#travel-newer").click()
    sees(page, "This is the newest version.")
    assert digit_of(page, "cnn_retrained") == "0"
    expect(page.locator("#version")).to_have_text("Retrained: version 3")


def test_the_keyboard_moves_the_slider_and_is_told(page: Page) -> None:
    draw_by_mouse(page, 7)
    expect(page.locator("#travel-range")).to_be_enabled()
    page.locator("#travel-range").focus()
    page.keyboard.press("Home")
    sees(page, "Version 0, as shipped: sees a 7")
    expect(page.locator("#announcer")).to_have_text("Version 0, as shipped: sees a 7")
    expect(page.locator("#travel-range")).to_have_attribute(
        "aria-valuetext", "Version 0, as shipped"
    )
    page.keyboard.press("ArrowRight")
    sees(page, "Version 1, just now: sees a 0")
    page.keyboard.press("End")
    sees(page, "This is the newest version.")


def test_a_finger_drags_the_slider(phone: Page) -> None:
    draw_by_touch(phone, 7)
    slider = phone.locator("#travel-range")
    expect(slider).to_be_enabled()
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    session = phone.context.new_cdp_session(phone)
    touch(session, "touchStart", (box["x"] + box["width"] - 8, middle))
    touch(session, "touchMove", (box["x"] + box["width"] / 2, middle))
    touch(session, "touchMove", (box["x"] + 4, middle))
    touch(session, "touchEnd")
    sees(phone, "Version 0, as shipped: sees a 7")


def test_a_slider_on_its_way_asks_for_no_version_that_it_passes(page: Page) -> None:
    page.clock.install()
    page.reload()
    draw_by_mouse(page, 7)
    slider = page.locator("#travel-range")
    expect(slider).to_be_enabled()
    box = slider.bounding_box()
    assert box
    asked = posts(page, "/predict")
    page.clock.pause_at(datetime.now() + timedelta(minutes=1))
    middle = box["y"] + box["height"] / 2
    passed = []
    page.mouse.move(box["x"] + box["width"] - 8, middle)
    page.mouse.down()
    for part in (0.66, 0.33, 0):
        page.mouse.move(box["x"] + 8 + part * (box["width"] - 16), middle)
        passed.append(slider.input_value())
    page.mouse.up()
    assert passed == ["2", "1", "0"]
    assert asked == []
    page.clock.run_for(1000)
    sees(page, "Version 0, as shipped: sees a 7")
    assert [body["version"] for body in asked] == [0]


TOO_MANY = {"error": "Too many look back at once. Try again in a moment."}


@pytest.mark.parametrize("times", [1, 2])
def test_where_too_many_look_back_at_once_it_is_tried_once_more(page: Page, times: int) -> None:
    draw_by_mouse(page, 7)
    expect(page.locator("#travel-older")).to_be_enabled()
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        if len(refused) == times:
            route.fallback()
            return
        refused.append(route)
        route.fulfill(status=503, json=TOO_MANY)

    page.route("**/predict", refuse)
    page.locator("#travel-older").click()
    sees(page, "Version 2, just now: sees a 0" if times == 1 else TOO_MANY["error"])
    assert len(refused) == times


def test_a_label_is_about_the_newest_answer_wherever_one_looks_back(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    expect(page.locator("#travel-older")).to_be_enabled()
    page.locator("#travel-range").fill("0")
    sees(page, "Version 0, as shipped: sees a 7")
    agree(page)
    expect(page.locator("#another")).to_be_visible()
    assert [(body["digit"], body.get("version")) for body in sent] == [(0, None)]


def test_a_new_stroke_ends_the_journey(page: Page) -> None:
    draw_by_mouse(page, 7)
    expect(page.locator("#travel-older")).to_be_enabled()
    page.locator("#travel-older").click()
    sees(page, "Version 2, just now: sees a 0")
    draw_by_mouse(page, 1)
    sees(page, "This is the newest version.")
    expect(page.locator("#version")).to_have_text("Retrained: version 3")
    page.locator("#clear").click()
    expect(page.locator("#travel-range")).to_be_disabled()
    sees(page, "Draw, and ask an older version.")


def test_what_goes_wrong_is_said_and_the_newest_answer_is_shown(page: Page) -> None:
    draw_by_mouse(page, 7)
    expect(page.locator("#travel-older")).to_be_enabled()
    gone = {"error": "Version 2 is not stored any more. Choose another one."}
    page.route("**/predict", lambda route: route.fulfill(status=404, json=gone))
    page.locator("#travel-older").click()
    sees(page, gone["error"])
    expect(page.locator("#version")).to_have_text("Retrained: version 3")
    slider = page.locator("#travel-range")
    assert slider.evaluate("range => range.value === range.max")  # where the cards are
    page.unroute("**/predict")
    page.locator("#travel-older").click()
    sees(page, "Version 2, just now: sees a 0")


def test_without_the_list_there_is_no_looking_back_and_drawing_goes_on(page: Page) -> None:
    unreachable(page, "/versions")
    draw_by_mouse(page, 7)
    see_answer(page)
    expect(page.locator("#travel-range")).to_be_disabled()


@pytest.mark.parametrize("width", [360, 740, 1024, 1440])
def test_looking_back_moves_nothing(new_page: PageMaker, width: int) -> None:
    page = new_page(width=width, height=900)
    place = "all => all.map(e => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight])"
    parts = page.locator("#travel, #travel > *, .model, #label, .site-footer")
    before = parts.evaluate_all(place)
    draw_by_mouse(page, 7)
    expect(page.locator("#travel-older")).to_be_enabled()
    assert parts.evaluate_all(place) == before
    page.locator("#travel-older").click()
    sees(page, "Version 2, just now: sees a 0")
    assert parts.evaluate_all(place) == before


def test_the_film_shows_every_version_and_ends_at_the_newest(page: Page) -> None:
    draw_by_mouse(page, 7)
    expect(page.locator("#travel-play")).to_be_enabled()
    page.evaluate(FOLLOWED)
    with page.expect_response("**/versions") as answer:
        page.locator("#travel-play").click()
    assert [frame["number"] for frame in answer.value.json()["versions"]] == [0, 1, 2, 3]
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    sees(page, "This is the newest version.")
    expect(page.locator("#version")).to_have_text("Retrained: version 3")
    expect(page.get_by_role("button", name="Play all versions")).to_be_visible()
    followed = page.evaluate("followed")
    for words in ("Version 0, as shipped: sees a 7", "Version 1", "Version 2", "Version 3"):
        assert any(words in told for told in followed), followed
    assert page.locator("#travel-range").evaluate("range => range.value === range.max")


def test_the_film_is_stopped_by_its_button_and_by_a_stroke(page: Page) -> None:
    draw_by_mouse(page, 7)
    page.locator("#travel-play").click()
    page.get_by_role("button", name="Stop").click()
    sees(page, "This is the newest version.")
    page.get_by_role("button", name="Play all versions").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    draw_by_mouse(page, 1)
    sees(page, "This is the newest version.")
    expect(page.get_by_role("button", name="Play all versions")).to_be_visible()


def test_a_film_that_fails_is_told_and_the_newest_answer_is_shown(page: Page) -> None:
    draw_by_mouse(page, 7)
    expect(page.locator("#travel-play")).to_be_enabled()
    always(page, "/versions", status=503, error="Too many look back at once. Try again.")
    page.locator("#travel-play").click()
    sees(page, "Too many look back at once. Try again.")
    expect(page.locator("#version")).to_have_text("Retrained: version 3")
    expect(page.get_by_role("button", name="Play all versions")).to_be_enabled()
