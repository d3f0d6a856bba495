"""What no request should look like, sent to a real server: refused in the one shape of errors."""

import http.client
import io
import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from inkling.web.security import HEADERS
from testing.live import Server

POST = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
CASES: dict[str, tuple[bytes, int]] = {
    "a long address": (b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * 5000), 414),
    "a long header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n" % (b"a" * 9000), 431),
    "many headers": (b"GET / HTTP/1.1\r\nHost: a\r\n%s\r\n" % (b"X: a\r\n" * 200), 431),
    "an odd expectation": (POST + b"Expect: a miracle\r\n\r\n", 417),
    "an unknown coding": (POST + b"Transfer-Encoding: brotli\r\n\r\n", 501),
    "no request": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    "a version to come": (b"GET / HTTP/7.0\r\nHost: a\r\n\r\n", 505),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "a length of letters": (POST + b"Content-Length: abc\r\n\r\nab", 400),
    "a chunk of no size": (CHUNKED + b"zz\r\nab\r\n0\r\n\r\n", 400),
    "a chunk of minus one": (CHUNKED + b"-1\r\nab\r\n0\r\n\r\n", 400),
    "a chunk longer than its size": (CHUNKED + b"2\r\nabcd\r\n0\r\n\r\n", 400),
    "a chunk without its end": (CHUNKED + b"2\r\nab0\r\n\r\n", 400),
    "a broken extension": (CHUNKED + b'2;a="\r\nab\r\n0\r\n\r\n', 400),
    "a broken trailer": (CHUNKED + b"2\r\nab\r\n0\r\na b: c\r\n\r\n", 400),
    "a size without end": (CHUNKED + b"0" * 10_000, 400),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environ = {"TRAINER": "separate", "WEB_CONCURRENCY": "1", "RECEIPT_WAIT": "0"}
    server = Server(tmp_path_factory.mktemp("refusals"), **environ)
    yield server
    server.stop()


def answered(server: Server, sent: bytes) -> tuple[HTTPResponse, bytes, bytes]:
    """The answer to these bytes, its body, and what comes after it until the connection ends."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        body = answer.read()
        rest = connection.recv(1) if answer.headers["Connection"] == "close" else b"open"
    return answer, body, rest


@pytest.mark.parametrize("case", CASES)
def test_what_is_no_request_is_refused_in_json(server: Server, case: str) -> None:
    sent, status = CASES[case]
    answer, body, rest = answered(server, sent)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert [*json.loads(body)] == ["error"]
    assert json.loads(body)["error"].count(". ") >= 1
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["Connection"] == "close"
    assert rest == b""
    assert "Traceback" not in server.log()


def test_a_chunked_body_as_it_must_be_is_read(server: Server) -> None:
    answer, body, _ = answered(server, CHUNKED + b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\nA: b\r\n\r\n")
    assert (answer.status, json.loads(body)["error"][:21]) == (400, "The field imageBase64")


@pytest.mark.parametrize("megabytes", [17, 20, 60])
@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_a_program_that_sends_too_much_hears_so(
    server: Server, megabytes: int, chunked: bool
) -> None:
    """http.client reads no answer before it has sent all of its body."""
    body = bytes(megabytes * 1_000_000)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", "/predict", io.BytesIO(body) if chunked else body)
    answer = connection.getresponse()
    assert answer.status == 413
    assert [*json.loads(answer.read())] == ["error"]
    assert answer.headers["Connection"] == "close"
    connection.close()
