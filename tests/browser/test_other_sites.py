"""A page of another origin that posts a form here, in a real browser: refused, nothing stored."""

import http.server
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from inkling.journal.writer import open_journal
from inkling.settings import load_settings
from testing.live import Server
from tests.browser.conftest import PageMaker
from tests.browser.hand import draw_by_mouse, see_answer
from tests.web.posting import SEVEN, rows

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class Form(http.server.BaseHTTPRequestHandler):
    """Answers with a plain form that posts a label to an Inkling; no script, no leave asked."""

    target = ""

    def do_GET(self) -> None:
        """Send the form; its address is `/<path to post to>?<type of the form>`."""
        asked = urlsplit(self.path)
        page = f"""<!doctype html><link rel="icon" href="data:,">
            <form method="post" action="{self.target}{asked.path}" enctype="{asked.query}">
            <input name="imageBase64" value="{SEVEN}"><input name="digit" value="1">
            <button>Win a prize</button></form>""".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def foreign_port(server_url: str) -> Iterator[int]:
    """The port of a site whose pages post to the live server."""
    handler = type("Form", (Form,), {"target": server_url})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site.server_port
        site.shutdown()


def stored(server: Server) -> int:
    settings = load_settings({"INSTANCE_FOLDER": str(server.folder / "instance")})
    return rows(open_journal(settings))


# Another port of the same host is the same *site* to a browser, another host name is not.
@pytest.mark.parametrize(
    ("host", "path", "kind"),
    [
        ("127.0.0.1", "/train", FORM),
        ("127.0.0.1", "/collect", MULTIPART),
        ("localhost", "/train", MULTIPART),
        ("localhost", "/collect", FORM),
    ],
)
def test_a_form_of_another_origin_is_refused(
    new_page: PageMaker, server: Server, foreign_port: int, host: str, path: str, kind: str
) -> None:
    before = stored(server)
    page = new_page()
    page.goto(f"http://{host}:{foreign_port}{path}?{kind}")
    with page.expect_navigation() as navigation:
        page.click("button")
    assert navigation.value.status == 403
    expect(page.locator("body")).to_contain_text("A page of another site sent this.")
    assert stored(server) == before


def test_the_page_itself_labels_in_the_same_browser(page: Page, server: Server) -> None:
    before = stored(server)
    draw_by_mouse(page, 7)
    see_answer(page)
    page.check("#consent")
    with page.expect_response("**/train") as answered:
        page.click(".digit[data-guess]")
    assert answered.value.status == 200
    assert stored(server) == before + 1
