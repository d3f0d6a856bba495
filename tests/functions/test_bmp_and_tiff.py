"""What is particular to BMP and TIFF: how pixels lie in them, and what of it is not read."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import ArrayLike
from PIL import Image

from functions import ImageError, ImageTooLarge, decode_image_bytes
from tests.functions.hostile import (
    BITS,
    COLOURS,
    DEFLATE,
    EXTRA,
    FAX3,
    FAX4,
    JPEG,
    LENGTHS,
    OLD_JPEG,
    PACKING,
    PLANES,
    RLE4,
    RLE8,
    ROWS,
    SAMPLE_FORMAT,
    SAMPLES,
    STRIPS,
    TILE_HEIGHT,
    TILE_LENGTHS,
    TILE_WIDTH,
    TILES,
    bmp,
    pages,
    tiff,
    tiled,
)
from tests.functions.pictures import SEVEN, file_of

PICTURE = np.ascontiguousarray(SEVEN[::10, ::10])  # 28 × 24
HEIGHT, WIDTH = PICTURE.shape
Tags = dict[int, int | Sequence[int]]
ORDERS = pytest.mark.parametrize("order", ["<", ">"])


def same(raw: bytes, expected: ArrayLike = PICTURE) -> None:
    np.testing.assert_array_equal(decode_image_bytes(raw), expected)


# --- TIFF ---


@ORDERS
def test_strips_of_a_few_rows_are_put_together(order: str) -> None:
    size = 4 * WIDTH
    tags: Tags = {ROWS: 4, STRIPS: [8 + size * n for n in range(7)], LENGTHS: [size] * 7}
    same(tiff(WIDTH, HEIGHT, PICTURE.tobytes(), tags, order=order))


@ORDERS
def test_tiles_are_put_together(order: str) -> None:
    padded = np.pad(PICTURE, [(0, 4), (0, 8)])
    tiles = [padded[y : y + 16, x : x + 16].tobytes() for y in (0, 16) for x in (0, 16)]
    packed = [zlib.compress(tile) for tile in tiles]
    starts = 8 + np.cumsum([0, *map(len, packed[:-1])])
    tags: Tags = {PACKING: DEFLATE, TILE_WIDTH: 16, TILE_HEIGHT: 16, TILES: starts.tolist()}
    tags |= {TILE_LENGTHS: [len(part) for part in packed]}
    same(tiff(WIDTH, HEIGHT, b"".join(packed), tags, order=order))


@ORDERS
@pytest.mark.parametrize("packing", [1, DEFLATE])
def test_sixteen_bits_keep_their_upper_half(order: str, packing: int) -> None:
    pixels = (PICTURE.astype(np.uint16) * 257).astype(order + "u2").tobytes()
    pixels = zlib.compress(pixels) if packing == DEFLATE else pixels
    same(tiff(WIDTH, HEIGHT, pixels, {BITS: 16, PACKING: packing}, order=order))


def test_white_may_be_zero() -> None:
    same(tiff(WIDTH, HEIGHT, (255 - PICTURE).tobytes(), {COLOURS: 0}))


@pytest.mark.parametrize("planes", [1, 2])
def test_colours_lie_side_by_side_or_one_after_another(planes: int) -> None:
    clear = np.where(PICTURE == 255, 0, 255).astype(np.uint8)
    stack = np.stack([np.where(clear, PICTURE, 0)] * 3 + [clear], 2 if planes == 1 else 0)
    tags: Tags = {COLOURS: 2, SAMPLES: 4, BITS: [8] * 4, EXTRA: 2}
    if planes == 2:
        size = PICTURE.size
        tags |= {PLANES: 2, STRIPS: [8 + size * n for n in range(4)], LENGTHS: [size] * 4}
    same(tiff(WIDTH, HEIGHT, stack.astype(np.uint8).tobytes(), tags))


@pytest.mark.parametrize("mode", ["LA", "RGBA", "CMYK", "P", "PA", "1"])
def test_every_mode_of_a_tiff_gives_its_levels(mode: str) -> None:
    two = Image.fromarray(np.where(PICTURE > 127, 255, 0).astype(np.uint8))
    same(file_of(two.convert(mode), "TIFF"), np.asarray(two))


def test_transparent_ink_of_a_tiff_lies_on_white() -> None:
    clear = Image.new("RGBA", (5, 4), (0, 0, 0, 0))
    clear.putpixel((2, 1), (40, 40, 40, 255))
    expected = np.full((4, 5), 255)
    expected[1, 2] = 40
    same(file_of(clear, "TIFF"), expected)
    same(file_of(clear.convert("LA"), "TIFF"), expected)
    levels = np.asarray(clear.convert("LA"))  # ink at full strength: multiplied already
    same(tiff(5, 4, levels.tobytes(), {SAMPLES: 2, BITS: [8, 8], EXTRA: 1}), expected)


def test_of_several_pages_the_first_is_read() -> None:
    others = [Image.new("L", (900, 900)), Image.new("RGB", (3, 3))]
    same(file_of(Image.fromarray(PICTURE), "TIFF", save_all=True, append_images=others))
    same(pages(1000), np.full((28, 28), 255))


@pytest.mark.parametrize(
    "tags",
    [
        {0xBC01: 1},  # for which Pillow would refuse the file
        {700: [7] * 100, 34377: [7] * 100, 50839: [7] * 100, 65000: 2**31},
        {34665: 8, 34853: 8, 330: 8},  # more directories, where the pixels are
        {282: 0, 283: 0, 296: 77},
        {TILES: 8, TILE_LENGTHS: 100, TILE_HEIGHT: 16},
    ],
)
def test_tags_that_no_pixel_needs_are_not_looked_at(tags: Tags) -> None:
    same(tiff(WIDTH, HEIGHT, PICTURE.tobytes(), tags))
    same(tiff(WIDTH, HEIGHT, zlib.compress(PICTURE.tobytes()), tags | {PACKING: DEFLATE}))


def test_a_page_after_itself_and_tags_given_twice_do_no_harm() -> None:
    raw = tiff(WIDTH, HEIGHT, PICTURE.tobytes())
    start, size = struct.unpack_from("<L", raw, 4)[0], len(raw)
    same(raw[:-4] + struct.pack("<L", start))
    count = struct.unpack_from("<H", raw, start)[0]
    again = raw[start + 2 : size - 4] + struct.pack("<HHLL", 256, 4, 1, 10**6)
    same(raw[:start] + struct.pack("<H", count + 1) + again + bytes(4))


@pytest.mark.parametrize(
    "tags",
    [
        {PACKING: FAX3, BITS: 1},
        {PACKING: FAX4, BITS: 1},
        {PACKING: OLD_JPEG},
        {PACKING: JPEG},
        {PACKING: 50000},
        {PACKING: 34925},
        {PACKING: 0},
        {COLOURS: 6},
        {COLOURS: 8},
        {BITS: 12},
        {BITS: 32},
        {BITS: [8, 16]},
        {BITS: 32, SAMPLE_FORMAT: 3},
        {SAMPLE_FORMAT: 2},
        {COLOURS: 0, BITS: 16},
    ],
)
def test_a_way_to_keep_pixels_that_is_not_read_is_told(tags: Tags) -> None:
    with pytest.raises(ImageError, match=r"in a way that is not read\. Send a PNG"):
        decode_image_bytes(tiff(WIDTH, HEIGHT, PICTURE.tobytes() * 4, tags))


@pytest.mark.parametrize(
    "raw",
    [
        b"II*\0",
        b"II*\0\x08\0\0\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff",
        b"II+\0\x08\0\0\0" + bytes(16),  # BigTIFF
        tiff(0, 10, b"x"),
        tiff(10, 10, b"", {LENGTHS: 100, STRIPS: 2**32 - 1}),
        tiff(10, 10, bytes(100), {LENGTHS: [50, 50]}),
        tiff(10, 10, bytes(100), {LENGTHS: 10**6}),
        tiff(1, 17_000, b"", {ROWS: 1, STRIPS: [8] * 17_000, LENGTHS: [1] * 17_000}),
        tiff(10, 10, bytes(100), {TILE_WIDTH: 0, TILE_HEIGHT: 5, TILES: 8, TILE_LENGTHS: 9}),
        tiff(10, 10, bytes(100), {TILE_WIDTH: 16}),
        tiff(10, 10, bytes(100), {SAMPLES: 3}),
        tiff(10, 10, bytes(100), {COLOURS: 3}),  # without its palette
        b"BM",
        bmp(10, 0, b""),
        bmp(10, 10, bytes(20)),
        bmp(10, 10, bytes(120), packing=4),
        bmp(10, 10, b"\xff", packing=RLE8),
    ],
)
def test_what_is_no_whole_file_is_refused(raw: bytes) -> None:
    with pytest.raises(ImageError, match=r"no whole PNG, JPEG, WebP, BMP or TIFF\. Send"):
        decode_image_bytes(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (tiff(4_001, 3_125, b""), "12,500,000 pixels"),
        (tiff(2**31, 2**31, b""), "12,500,000 pixels"),
        (tiff(2_500, 2_501, b"", {SAMPLES: 4, BITS: [16] * 4, COLOURS: 2}), "12,500,000 pixels"),
        (tiff(10, 10, b"", {SAMPLES: 2**31}), "12,500,000 pixels"),
        (tiled(3_536, b""), "12,500,000 pixels"),
        (bmp(4_001, 3_125, b""), "12,500,000 pixels"),
        (bmp(4_001, -3_125, b""), "12,500,000 pixels"),
        (bmp(2**31 - 1, 2**31 - 1, b""), "12,500,000 pixels"),
        (bmp(513, 512, b"", packing=RLE8), "at most 262,144 pixels"),
    ],
)
def test_what_its_head_says_is_enough_to_refuse(raw: bytes, message: str) -> None:
    with pytest.raises(ImageTooLarge, match=message):
        decode_image_bytes(raw)


@pytest.mark.parametrize(("side", "large"), [(512, False), (513, True)])
def test_a_large_tile_is_decoded_in_its_turn(side: int, large: bool) -> None:
    turns = []

    @contextmanager
    def turn() -> Iterator[None]:
        turns.append(1)
        yield

    raw = tiled(side, zlib.compress(bytes(side * side)))
    assert decode_image_bytes(raw, large=turn()).shape == (10, 10)
    assert bool(turns) == large


# --- BMP ---


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA"])
def test_every_mode_of_a_bmp_gives_its_levels(mode: str) -> None:
    two = Image.fromarray(np.where(PICTURE > 127, 255, 0).astype(np.uint8))
    same(file_of(two.convert(mode), "BMP"), np.asarray(two))


def test_a_bmp_of_negative_height_begins_at_the_top() -> None:
    same(bmp(WIDTH, -HEIGHT, PICTURE.tobytes()))
    same(bmp(WIDTH, HEIGHT, PICTURE[::-1].tobytes()))


def test_a_palette_says_what_a_bmps_numbers_mean() -> None:
    raw = bytearray(bmp(WIDTH, -HEIGHT, np.where(PICTURE > 127, 1, 0).astype(np.uint8).tobytes()))
    raw[54:62] = bytes([10, 10, 10, 0, 0, 0, 255, 0])  # blue, green, red: nearly black, and red
    same(bytes(raw), np.where(PICTURE > 127, 76, 10))


def test_a_bmp_of_thirty_two_bits_has_transparency_where_it_says_so() -> None:
    pixels = np.full((4, 5, 4), (0, 0, 0, 0), np.uint8)
    pixels[1, 2] = (40, 40, 40, 255)
    plain = bmp(5, -4, pixels.tobytes(), bits=32, colours=0)
    same(plain, pixels[..., 0])
    masks = struct.pack("<4L", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    info = bytearray(plain[14:54]) + masks + bytes(124 - 40 - 16)
    info[:4], info[16:20] = struct.pack("<L", 124), struct.pack("<L", 3)
    head = plain[:10] + struct.pack("<L", 14 + 124)
    expected = np.full((4, 5), 255)
    expected[1, 2] = 40
    same(head + bytes(info) + pixels.tobytes(), expected)


@pytest.mark.parametrize(("packing", "bits"), [(RLE8, 8), (RLE4, 4)])
def test_runs_of_a_small_bmp_are_unpacked(packing: int, bits: int) -> None:
    rows = [bytes([5, 0x33, 3, 0x11]) + b"\0\0"] * 6 + [b"\0\1"]
    expected = [[0x33 if bits == 8 else 3] * 5 + [0x11 if bits == 8 else 1] * 3] * 6
    same(bmp(8, 6, b"".join(rows), bits=bits, packing=packing, colours=2**bits), expected)
