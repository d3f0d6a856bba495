"""Files and answers on the wire: compressed as the client asks, files kept for good."""

import gzip
import subprocess

import brotli
import pytest
from flask.testing import FlaskClient

from inkling.settings import ROOT
from inkling.web.app import Inkling
from testing.node import needs_node

STYLES = "vendor/bootstrap/css/bootstrap.min.css"
DECODE = {"br": brotli.decompress, "gzip": gzip.decompress}


def address(app: Inkling, name: str) -> str:
    """Where a page finds a file."""
    with app.test_request_context():
        return str(app.jinja_env.globals["static"](name))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("asked", "encoding"),
    [("br, gzip", "br"), ("gzip, deflate", "gzip"), ("gzip;q=1, br;q=0", "gzip"), ("*", "br")],
)
def test_a_file_comes_as_the_client_asks(app: Inkling, asked: str, encoding: str) -> None:
    answer = app.test_client().get(address(app, STYLES), headers={"Accept-Encoding": asked})
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    content = (ROOT / "static" / STYLES).read_bytes()
    assert DECODE[encoding](answer.data) == content
    assert len(answer.data) < len(content) / 3


@pytest.mark.parametrize("asked", [None, "identity", "zstd"])
def test_who_asks_for_nothing_gets_the_file_itself(app: Inkling, asked: str | None) -> None:
    headers = {"Accept-Encoding": asked} if asked else {}
    answer = app.test_client().get(address(app, STYLES), headers=headers)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (ROOT / "static" / STYLES).read_bytes()


def test_a_picture_is_not_compressed_twice(app: Inkling) -> None:
    answer = app.test_client().get(address(app, "digit.png"), headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in answer.headers
    assert answer.mimetype == "image/png"


def test_a_file_is_kept_for_good_under_the_address_that_names_its_content(app: Inkling) -> None:
    client = app.test_client()
    lasting = client.get(address(app, "js/main.js"))
    assert "immutable" in lasting.headers["Cache-Control"]
    for other in ("/static/js/main.js", "/static/0123456789ab/js/main.js"):
        answer = client.get(other)
        assert answer.data == lasting.data
        assert "no-cache" in answer.headers["Cache-Control"]
        again = client.get(other, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "name", ["gone.js", "../main.py", "%2e%2e/main.py", "js/", "", "js//main.js"]
)
def test_what_is_no_file_there_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code in (404, 308)


def test_pages_and_figures_are_compressed_too(client: FlaskClient) -> None:
    plain = client.get("/models").data
    for encoding in ("br", "gzip"):
        answer = client.get("/models", headers={"Accept-Encoding": encoding})
        assert answer.headers["Content-Encoding"] == encoding
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain) / 3
        assert DECODE[encoding](answer.data) == plain


def test_what_fits_into_one_packet_stays_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in answer.headers


@needs_node
def test_bootstrap_is_cut_down_to_what_the_pages_use() -> None:
    """What `make css` would write is what is committed."""
    script = ROOT / "tests" / "node" / "bootstrap_subset.mjs"
    made = subprocess.run(["node", script], capture_output=True, check=True, text=True).stdout
    assert made == (ROOT / "static" / STYLES).read_text()
