"""Firefox instead of Chromium, for the same pages; one that dies with its tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from testing.firefox import firefox


@pytest.fixture(scope="session")
def browser(
    request: pytest.FixtureRequest,
    playwright: Playwright,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    """A Firefox with a mouse, or what a test asks for by `indirect` parameters of `firefox`."""
    folder = tmp_path_factory.mktemp("firefox")
    with firefox(folder, **getattr(request, "param", {})) as address:
        browser = playwright.firefox.connect(address)
        yield browser
        browser.close()
