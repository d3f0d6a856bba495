"""Requests that come piece by piece: where they end, however they are cut, and what is refused."""

import random

import pytest

from inkling.web.receiving import MAX_CHUNKS, Incoming, Missing, Received, Unacceptable

HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\n"
WITH_LENGTH = HEAD + b"content-LENGTH:  5 \r\n\r\nabcde"
CHUNKED = HEAD + b"Transfer-Encoding: Chunked\r\n\r\n"
NEXT = b"GET / HTTP/1.1\r\n"
WHOLE = {
    "no body": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a length": WITH_LENGTH,
    "no length": HEAD + b"Content-Length: 0\r\n\r\n",
    "chunks": CHUNKED + b"3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n",
    "no chunk": CHUNKED + b"0\r\n\r\n",
    "trailers": CHUNKED + b"1\r\na\r\n000\r\nA: b\r\nC: d\r\n\r\n",
    "chunks of line ends": CHUNKED + b"4\r\n\r\n\r\n\r\n2\r\n0\r\r\n0\r\n\r\n",
    # What the parser will refuse is whole at its head's end.
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "a length of letters": HEAD + b"Content-Length: five\r\n\r\n",
}
REFUSED = {
    "no HTTP": (b"\x16\x03\x01", 400),
    "a long line": (b"GET /" + b"a" * 70_000, 414),
    "long headers": (HEAD + b"X: a\r\n" * 12_000, 431),
    "too long": (HEAD + b"Content-Length: 101\r\n\r\n", 413),
    "a chunk too long": (CHUNKED + b"65\r\n", 413),
    "a chunk as long as nothing": (CHUNKED + b"F" * 15 + b"\r\n", 413),
    "chunks too long together": (CHUNKED + b"40\r\n" + b"a" * 64 + b"\r\n40\r\n", 413),
    "no size": (CHUNKED + b"\r\n", 400),
    "a size of letters": (CHUNKED + b"xyz\r\n", 400),
    "a size below zero": (CHUNKED + b"-1\r\n", 400),
    "a size without end": (CHUNKED + b"1" * 2000, 400),
    "a chunk without end": (CHUNKED + b"1\r\nabc", 400),
    "trailers without end": (CHUNKED + b"0\r\n" + b"A: b\r\n" * 12_000, 431),
}


def pieces(content: bytes, seed: int) -> list[bytes]:
    """The same, cut at random; seed 0: byte by byte."""
    if seed == 0:
        return [content[at : at + 1] for at in range(len(content))]
    rng = random.Random(seed)
    cuts = sorted(rng.sample(range(len(content) + 1), min(len(content), rng.randint(0, 5))))
    return [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]


@pytest.mark.parametrize("case", WHOLE)
def test_a_request_is_whole_at_its_last_byte_and_not_before(case: str) -> None:
    request = WHOLE[case]
    for seed in range(30):
        incoming = Incoming(100)
        *rest, last = [piece for piece in pieces(request, seed) if piece]
        for piece in rest:
            incoming.add(piece)
            assert incoming.missing() is not None
        incoming.add(last + NEXT)
        assert incoming.missing() is None
        assert incoming.take() == (request, NEXT)


def test_what_is_missing_is_told() -> None:
    incoming = Incoming(100)
    assert incoming.missing() is Missing.HEAD
    incoming.add(WITH_LENGTH[:-6])
    assert (incoming.missing(), incoming.has_head) == (Missing.HEAD, False)
    incoming.add(WITH_LENGTH[-6:-1])
    assert (incoming.missing(), incoming.has_head) == (Missing.BODY, True)


def test_line_ends_before_a_request_are_passed_over() -> None:
    incoming = Incoming(100, b"\r\n\r\n" + WITH_LENGTH)
    assert incoming.missing() is None
    assert incoming.take() == (WITH_LENGTH, b"")


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_waited_for_is_refused(case: str) -> None:
    content, status = REFUSED[case]
    for seed in (1, 2):
        incoming = Incoming(100)
        with pytest.raises(Unacceptable) as raised:
            for piece in pieces(content, seed):
                incoming.add(piece)
                incoming.missing()
        assert raised.value.status == status


def test_a_body_in_very_many_pieces_is_refused() -> None:
    """Each costs the parser more than the byte that it brings."""
    incoming = Incoming(10**9, CHUNKED)
    with pytest.raises(Unacceptable) as raised:
        for _ in range(MAX_CHUNKS + 1):
            incoming.add(b"1\r\na\r\n")
            incoming.missing()
    assert raised.value.status == 413


def test_a_client_that_asks_for_leave_waits_for_it() -> None:
    asking = HEAD + b"Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n"
    for sent, waits in ((asking, True), (asking + b"a", False), (WITH_LENGTH[:-5], False)):
        incoming = Incoming(100, sent)
        assert incoming.missing() is Missing.BODY
        assert incoming.waits_for_leave is waits


@pytest.mark.parametrize("size", [None, 1, 10_000, 50_000])
def test_the_parser_reads_what_was_received(size: int | None) -> None:
    content = random.Random(1).randbytes(30_000)
    received = Received(content)
    found = b""
    while piece := received.read(size):
        found += piece
    assert found == content
