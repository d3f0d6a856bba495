"""HTTPS from a real server: the same answers, and no slow client holds a thread or a loop."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from inkling.client import main
from testing.started import Started
from tests.web.test_gunicorn_worker import CLOSING, IMPATIENT, ONE, PICTURE, PREDICT, until_closed

HELLO = bytes.fromhex("160301020001")  # the beginning of a handshake
SLOW = {
    "silence": b"",
    "a part of a handshake": HELLO,
}
AFTERWARDS = {
    "nothing more": b"",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ",
    "half a body": PREDICT[:-10],
    "a last answer after which nobody closes": CLOSING,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    server = Started(tmp_path_factory.mktemp("tls"), ["-s", "127.0.0.1:0"], ONE)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("impatient")
    server = Started(folder, ["-s", "127.0.0.1:0"], ONE | IMPATIENT)
    yield server
    server.stop()


def connect(server: Started) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def secured(server: Started) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(server.pem))
    return context.wrap_socket(
        connect(server), server_hostname="127.0.0.1", suppress_ragged_eofs=False
    )


def check_answers(server: Started) -> None:
    context = ssl.create_default_context(cafile=str(server.pem))
    kept = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=60, context=context)
    for _ in range(2):
        kept.request("POST", "/predict", PICTURE, {"Content-Type": "application/json"})
        answer = kept.getresponse()
        assert (answer.status, json.loads(answer.read())["answer"]) == (200, "7")
    assert answer.headers["Strict-Transport-Security"]  # so the app knows that it is HTTPS
    kept.close()


@pytest.mark.parametrize("case", SLOW)
def test_nobody_waits_for_two_hundred_slow_handshakes(server: Started, case: str) -> None:
    with ExitStack() as opened:
        for _ in range(200):
            opened.enter_context(connect(server)).sendall(SLOW[case])
        check_answers(server)


@pytest.mark.parametrize("case", AFTERWARDS)
def test_nobody_waits_for_slow_clients_after_their_handshake(server: Started, case: str) -> None:
    with ExitStack() as opened:
        for _ in range(50):
            opened.enter_context(secured(server)).sendall(AFTERWARDS[case])
        check_answers(server)


@pytest.mark.parametrize("case", SLOW)
def test_no_slow_handshake_is_waited_for(impatient: Started, case: str) -> None:
    with connect(impatient) as client:
        client.sendall(SLOW[case])
        assert until_closed(client) == b""


def test_a_slow_request_is_refused_within_tls(impatient: Started) -> None:
    with secured(impatient) as client:
        client.sendall(AFTERWARDS["half a head"])
        assert until_closed(client).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_an_answer_ends_with_the_end_of_tls(server: Started) -> None:
    """Without it `recv` would raise: somebody might have cut the answer off."""
    with secured(server) as client:
        client.sendall(CLOSING)
        assert until_closed(client).endswith(b'{"status":"ok"}\n')


def test_requests_in_pieces_and_together_are_answered(server: Started) -> None:
    with secured(server) as client:
        for at in range(0, len(PREDICT), 997):
            client.sendall(PREDICT[at : at + 997])
        client.sendall(PREDICT + CLOSING)
        assert until_closed(client).count(b"HTTP/1.1 200 OK\r\n") == 3


def test_a_large_body_is_read_whole(server: Started) -> None:
    head = (
        b"POST /predict HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n"
    )
    with secured(server) as client:
        client.sendall(head + bytes(5_000_000))
        assert b" 400 " in until_closed(client)[:20]


def test_plain_http_is_told_what_to_do(server: Started) -> None:
    with connect(server) as client:
        client.sendall(CLOSING)
        said = until_closed(client)
    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert said.endswith(b'"This port speaks HTTPS. Write https:// in place of http://."}\n')


@pytest.mark.parametrize(
    "sent", [b"\x00" * 100, HELLO + b"x" * 600, b"\x15\x03\x01\x00\x02\x02\x28"]
)
def test_what_is_no_handshake_is_dropped(server: Started, sent: bytes) -> None:
    with connect(server) as client:
        client.sendall(sent)
        try:
            assert b"HTTP" not in until_closed(client)
        except ConnectionResetError:
            pass
    check_answers(server)
    assert "Traceback" not in server.log()


def test_a_client_that_leaves_in_the_middle_costs_nothing(server: Started) -> None:
    for case in AFTERWARDS.values():
        client = secured(server)
        client.sendall(case)
        socket.socket(fileno=client.detach()).close()
    check_answers(server)
    assert "Traceback" not in server.log()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--https"], "REQUESTS_CA_BUNDLE"),
        (["--insecure"], "[E] "),
        ([], "speaks HTTPS"),
    ],
)
def test_the_client_trusts_what_it_is_told_to(
    server: Started,
    words: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A network of a name that nobody gives, so that the answer is an error of the app's."""
    place = f"127.0.0.1:{server.port}"
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    assert main([place, "no-such-net", "about", *words]) == (3 if words == ["--https"] else 1)
    assert told in capsys.readouterr().err
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.pem))
    if words:
        assert main([place, "no-such-net", "about", *words]) == 1


def test_no_client_makes_the_loop_spin(server: Started, tmp_path: Path) -> None:
    (worker,) = server.workers()
    with ExitStack() as opened:
        for case in SLOW.values():
            opened.enter_context(connect(server)).sendall(case)
        for case in AFTERWARDS.values():
            opened.enter_context(secured(server)).sendall(case)
        check_answers(server)
        worker.cpu_percent()
        assert worker.cpu_percent(interval=1.5) < 50
