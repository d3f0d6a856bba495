"""A real browser for the tests: pages that fail their test when a script on them fails."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from testing.browser import system_browser

ARGUMENTS = [
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What a page learns of who saves data: it fetches no weights, and the server answers alone.
SAVE_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"

expect.set_options(timeout=20_000)  # milliseconds; many tests at once can be slow

PageMaker = Callable[..., Page]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for all browsers: a process may have but one."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's browser, as `bin/install-browser` finds it, else Playwright's own."""
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    browser = playwright.chromium.launch(executable_path=system_browser(), args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def new_page(browser: Browser, server_url: str) -> Iterator[PageMaker]:
    """Opens pages of the live server, each in a browser context (a visitor) of its own."""
    problems: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        # A refused request is logged too: the tests of failures make some on purpose.
        if message.type in ("error", "warning") and "Failed to load" not in message.text:
            problems.append(message.text)

    def open_page(
        path: str = "/",
        width: int = 1280,
        height: int = 900,
        device: bool = False,
        **options: object,
    ) -> Page:
        """device: whether the page answers by itself too, as soon as it has the weights."""
        context = browser.new_context(
            viewport={"width": width, "height": height},
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        if not device:
            context.add_init_script(SAVE_DATA)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(server_url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def page(new_page: PageMaker) -> Page:
    """The drawing page on a desktop."""
    return new_page()


@pytest.fixture
def phone(new_page: PageMaker) -> Page:
    """The drawing page on a small phone."""
    return new_page(width=360, height=740, has_touch=True, is_mobile=True, device_scale_factor=3)
