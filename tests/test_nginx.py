"""nginx.conf in a real nginx: labels go through, web may move, and errors have the one shape."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from testing.live import Server, wait_until
from testing.nginx import Proxy, needs_nginx, proxy
from testing.visitors import Said, Visitors, ask, picture

pytestmark = needs_nginx

AWAY = {"error": "The server starts or stops. Try again in a moment."}
GET = b"GET /%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: %s\r\n\r\n"
LONG = {
    "an address that web refuses": (GET % (b"a" * 9000, b""), 414),
    "a header that web refuses": (GET % (b"", b"a" * 9000), 431),
    "a header that nginx refuses": (GET % (b"", b"a" * 90_000), 431),
}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environ = {"TRAINER": "separate", "TRUSTED_PROXIES": "1", "RECEIPT_WAIT": "0"}
    server = Server(tmp_path_factory.mktemp("web"), WEB_CONCURRENCY="1", **environ)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def nginx(web: Server) -> Iterator[Proxy]:
    with proxy(web.port) as found:
        yield found


@pytest.fixture(autouse=True)
def found(nginx: Proxy) -> None:
    """Web is where its name says."""
    nginx.names.address = "127.0.0.1"
    wait_until(lambda: readyz(nginx)[0] == 200)


def readyz(nginx: Proxy) -> tuple[int, Said]:
    return ask(f"{nginx.url}/readyz")


def test_answers_and_labels_go_through(nginx: Proxy) -> None:
    visitors = Visitors(nginx.url)
    assert visitors.predict()["models"]
    assert visitors.label()
    assert visitors.refused == []


def test_no_visitor_s_address_is_kept(nginx: Proxy) -> None:
    assert readyz(nginx)[0] == 200
    assert (nginx.folder / "access.log").read_text() == ""


def test_the_page_s_own_requests_are_no_other_site_s(nginx: Proxy) -> None:
    body = json.dumps({"imageBase64": picture(7)}).encode()
    headers = {"Content-Type": "application/json", "Origin": nginx.url}
    with urllib.request.urlopen(urllib.request.Request(f"{nginx.url}/predict", body, headers)) as a:
        assert a.status == 200
    headers["Origin"] = "https://example.org"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(urllib.request.Request(f"{nginx.url}/predict", body, headers))


@pytest.mark.parametrize("address", ["127.0.0.2", ""])
def test_web_is_found_again_where_its_address_has_changed(nginx: Proxy, address: str) -> None:
    nginx.names.address = address  # where nobody listens, or no name, as while web is restarted
    wait_until(lambda: readyz(nginx) == (503, AWAY))
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{nginx.url}/readyz")
    assert refused.value.headers["Retry-After"] == "5"
    nginx.names.address = "127.0.0.1"
    wait_until(lambda: readyz(nginx)[0] == 200)


def test_a_body_that_is_too_large_is_told_in_the_one_shape(nginx: Proxy) -> None:
    status, said = answered(
        nginx, b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 17000000\r\n\r\n"
    )
    assert (status, said) == (413, {"error": "The request is too large. Send a smaller picture."})


@pytest.mark.parametrize("case", LONG)
def test_what_is_too_long_is_told_in_the_one_shape(nginx: Proxy, case: str) -> None:
    sent, expected = LONG[case]
    status, said = answered(nginx, sent)
    assert status == expected
    assert said.keys() == {"error"}


def answered(nginx: Proxy, sent: bytes) -> tuple[int, Said]:
    """What nginx answers to these bytes."""
    with socket.create_connection(("127.0.0.1", nginx.port), timeout=60) as connection:
        connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        return answer.status, json.load(answer)
