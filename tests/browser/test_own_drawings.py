"""What the visitor gave: taken back at once, read again, seen, downloaded, and deleted."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    draw_by_mouse,
    label_as,
    posts,
    reachable,
    see_answer,
    unreachable,
)


def teach(page: Page, digit: int) -> None:
    """Draw a digit and say what it is; leave the receipt on the page."""
    if page.locator("#another").is_visible():
        page.locator("#another").click()
    draw_by_mouse(page, digit)
    see_answer(page)
    label_as(page, digit)
    expect(page.locator("#panel-receipt:not([inert])")).to_contain_text("Learned")


@pytest.fixture
def taught(new_page: PageMaker) -> Page:
    """The page of a visitor who has taught two digits."""
    page = new_page()
    page.locator("#consent").check()
    for digit in (3, 7):
        teach(page, digit)
    return page


def own(page: Page) -> list[dict[str, object]]:
    """What this browser keeps of the drawings that were given."""
    kept = page.evaluate(
        "Object.entries(localStorage).filter(([name]) => name.startsWith('inkling.own.'))"
        ".map(([, text]) => text)"
    )
    return [json.loads(text) for text in kept]


def test_a_label_is_taken_back_and_the_page_tells_when_it_is_forgotten(taught: Page) -> None:
    deleted = posts(taught, "/delete")
    newest = max(own(taught), key=lambda one: str(one["given"]))
    taught.get_by_role("button", name="Take it back").click()
    words = taught.locator("#words")
    expect(words).to_have_text("Taken back: nobody sees it any more. The models are forgetting it.")
    expect(taught.locator("#canvas")).to_be_focused()
    expect(words).to_have_text("Taken back: nobody sees it any more. The models have forgotten it.")
    assert deleted == [{"secret": newest["secret"]}]
    assert [one["digit"] for one in own(taught)] == [3]
    expect(taught.locator("#hand-words")).to_contain_text("your one drawing")


def test_it_can_be_taken_back_for_ten_seconds(new_page: PageMaker) -> None:
    page = new_page()
    page.clock.install()
    page.locator("#consent").check()
    teach(page, 3)
    button = page.locator("#take-back")
    page.clock.run_for(9_000)
    expect(button).to_be_visible()
    page.clock.run_for(1_500)
    expect(button).to_be_hidden()
    expect(page.locator("#another")).to_be_visible()
    assert len(own(page)) == 1


def test_what_cannot_be_taken_back_now_stays_and_says_why(taught: Page) -> None:
    unreachable(taught, "/delete")
    taught.locator("#take-back").click()
    expect(taught.locator("#failed-words")).to_contain_text("Could not reach the server.")
    assert len(own(taught)) == 2


def test_the_hand_is_told(taught: Page) -> None:
    words = taught.locator("#hand-words")
    expect(words).to_have_text("It read 2 of your 2 as shipped, and 2 now.")
    taught.reload()
    expect(words).to_have_text("It read 2 of your 2 as shipped, and 2 now.")


def test_my_drawings_are_seen_downloaded_and_deleted(taught: Page, tmp_path: Path) -> None:
    taught.locator(".hand").get_by_role("link", name="My drawings").click()
    expect(taught.get_by_role("img", name="Your 7")).to_be_visible()
    expect(taught.locator(".own-read").first).to_have_text("Read as shipped: 7; now: 7.")
    with taught.expect_download() as download:
        taught.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "mine.ndjson")
    lines = [json.loads(line) for line in (tmp_path / "mine.ndjson").read_text().splitlines()]
    assert [line["word"] for line in lines] == ["7", "3"]
    assert all(len(stroke) == 3 for line in lines for stroke in line["drawing"])
    assert not any("secret" in line for line in lines)

    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    taught.once("dialog", refuse)
    taught.get_by_role("button", name="Delete this drawing: 7").click()
    assert asked == ["Delete this drawing for ever? The models forget it too."]
    expect(taught.locator(".own")).to_have_count(2)
    taught.once("dialog", lambda dialog: dialog.accept())
    taught.get_by_role("button", name="Delete this drawing: 7").click()
    expect(taught.locator(".own")).to_have_count(1)
    expect(taught.locator("#said")).to_have_text("The models have forgotten what you deleted.")
    assert [one["digit"] for one in own(taught)] == [3]

    taught.once("dialog", lambda dialog: dialog.accept())
    taught.get_by_role("button", name="Delete all").click()
    expect(taught.locator("#none")).to_be_visible()
    assert own(taught) == []


def test_a_deletion_goes_on_where_the_page_was_closed(taught: Page, new_page: PageMaker) -> None:
    taught.goto(taught.url + "my-drawings")
    taught.once("dialog", lambda dialog: dialog.accept())
    taught.get_by_role("button", name="Delete all").click()
    expect(taught.locator("#said")).to_contain_text("Deleted: nobody sees it any more.")
    taught.goto("about:blank")
    taught.go_back()
    expect(taught.locator("#none")).to_be_visible()


def test_what_is_not_reached_stays(taught: Page) -> None:
    taught.goto(taught.url + "my-drawings")
    unreachable(taught, "/delete")
    taught.once("dialog", lambda dialog: dialog.accept())
    taught.get_by_role("button", name="Delete all").click()
    expect(taught.locator("#said")).to_contain_text("Could not reach the server.")
    expect(taught.locator(".own")).to_have_count(2)
    reachable(taught, "/delete")


def test_a_drawing_of_a_round_is_taken_back_and_asked_for_again(new_page: PageMaker) -> None:
    page = new_page("/contribute")
    page.locator("#consent").check()
    digit = int(page.locator(".prompt-digit").inner_text())
    draw_by_mouse(page, digit)
    page.locator("#give").click()
    expect(page.get_by_role("img", name=f"Your {digit}")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("#outcome-words")).to_contain_text("Taken back")
    expect(page.locator(".given img")).to_have_count(0)
    expect(page.locator("#given")).to_have_text("No drawings given yet")
    assert int(page.locator(".prompt-digit").inner_text()) == digit


def test_without_storage_nothing_is_offered(new_page: PageMaker) -> None:
    page = new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('off'); } });"
    )
    page.reload()
    page.locator("#consent").check()
    teach(page, 3)
    expect(page.locator("#take-back")).to_be_hidden()
    expect(page.locator("#hand-words")).to_have_text("")
