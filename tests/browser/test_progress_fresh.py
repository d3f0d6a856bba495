"""The Progress page shows a label that comes between its HTML and its first figures."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from inkling.journal.writer import Journal, open_journal
from inkling.settings import load_settings
from testing.live import Server
from tests.browser.conftest import PageMaker
from tests.browser.hand import caught, held
from tests.browser.test_progress import give

SHOWN_AGAIN = 1_100  # ms: what the server has read, it shows again for a second


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Journal]]:
    folder = tmp_path_factory.mktemp("progress-fresh")
    server = Server(folder, TRAINER="separate", WEB_CONCURRENCY="1")
    journal = open_journal(load_settings({"INSTANCE_FOLDER": str(folder / "instance")}))
    try:
        yield server, journal
    finally:
        journal.close()
        server.stop()


@pytest.fixture(scope="module")
def server_url(live: tuple[Server, Journal]) -> str:
    """A server of these tests alone: nobody has labelled anything yet."""
    return live[0].url


def open_with_a_label_in_between(new_page: PageMaker, journal: Journal, label: int) -> Page:
    """The page as it is once its HTML is there, then a label, then its first figures."""
    page = new_page("/")
    first = held(page, "/progress/data")
    page.goto(page.url + "progress")
    asked = caught(page, first)
    give(journal, label, label)
    page.wait_for_timeout(SHOWN_AGAIN)
    asked.continue_()
    page.unroute("**/progress/data")
    return page


def test_a_label_between_the_page_and_its_figures_is_shown(
    new_page: PageMaker, live: tuple[Server, Journal]
) -> None:
    for label, labels in ((3, "1 label"), (4, "2 labels")):  # from an empty page, and from one
        page = open_with_a_label_in_between(new_page, live[1], label)
        expect(page.locator("#progress")).to_have_attribute("data-state", "full")
        expect(page.locator("#chart-at")).to_have_text(f"Now, after {labels}")
        expect(page.locator("#chart canvas")).to_be_visible()
        expect(page.locator(".tiles")).to_contain_text(labels)
        expect(page.locator(".shots b").first).to_have_text(str(label))


def test_a_page_that_shows_all_is_not_asked_for_again(
    new_page: PageMaker, live: tuple[Server, Journal]
) -> None:
    give(live[1], 5, 5)
    page = new_page("/")
    page.wait_for_timeout(SHOWN_AGAIN)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url + "progress")
    expect(page.locator("#chart canvas")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len([url for url in asked if url.endswith("/progress")]) == 1
