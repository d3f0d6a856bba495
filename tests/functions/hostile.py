"""BMP and TIFF files by hand, which may claim what they like."""

import struct
import zlib
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, BITS, PACKING, COLOURS, SAMPLES, ROWS = 256, 257, 258, 259, 262, 277, 278
STRIPS, LENGTHS = 273, 279
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_LENGTHS = 322, 323, 324, 325
RAW, FAX3, FAX4, LZW, OLD_JPEG, JPEG, DEFLATE, PACKBITS = 1, 3, 4, 5, 6, 7, 8, 32773
PLANES, SAMPLE_FORMAT, EXTRA = 284, 339, 338
RLE8, RLE4 = 1, 2


def tiff(
    width: int,
    height: int,
    pixels: bytes,
    tags: Mapping[int, int | Sequence[int]] | None = None,
    *,
    order: str = "<",
    next_page: int = 0,
) -> bytes:
    """A grey TIFF whose one strip is `pixels`; `tags` replace or add some, in LONGs."""
    found: dict[int, int | Sequence[int]] = {WIDTH: width, HEIGHT: height, BITS: 8, PACKING: RAW}
    found |= {COLOURS: 1, STRIPS: 8, SAMPLES: 1, ROWS: height, LENGTHS: len(pixels)}
    found |= tags or {}
    body = pixels + bytes(len(pixels) % 2)
    entries = b""
    for tag, value in sorted(found.items()):
        values = [value] if isinstance(value, int) else [*value]
        content = struct.pack(f"{order}{len(values)}L", *values)
        if len(values) > 1:
            content, body = struct.pack(order + "L", 8 + len(body)), body + content
        entries += struct.pack(order + "HHL", tag, 4, len(values)) + content
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "L", 8 + len(body))
    count, after = struct.pack(order + "H", len(found)), struct.pack(order + "L", next_page)
    return head + body + count + entries + after


def tiled(side: int, packed: bytes) -> bytes:
    """A TIFF of 10 × 10 pixels in one tile, deflated, of so many a side."""
    where = {TILES: 8, TILE_LENGTHS: len(packed), TILE_WIDTH: side, TILE_HEIGHT: side}
    return tiff(10, 10, packed, {PACKING: DEFLATE} | where)


def pages(count: int) -> bytes:
    """A TIFF of a small picture whose page is followed by so many others without pixels."""
    first = tiff(28, 28, bytes([255]) * 784)
    chain = bytearray(first[:-4] + struct.pack("<L", len(first)))
    for _ in range(count):
        chain += struct.pack("<HHHLLL", 1, WIDTH, 4, 1, 28, len(chain) + 18)
    chain[-4:] = bytes(4)
    return bytes(chain)


def shared_strips(rows: int, size: int) -> bytes:
    """A TIFF of one pixel a row, each in a strip of the same bytes, which are many."""
    packed = zlib.compress(b"\xff")
    tags: dict[int, int | Sequence[int]] = {
        PACKING: DEFLATE,
        STRIPS: [8] * rows,
        LENGTHS: [size] * rows,
        ROWS: 1,
    }
    return tiff(1, rows, packed.ljust(size, b"\0"), tags)


def bmp(
    width: int, height: int, pixels: bytes, *, bits: int = 8, packing: int = 0, colours: int = 256
) -> bytes:
    """A BMP with a palette of greys; a negative height stands on its head."""
    palette = b"".join(bytes([n % 256] * 3 + [0]) for n in range(colours))
    info = struct.pack(
        "<LllHHLLllLL", 40, width, height, 1, bits, packing, len(pixels), 0, 0, colours, 0
    )
    start = 14 + len(info) + len(palette)
    head = b"BM" + struct.pack("<LHHL", start + len(pixels), 0, 0, start)
    return head + info + palette + pixels
