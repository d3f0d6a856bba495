"""Pages name exactly the modules that a browser then loads."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from inkling.web.module_preload import imported_modules
from tests.browser.conftest import PageMaker

SCRIPT = re.compile(r"/static/\w+/js/(\w+)\.js$")
PRELOAD = re.compile(r'<link rel="modulepreload" href="/static/\w+/js/(\w+)\.js">')


def names_loaded(page: Page, address: str) -> tuple[list[str], list[str]]:
    """The modules that a page names for loading, and those that are loaded without that help."""
    named: list[str] = []
    loaded: list[str] = []

    def without_preload(route: Route) -> None:
        answer = route.fetch()
        named.extend(PRELOAD.findall(answer.text()))
        route.fulfill(response=answer, body=PRELOAD.sub("", answer.text()))

    page.on("request", lambda request: loaded.extend(SCRIPT.findall(request.url)))
    page.route(address, without_preload)
    page.goto(address, wait_until="networkidle")
    return named, loaded


@pytest.mark.parametrize(
    ("path", "script"),
    [
        ("/", "main"),
        ("/contribute", "contribute"),
        ("/progress", "progress"),
        ("/about", "about"),
        ("/my-drawings", "mine"),
        ("/models", None),
    ],
)
def test_a_page_names_the_modules_that_a_browser_loads(
    new_page: PageMaker, server_url: str, path: str, script: str | None
) -> None:
    named, loaded = names_loaded(new_page("/healthz"), server_url + path)
    assert sorted([*named, *filter(None, [script])]) == sorted(loaded)


def write(folder: Path, **scripts: str) -> Path:
    for name, code in scripts.items():
        (folder / f"{name}.js").write_text(code)
    return folder


def test_imports_are_followed_in_all_their_forms_and_in_circles(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        first='import { a,\n  b } from "./second.js";\nimport "./third.js";\n',
        second="// import of nothing\nexport * from './fourth.js';\n",
        third='/** @type {import("./alone.js").Kind} */\nconst words = "./alone.js";\n',
        fourth='import * as all from "./second.js";\n',
        alone="export const KIND = 1;\n",
    )
    assert imported_modules(folder) == {
        "first": ("fourth", "second", "third"),
        "second": ("fourth",),
        "third": (),
        "fourth": ("second",),
        "alone": (),
    }


def test_an_import_of_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path, first='import { a } from "./gone.js";\n')
    with pytest.raises(FileNotFoundError, match=r"first\.js imports gone\.js"):
        imported_modules(folder)
