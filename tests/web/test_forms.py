"""Requests made to hurt, against a real server: refused, in little memory, with nothing stored."""

import base64
import gzip
import http.client
import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inkling.journal.writer import open_journal
from inkling.settings import load_settings
from testing.live import Server
from tests.functions.hostile import pages
from tests.web.posting import SEVEN

MEMORY = 300_000_000  # bytes that a worker may hold at most; idle 90, one large picture 170 million
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environ = {"TRAINER": "separate", "WEB_CONCURRENCY": "1", "RECEIPT_WAIT": "0"}
    server = Server(tmp_path_factory.mktemp("posted"), **environ)
    ask(server, "/predict", json.dumps({"imageBase64": SEVEN}).encode(), JSON)
    yield server
    server.stop()


def ask(
    server: Server, path: str, body: bytes, kind: str, chunked: bool = False, **headers: str
) -> tuple[int, dict[str, object]]:
    """The status and the JSON of a post; a server that stops reading early has answered too."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    sent: bytes | Iterator[bytes] = body
    if chunked:
        sent = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    try:
        connection.request(
            "POST", path, sent, {"Content-Type": kind, **headers}, encode_chunked=chunked
        )
    except (BrokenPipeError, ConnectionResetError):
        pass
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == JSON
    return answer.status, json.loads(answer.read())


def peak(server: Server) -> int:
    """The most memory that the web worker ever held, in bytes."""
    (worker,) = server.workers()
    status = Path(f"/proc/{worker.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def url(image: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64," + base64.b64encode(image).decode()


def bare(image: bytes) -> str:
    return base64.b64encode(image).decode()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *extra: bytes, rows: bytes = b"", colour: int = 0) -> bytes:
    """A grey PNG with these chunks before its pixels; `colour` 3 has a palette."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    pixels = rows or zlib.compress((b"\0" + b"\xff" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def frames(kind: str) -> bytes:
    """Three thousand frames in one small file; the first is empty paper."""
    pictures = [Image.new("L", (64, 64), 255 - n % 2) for n in range(3000)]
    file = io.BytesIO()
    pictures[0].save(file, kind, save_all=True, append_images=pictures[1:])
    return file.getvalue()


def exif_jpeg() -> bytes:
    """A JPEG with eighty EXIF blocks, each as large as can be."""
    file = io.BytesIO()
    Image.new("L", (64, 64), 255).save(file, "JPEG")
    jpeg, block = file.getvalue(), b"Exif\0\0" + b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 65_000
    blocks = b"".join([b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block] * 80)
    return jpeg[:2] + blocks + jpeg[2:]


def many_scans(number: int) -> bytes:
    """A progressive JPEG that refines its pixels again and again."""
    file = io.BytesIO()
    Image.new("L", (1000, 1000), 255).save(file, "JPEG", progressive=True)
    jpeg = file.getvalue()
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:-2] + jpeg[last:-2] * number + jpeg[-2:]


SMALL: dict[str, dict[str, Any]] = {
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "WEBP": {"lossless": True},
}


def see_through(side: int, kind: str = "PNG") -> bytes:
    """A picture with as many pixels as are allowed, all of them transparent: the most work."""
    file = io.BytesIO()
    Image.new("RGBA", (side, side), (0, 0, 0, 0)).save(file, kind, **SMALL.get(kind, {}))
    return file.getvalue()


def claimed_bmp(width: int, height: int) -> bytes:
    """A BMP of two pixels that claims to have more."""
    file = io.BytesIO()
    Image.new("RGB", (2, 1), "white").save(file, "BMP")
    return file.getvalue()[:18] + struct.pack("<ll", width, height) + file.getvalue()[26:]


ZEROS = zlib.compress(b"\0" * 200_000_000)
PICTURES: dict[str, tuple[Callable[[], str], int]] = {
    "50,000 × 50,000": (lambda: url(png(50_000, 50_000, rows=zlib.compress(b""))), 413),
    "the largest sides there are": (lambda: url(png(2**31 - 1, 1, rows=b"x")), 413),
    "a palette that is missing": (lambda: url(png(28, 28, colour=3)), 400),
    "no side": (lambda: url(png(0, 10)), 400),
    "more pixels than its sides": (lambda: url(png(28, 28, rows=ZEROS)), 422),
    "fewer pixels than its sides": (
        lambda: url(
            png(3500, 3500, rows=zlib.compress(b"")),
        ),
        400,
    ),
    "a text that inflates": (lambda: url(png(28, 28, chunk(b"zTXt", b"a\0\0" + ZEROS))), 400),
    "a profile that inflates": (lambda: url(png(28, 28, chunk(b"iCCP", b"a\0\0" + ZEROS))), 400),
    "a hundred texts": (
        lambda: url(png(28, 28, *[chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 10**6))] * 100)),
        400,
    ),
    "PNG in 3,000 frames": (lambda: url(frames("PNG")), 422),
    "WebP in 3,000 frames": (lambda: url(frames("WEBP"), "webp"), 422),
    "giant EXIF": (lambda: url(exif_jpeg(), "jpeg"), 422),
    "as many transparent pixels as may be": (lambda: url(see_through(3535)), 422),
    "one row of them more": (lambda: url(see_through(3536)), 413),
    "a JPEG of 30,000 scans": (lambda: url(many_scans(30_000), "jpeg"), 413),
    "a TIFF of 200,000 pages": (lambda: url(pages(200_000), "tiff"), 422),
    "a TIFF that inflates": (lambda: url(see_through(3535, "TIFF"), "tiff"), 422),
    "one row of it more": (lambda: bare(see_through(3536, "TIFF")), 413),
    "a BMP of 50,000 × 50,000": (lambda: bare(claimed_bmp(50_000, 50_000)), 413),
    "a BMP that stands on its head": (lambda: bare(claimed_bmp(50_000, -50_000)), 413),
    "fewer pixels than a BMP's sides": (lambda: bare(claimed_bmp(3500, 3500)), 400),
}


@pytest.mark.parametrize("path", ["/predict", "/train"])
@pytest.mark.parametrize("case", PICTURES)
def test_a_picture_that_unpacks_to_more_is_refused(server: Server, path: str, case: str) -> None:
    make, status = PICTURES[case]
    refused(server, status, path, json.dumps({"imageBase64": make(), "digit": 7}).encode(), JSON)


@pytest.mark.parametrize("kind", ["WEBP", "TIFF"])
def test_eight_large_pictures_at_once_take_turns_and_leave_nothing_behind(
    tmp_path: Path, kind: str
) -> None:
    """A WebP of 70 bytes may unpack to 12 million pixels. Small pictures wait for none of them."""
    large = json.dumps({"imageBase64": url(see_through(3535, kind))}).encode()
    small = json.dumps({"imageBase64": SEVEN}).encode()
    server = Server(tmp_path, TRAINER="separate", WEB_CONCURRENCY="1", RECEIPT_WAIT="0")
    try:
        for _ in range(20):
            assert ask(server, "/predict", small, JSON)[0] == 200
        (worker,) = server.workers()
        before = worker.memory_info().rss
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(ask, server, "/predict", large, JSON) for _ in range(24)]
            assert ask(server, "/predict", small, JSON)[0] == 200
            statuses = {answer.result()[0] for answer in asked}
        assert 422 in statuses <= {422, 503}
        assert peak(server) - before < 250_000_000
        assert worker.memory_info().rss - before < 50_000_000
    finally:
        server.stop()


def numbers(text: str) -> bytes:
    """A label with these strokes, as JSON text."""
    return f'{{"imageBase64": "{SEVEN}", "digit": 7, "strokes": {text}}}'.encode()


HUGE = b"a" * 11_000_000
PART = b'--b\r\nContent-Disposition: form-data; name="%d"\r\n\r\n1\r\n'
BODIES: dict[str, tuple[Callable[[], bytes], str, int]] = {
    "too much JSON": (lambda: b'{"x": "' + HUGE + b'"}', JSON, 413),
    "too much of a form": (lambda: b"imageBase64=" + HUGE, FORM, 413),
    "too much in parts": (lambda: b"--b\r\n" + HUGE + b"--b--\r\n", MULTIPART, 413),
    "too much of nothing known": (lambda: HUGE, "text/plain", 413),
    "empty lists": (lambda: b"[" + b"[]," * 3_000_000 + b"[]]", JSON, 413),
    "objects in UTF-16": (lambda: ("[" + "{}," * 1_000_000 + "{}]").encode("utf-16"), JSON, 413),
    "a million keys": (
        lambda: json.dumps({str(n): 1 for n in range(600_000)}).encode(),
        JSON,
        413,
    ),
    "deep lists": (lambda: b"[" * 90_000, JSON, 400),
    "deep objects": (lambda: b'{"a":' * 90_000, JSON, 400),
    "deep lists that end": (lambda: b"[" * 40_000 + b"]" * 40_000, JSON, 400),
    "a deep digit": (lambda: b'{"digit": ' + b"[" * 850 + b"]" * 850 + b"}", JSON, 400),
    "a deep key": (
        lambda: b'{"digit": 7, "key": ' + b"[" * 850 + b"]" * 850 + b"}",
        JSON,
        400,
    ),
    "a number of millions of digits": (lambda: b'{"digit": ' + b"9" * 5_000_000 + b"}", JSON, 400),
    "a fraction of millions": (lambda: b'{"digit": 0.' + b"9" * 5_000_000 + b"}", JSON, 400),
    "a long key": (
        lambda: json.dumps({"digit": 7, "key": "a" * 5_000_000}).encode(),
        JSON,
        400,
    ),
    "a million fields": (lambda: b"a&" * 1_000_000, FORM, 413),
    "five million fields": (lambda: b"a&" * 5_000_000, FORM, 413),
    "a hundred thousand parts": (
        lambda: b"".join(PART % n for n in range(100_000)) + b"--b--\r\n",
        MULTIPART,
        413,
    ),
    "parts without an end": (lambda: PART % 1, MULTIPART, 400),
    "parts without a border": (lambda: b"x", "multipart/form-data", 400),
    "strokes too far": (lambda: numbers("[[[1e999], [1]]]"), JSON, 400),
    "strokes of a billion": (lambda: numbers("[[[1e10], [1]]]"), JSON, 400),
    "strokes of no number": (lambda: numbers("[[[NaN], [1]]]"), JSON, 400),
    "strokes without end": (lambda: numbers("[[[-Infinity], [1]]]"), JSON, 400),
    "strokes by the million": (
        lambda: numbers(f"[[[{'1,' * 10**6}1], [{'1,' * 10**6}1]]]"),
        JSON,
        413,
    ),
    "strokes by the million in a text": (
        lambda: numbers(json.dumps("[" * 10 + "[1]," * 10**6)),
        JSON,
        413,
    ),
    "what is packed": (lambda: gzip.compress(numbers("null")), JSON, 400),
}


@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
@pytest.mark.parametrize("case", BODIES)
def test_a_body_made_to_hurt_is_refused(server: Server, case: str, chunked: bool) -> None:
    make, kind, status = BODIES[case]
    packed = {"Content-Encoding": "gzip"} if case == "what is packed" else {}
    refused(server, status, "/train", make(), kind, chunked, **packed)


def refused(
    server: Server,
    wanted: int,
    path: str,
    body: bytes,
    kind: str,
    chunked: bool = False,
    **headers: str,
) -> None:
    """Post this; it is refused in a sentence, in little memory, and stores nothing."""
    stored = rows(server)
    status, said = ask(server, path, body, kind, chunked, **headers)
    assert (status, [*said]) == (wanted, ["error"]), said
    assert len(str(said["error"])) < 300
    assert rows(server) == stored
    assert peak(server) < MEMORY


def rows(server: Server) -> int:
    settings = load_settings({"INSTANCE_FOLDER": str(server.folder / "instance")})
    return sum(open_journal(settings).counts().values())


def test_a_whole_drawing_of_many_points_is_taken(server: Server) -> None:
    axis = list(range(19_999))
    body = json.dumps({"imageBase64": SEVEN, "digit": 7, "strokes": [[axis, axis, axis]]}).encode()
    assert ask(server, "/train", body, JSON)[0] == 200
    assert ask(server, "/train", body, JSON, chunked=True)[0] == 200
