"""Pictures as files, made by Pillow or by hand, and what of a digit is not paper."""

import base64
import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

from functions import FloatArray
from testing.pen import draw

SEVEN = draw(7)[:, 20:260]  # not square, so that a turn shows


def as_url(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def file_of(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def posted(image: Image.Image, kind: str = "PNG", **options: Any) -> str:
    return as_url(file_of(image, kind, **options), kind.lower())


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG file by hand, which may claim what it likes."""

    def whole(kind: bytes, content: bytes) -> bytes:
        return chunk(kind, content)[:-4] + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *((part[:4], part[4:]) for part in chunks), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(whole(*part) for part in parts)


def rows_of(pixels: Any) -> bytes:
    """An IDAT chunk of unfiltered rows; 16-bit values high byte first."""
    values = np.asarray(pixels)
    rows = values.astype(values.dtype.newbyteorder(">")).reshape(len(values), -1)
    return b"IDAT" + zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))


def box(digit: FloatArray | None) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is not paper, right and bottom exclusive."""
    assert digit is not None
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
