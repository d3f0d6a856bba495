"""Slow clients against a real server: nobody waits for them, and they are not waited for either."""

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from testing.live import Server, wait_until
from tests.web.posting import SEVEN
from tests.web.test_refusals import CHUNKED, POST, answered

PICTURE = json.dumps({"imageBase64": SEVEN}).encode()
PREDICT = POST + b"Content-Length: %d\r\n\r\n%s" % (len(PICTURE), PICTURE)
CLOSING = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
STYLES = b"GET /static/vendor/bootstrap/css/bootstrap.min.css HTTP/1.1\r\nHost: a\r\n\r\n"
SLOW = {
    "silence": b"",
    "half an address": b"GET /heal",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ",
    "half a body": PREDICT[:-10],
    "half of chunks": CHUNKED + b"5\r\nab",
    "leave asked for": POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "half a second request": CLOSING.replace(b"Connection: close\r\n", b"") + b"GET ",
    "an answer that is not read": STYLES,
    "a last answer after which nobody closes": CLOSING,
}
ONE = {"TRAINER": "separate", "WEB_CONCURRENCY": "1", "RECEIPT_WAIT": "0"}
IMPATIENT = {"GUNICORN_CMD_ARGS": "--worker-class testing.impatient.Impatient"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("slow"), **ONE)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("impatient"), **ONE, **IMPATIENT)
    yield server
    server.stop()


@contextmanager
def slow_clients(server: Server, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many clients that have sent this and nothing more, as long as the block."""
    with ExitStack() as opened:
        clients = []
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            clients.append(opened.enter_context(client))
            client.sendall(sent)
        yield clients


def check_answers(server: Server) -> None:
    """A visitor gets pages and answers, on new connections and on one that is kept."""
    kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(2):
        kept.request("POST", "/predict", PICTURE, {"Content-Type": "application/json"})
        answer = kept.getresponse()
        assert (answer.status, json.loads(answer.read())["answer"]) == (200, "7")
        assert answered(server, CLOSING)[0].status == 200
    kept.close()


@pytest.mark.parametrize("case", SLOW)
def test_nobody_waits_for_two_hundred_slow_clients(server: Server, case: str) -> None:
    """Sixteen of them would be enough, were a thread to wait for each."""
    with slow_clients(server, 200, SLOW[case]):
        check_answers(server)


def until_closed(client: socket.socket) -> bytes:
    """All that the server still sends before it closes."""
    found = b""
    while piece := client.recv(65_536):
        found += piece
    return found


@pytest.mark.parametrize("case", [case for case in SLOW if "answer" not in case])
def test_no_slow_client_is_waited_for_as_long_as_it_likes(impatient: Server, case: str) -> None:
    with slow_clients(impatient, 3, SLOW[case]) as clients:
        for client in clients:
            said = until_closed(client)
            if case == "silence":
                assert said == b""
            else:
                assert b"HTTP/1.1 408 Request Timeout\r\n" in said
                assert said.endswith(
                    b'{"error": "The request came too slowly. Send it again on a better line."}\n'
                )


def test_a_slow_client_that_goes_on_in_time_is_answered(server: Server) -> None:
    for sent in (PREDICT, CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(PICTURE), PICTURE)):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(sent), 97):
                client.sendall(sent[at : at + 97])
            answer = http.client.HTTPResponse(client)
            answer.begin()
            assert (answer.status, json.loads(answer.read())["answer"]) == (200, "7")


def test_requests_that_come_at_once_are_answered_one_after_the_other(server: Server) -> None:
    healthz = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(PREDICT + healthz + PREDICT + CLOSING)
        said = until_closed(client)
    assert said.count(b"HTTP/1.1 200 OK\r\n") == 4
    assert [part[:1] for part in said.split(b'"answer":"')[1:]] == [b"7", b"7"]


def test_a_body_that_nobody_reads_does_not_end_the_connection(server: Server) -> None:
    kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for path, status in (("/nowhere", 404), ("/healthz", 405), ("/predict", 400)):
        kept.request("POST", path, bytes(500_000))
        answer = kept.getresponse()
        assert answer.status == status
        assert answer.read()
        assert kept.sock is not None
    kept.close()


def test_who_asks_for_leave_to_send_gets_it(server: Server) -> None:
    head, _, body = PREDICT.partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        leave = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.recv(len(leave)) == leave
        client.sendall(body)
        assert client.recv(12) == b"HTTP/1.1 200"
    too_large = POST + b"Expect: 100-continue\r\nContent-Length: 99000000\r\n\r\n"
    assert answered(server, too_large)[0].status == 413


def test_more_clients_than_connections_push_out_those_that_wait_longest(tmp_path: Path) -> None:
    few = {"GUNICORN_CMD_ARGS": "--worker-connections 50"}
    server = Server(tmp_path, **ONE, **few)
    try:
        with slow_clients(server, 150, SLOW["half a head"]):
            check_answers(server)
    finally:
        server.stop()


def test_large_bodies_that_never_end_do_not_fill_the_memory(server: Server) -> None:
    (worker,) = server.workers()
    before = worker.memory_info().rss
    sent = POST + b"Content-Length: 9000000\r\n\r\n" + bytes(8_000_000)
    with ThreadPoolExecutor(20) as pool, ExitStack() as opened:

        def begin(_: int) -> None:
            address = ("127.0.0.1", server.port)
            client = opened.enter_context(socket.create_connection(address, timeout=60))
            try:
                client.sendall(sent)
            except OSError:
                pass  # refused meanwhile

        list(pool.map(begin, range(20)))
        check_answers(server)
        assert worker.memory_info().rss - before < 100_000_000
    wait_until(lambda: worker.memory_info().rss - before < 50_000_000)
