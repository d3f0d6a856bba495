"""Consent: without the tick nothing is sent, and a tick counts for what it agreed to alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from inkling.settings import Settings
from testing.live import free_port
from tests.browser.hand import draw_by_mouse, label_as, posts, see_answer
from tests.conftest import AppMaker

Serve = Callable[[str], AbstractContextManager[str]]


def test_without_consent_nothing_is_sent_and_the_tick_continues_what_was_begun(page: Page) -> None:
    sent = posts(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    expect(page.locator("#consent")).not_to_be_checked()
    label_as(page, 7)
    expect(page.locator("#consent")).to_be_focused()
    expect(page.locator("#consent-hint")).to_have_text("Tick the box, and your 7 is taught.")
    expect(page.locator("#panel-ask")).to_be_visible()
    assert sent == []
    page.keyboard.press("Space")
    expect(page.locator("#another")).to_be_visible()
    assert [body["digit"] for body in sent] == [7]


def test_a_tick_without_a_label_sends_nothing(page: Page) -> None:
    sent = posts(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    label_as(page, 7)
    expect(page.locator("#consent")).to_be_focused()
    draw_by_mouse(page, 1)  # another drawing: what was begun is over
    expect(page.locator("#consent-hint")).to_be_empty()
    see_answer(page)
    page.locator("#consent").check()
    expect(page.locator("#panel-ask")).to_be_visible()
    page.locator("#consent").uncheck()
    assert sent == []


def test_consent_is_remembered_and_can_be_taken_back(page: Page) -> None:
    page.locator("#consent").check()
    page.reload()
    expect(page.locator("#consent")).to_be_checked()
    page.locator("#consent").uncheck()
    page.reload()
    expect(page.locator("#consent")).not_to_be_checked()


@pytest.fixture
def serve(settings: Settings, make_app: AppMaker) -> Serve:
    """Serves the app at one address, with SHOW_DRAWINGS as it is told; gives the address."""
    port = free_port()

    @contextmanager
    def serve(show_drawings: str) -> Iterator[str]:
        app = make_app(replace(settings, show_drawings=show_drawings))
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    return serve


def ticked(page: Page, address: str) -> bool:
    """Whether a page that is opened there has the tick."""
    page.goto(address)
    expect(page.locator("#consent")).to_be_enabled()
    return page.locator("#consent").is_checked()


@pytest.mark.parametrize(("agreed", "asked"), [("no", "yes"), ("yes", "no")])
def test_a_tick_counts_for_what_it_agreed_to_alone(
    page: Page, serve: Serve, agreed: str, asked: str
) -> None:
    with serve(agreed) as address:
        assert not ticked(page, address)
        shown = page.locator("#consent-detail").get_by_role("link", name="gallery")
        expect(shown).to_have_count(1 if agreed == "yes" else 0)
        page.locator("#consent").check()
        assert ticked(page, address)
        assert ticked(page, f"{address}/contribute")
    with serve(asked) as address:
        assert not ticked(page, address)
        assert not ticked(page, f"{address}/contribute")
    with serve(agreed) as address:
        assert ticked(page, address)  # nothing was taken back meanwhile
    with serve(asked) as address:
        ticked(page, address)
        page.locator("#consent").check()
        page.locator("#consent").uncheck()
    with serve(agreed) as address:
        assert not ticked(page, address)


def test_a_tick_from_before_the_terms_had_names_does_not_count(page: Page) -> None:
    page.evaluate("localStorage.setItem('inkling.consent', 'yes')")
    page.reload()
    expect(page.locator("#consent")).not_to_be_checked()
