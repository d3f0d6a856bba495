"""Answers that are smaller on the wire: brotli or gzip, as the client asks.

What is sent again and again is compressed once, as small as can be (`static_files.py`); pages and
figures as they are made, quickly.
"""

import gzip

import brotli
from flask import Response, request

ENCODINGS = ("br", "gzip")  # the best first
LEAST = 1_400  # bytes; what fits into one packet gains nothing
TEXTS = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
FAST_BROTLI, FAST_GZIP = 4, 5
BEST_BROTLI, BEST_GZIP = 11, 9


def compressed(content: bytes, encoding: str, best: bool = False) -> bytes:
    """Return content as `br` or `gzip` has it; `best` takes some fifty times as long."""
    if encoding == "br":
        return bytes(brotli.compress(content, quality=BEST_BROTLI if best else FAST_BROTLI))
    return gzip.compress(content, BEST_GZIP if best else FAST_GZIP, mtime=0)


def wanted_encoding() -> str | None:
    """Return the best encoding that the client takes; None where it wants none."""
    accepted = request.accept_encodings
    return next((name for name in ENCODINGS if accepted.quality(name) > 0), None)


def is_text(mimetype: str | None) -> bool:
    """Whether content of this type becomes smaller."""
    return mimetype is not None and mimetype.startswith(TEXTS)


def compress_answer(response: Response) -> Response:
    """Compress an answer that was made for this request, where that helps."""
    if response.direct_passthrough or response.is_streamed or not is_text(response.mimetype):
        return response
    content = response.get_data()
    if len(content) < LEAST or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if encoding := wanted_encoding():
        response.set_data(compressed(content, encoding))
        response.headers["Content-Encoding"] = encoding
        if tag := response.get_etag()[0]:
            response.set_etag(tag, weak=True)  # the same page, in other bytes
    return response
