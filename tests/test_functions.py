"""From posted bytes to an answer: pictures that must be read or refused, digits, variants."""

import base64
import io
import itertools
import json
import math
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps
from skimage.transform import rotate

from functions import (
    ANGLES,
    FloatArray,
    Grey,
    ImageError,
    ImageTooLarge,
    augment,
    decode_image,
    decode_png,
    digit_data_url,
    encode_png,
    process_image,
    select_answer,
    top_3,
)
from settings import ROOT
from strokes import render_strokes
from tests.conftest import data_url, draw
from tests.pen import STROKES

SEVEN = draw(7)[:, 20:260]  # not square, so that a turn shows
CLOSE = 0.12  # how far apart two pictures of one digit may be; two different digits are further


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


def apart(one: FloatArray | None, other: FloatArray | None) -> float:
    """How unlike two digits are, 0 to 1: from their correlation, blurred against half a pixel."""
    assert one is not None
    assert other is not None
    return 1 - float(np.corrcoef(blurred(one), blurred(other))[0, 1])


def blurred(digit: FloatArray) -> NDArray[np.floating]:
    kernel = np.array([0.25, 0.5, 0.25])
    for axis in (0, 1):
        digit = np.apply_along_axis(np.convolve, axis, digit, kernel, "same")
    return digit.ravel()


def box(digit: FloatArray | None) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is not paper, right and bottom exclusive."""
    assert digit is not None
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


# --- decode_image: what must be read ---


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("PNG", {"compress_level": 0}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 90}, 3),
        ("JPEG", {"quality": 95}, 2),
        ("JPEG", {"quality": 95, "progressive": True}, 2),
    ],
)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_png_jpeg_and_webp_give_grey_levels(
    kind: str, options: dict[str, Any], tolerance: float, mode: str
) -> None:
    grey = decode_image(posted(Image.fromarray(SEVEN).convert(mode), kind, **options))
    assert grey.dtype == np.uint8
    assert grey.shape == SEVEN.shape
    assert np.abs(grey.astype(int) - SEVEN).mean() <= tolerance


@pytest.mark.parametrize("header", ["png", "PNG", "jpeg", "jpg", "webp"])
def test_the_bytes_say_what_a_picture_is_not_its_header(header: str) -> None:
    np.testing.assert_array_equal(decode_image(as_url(encode_png(SEVEN), header)), SEVEN)


def transparent(mode: str) -> str:
    """Ink of level 40 on nothing, where hidden black must not show."""
    ink = Image.new("L", (6, 4), 0)
    ink.paste(40, (2, 1, 4, 3))
    alpha = ink.point(lambda level: 255 if level else 0)
    if mode in ("RGBA", "LA"):
        picture = ink.convert(mode)
        picture.putalpha(alpha)
        return posted(picture)
    if mode == "WEBP":
        picture = ink.convert("RGBA")
        picture.putalpha(alpha)
        return posted(picture, "WEBP", lossless=True, exact=True)
    if mode == "palette by index":
        picture = alpha.point(lambda level: level // 255).convert("P")
        picture.putpalette([0, 0, 0, 40, 40, 40])
        return posted(picture, transparency=0)
    if mode == "palette by alpha":
        picture = alpha.point(lambda level: level // 255).convert("P")
        picture.putpalette([0, 0, 0, 40, 40, 40])
        return posted(picture, transparency=b"\x00\xff")
    if mode == "grey by level":
        return posted(ink, transparency=0)
    if mode == "colour by level":
        return posted(ink.convert("RGB"), transparency=(0, 0, 0))
    levels = np.asarray(ink).astype(np.uint16) * 257
    if mode == "grey of 16 bits by level":
        return as_url(png(6, 4, b"tRNS\0\0", rows_of(levels), depth=16))
    opaque = np.asarray(alpha).astype(np.uint16) * 257
    if mode == "LA of 16 bits":
        return as_url(png(6, 4, rows_of(np.stack([levels, opaque], -1)), depth=16, colour=4))
    assert mode == "RGBA of 16 bits"
    return as_url(png(6, 4, rows_of(np.stack([levels] * 3 + [opaque], -1)), depth=16, colour=6))


@pytest.mark.parametrize(
    "mode",
    [
        "RGBA",
        "LA",
        "WEBP",
        "palette by index",
        "palette by alpha",
        "grey by level",
        "colour by level",
        "grey of 16 bits by level",
        "LA of 16 bits",
        "RGBA of 16 bits",
    ],
)
def test_transparency_lies_on_white_paper(mode: str) -> None:
    expected = np.full((4, 6), 255)
    expected[1:3, 2:4] = 40
    np.testing.assert_array_equal(decode_image(transparent(mode)), expected)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_half_transparent_ink_is_half_as_dark(mode: str) -> None:
    picture = Image.new("L", (4, 4), 0).convert(mode)
    picture.putalpha(128)
    np.testing.assert_allclose(decode_image(posted(picture)), 127, atol=1)


def test_one_bit_a_pixel_is_read() -> None:
    picture = Image.fromarray(SEVEN).point(lambda level: 255 if level > 127 else 0, "1")
    np.testing.assert_array_equal(decode_image(posted(picture)), np.where(SEVEN > 127, 255, 0))


def test_sixteen_bits_of_grey_keep_all_levels() -> None:
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    np.testing.assert_array_equal(decode_image(posted(Image.fromarray(levels))), levels >> 8)
    by_hand = png(256, 256, rows_of(levels), depth=16)
    np.testing.assert_array_equal(decode_image(as_url(by_hand)), levels >> 8)


def test_a_cmyk_jpeg_is_no_negative() -> None:
    grey = decode_image(posted(Image.fromarray(SEVEN).convert("CMYK"), "JPEG", quality=95))
    assert np.abs(grey.astype(int) - SEVEN).mean() < 2


@pytest.mark.parametrize(
    ("colour", "level"),
    [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((255, 255, 255), 255)],
)
@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
def test_colours_become_grey_by_how_bright_they_look(
    colour: tuple[int, int, int], level: int, mode: str
) -> None:
    grey = decode_image(posted(Image.new("RGB", (5, 5), colour).convert(mode)))
    np.testing.assert_allclose(grey, level, atol=1)


# What a camera held in each of the eight ways stores of an upright page.
HELD: dict[int, Callable[[Image.Image], Image.Image]] = {
    1: lambda page: page,
    2: ImageOps.mirror,
    3: lambda page: page.rotate(180),
    4: ImageOps.flip,
    5: lambda page: ImageOps.mirror(page.rotate(-90, expand=True)),
    6: lambda page: page.rotate(90, expand=True),
    7: lambda page: ImageOps.mirror(page.rotate(90, expand=True)),
    8: lambda page: page.rotate(-90, expand=True),
}


@pytest.mark.parametrize("orientation", HELD)
@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {"quality": 95}), ("PNG", {}), ("WEBP", {})]
)
def test_photographs_are_turned_upright(
    orientation: int, kind: str, options: dict[str, Any]
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = HELD[orientation](Image.fromarray(SEVEN))
    grey = decode_image(posted(stored, kind, exif=exif, **options))
    assert grey.shape == SEVEN.shape
    assert np.abs(grey.astype(int) - SEVEN).mean() < 4


def test_an_odd_entry_beside_the_orientation_spoils_no_photograph() -> None:
    # The camera's name as a fraction, which no standard allows and real files have.
    entries = struct.pack("<HHII", 0x010F, 5, 1, 38) + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<III", 0, 3, 2)
    stored = HELD[6](Image.fromarray(SEVEN))
    grey = decode_image(posted(stored, "JPEG", exif=exif, quality=95))
    assert grey.shape == SEVEN.shape
    assert np.abs(grey.astype(int) - SEVEN).mean() < 4


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("width", "height"),
    [
        (1025, 700),
        (2100, 300),
        (40, 4000),
    ],
)
def test_a_large_picture_is_reduced(kind: str, width: int, height: int) -> None:
    page = Image.new("L", (width, height), 255)
    page.paste(0, (0, 0, width // 2, height))
    grey = decode_image(posted(page, kind))
    rows, columns = grey.shape
    assert 512 <= max(rows, columns) <= 1024
    assert columns == pytest.approx(rows * width / height, abs=1)
    assert grey[:, : columns // 2 - 2].max() < 40
    assert grey[:, columns // 2 + 2 :].min() > 215


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_1024_pixels_is_not(kind: str) -> None:
    assert decode_image(posted(Image.new("L", (1024, 70), 255), kind)).shape == (70, 1024)


def test_a_form_that_turned_plus_signs_into_spaces_is_mended() -> None:
    url = data_url(draw(3))
    assert "+" in url
    np.testing.assert_array_equal(decode_image(url.replace("+", " ") + "\r\n"), draw(3))


# --- decode_image: what must be refused ---


@pytest.mark.parametrize("length", [600, 601, 602])
def test_max_bytes_is_the_largest_file_that_passes(length: int) -> None:
    content = encode_png(np.full((5, 5), 255, np.uint8)).ljust(length, b"\0")
    assert decode_image(as_url(content), max_bytes=length).shape == (5, 5)
    with pytest.raises(ImageTooLarge, match=f"{length - 1:,} bytes"):
        decode_image(as_url(content), max_bytes=length - 1)


def test_max_bytes_is_checked_before_anything_is_decoded() -> None:
    with pytest.raises(ImageTooLarge):
        decode_image("data:image/png;base64," + "!" * 4000, max_bytes=2000)


def test_max_pixels_is_the_largest_picture_that_passes() -> None:
    url = data_url(np.full((20, 30), 255, np.uint8))
    assert decode_image(url, max_pixels=600).shape == (20, 30)
    with pytest.raises(ImageTooLarge, match="599 pixels"):
        decode_image(url, max_pixels=599)


def claiming(kind: str, width: int, height: int) -> str:
    """A file of a few bytes whose header claims a size; its pixels are missing."""
    if kind == "png":
        return as_url(png(width, height))
    content = bytearray(file_of(Image.new("L", (8, 8)), kind))
    if kind == "jpeg":
        at = content.index(b"\xff\xc0") + 5
        content[at : at + 4] = struct.pack(">HH", height, width)
        at = content.index(b"\xff\xda")
    else:
        at = content.index(b"\x9d\x01\x2a") + 3
        content[at : at + 4] = struct.pack("<HH", width, height)
    return as_url(bytes(content[: at + 30]), kind)


@pytest.mark.parametrize(
    ("kind", "width", "height"),
    [
        ("png", 50_000, 50_000),
        ("png", 10_000, 10_000),
        ("png", 4_001, 4_000),
        ("png", 1, 16_000_001),
        ("png", 2**31 - 1, 2**31 - 1),
        ("jpeg", 50_000, 50_000),
        ("jpeg", 4_001, 4_000),
        ("webp", 16_000, 16_000),
        ("webp", 4_001, 4_000),
    ],
)
def test_a_header_that_claims_too_many_pixels_is_enough(kind: str, width: int, height: int) -> None:
    # With no pixels behind the header, whoever tries to decode finds a broken picture instead.
    with pytest.raises(ImageTooLarge, match=r"16,000,000 pixels.* Send"):
        decode_image(claiming(kind, width, height))


BOMBS = """
import sys
from functions import ImageError, decode_image

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

decode_image(sys.stdin.readline())
for url in sys.stdin:
    before = peak()
    try:
        outcome = str(decode_image(url).shape)
    except ImageError as error:
        outcome = type(error).__name__
    print(outcome, (peak() - before) // 1024)
"""


def test_bombs_are_refused_at_no_cost() -> None:
    deflate = zlib.compressobj(9)
    head = deflate.compress(bytes(2**20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    zeros = head + 160 * (deflate.compress(bytes(2**20)) + deflate.flush(zlib.Z_FULL_FLUSH))
    bombs = {
        "a picture of 160 MB": png(12_800, 12_500, b"IDAT" + zeros),
        "more pixels than the header says": png(100, 100, b"IDAT" + zeros),
        "a text": png(4, 4, b"zTXtComment\0\0" + zeros, rows_of(np.zeros((4, 4), np.uint8))),
        "a profile": png(4, 4, b"iCCPsRGB\0\0" + zeros, rows_of(np.zeros((4, 4), np.uint8))),
    }
    urls = [data_url(SEVEN), *map(as_url, bombs.values())]
    done = subprocess.run(
        [sys.executable, "-c", BOMBS],
        cwd=ROOT,
        input="\n".join(urls) + "\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    outcomes = dict(zip(bombs, map(str.rsplit, done.stdout.splitlines()), strict=True))
    assert outcomes["a picture of 160 MB"][0] == "ImageTooLarge"
    assert {name: int(words[-1]) for name, words in outcomes.items() if int(words[-1]) > 50} == {}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0, 0.02, 0.3, 0.5, 0.9])
def test_a_truncated_file_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (60, 60)).astype(np.uint8)
    content = file_of(Image.fromarray(noise), kind)
    with pytest.raises(ImageError, match="Send another") as raised:
        decode_image(as_url(content[: int(share * len(content))]))
    assert not isinstance(raised.value, ImageTooLarge)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_png_that_was_damaged_within_its_pixels_is_refused(share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (60, 60)).astype(np.uint8)
    content = bytearray(encode_png(noise))
    at = int(share * len(content))
    content[at : at + 20] = bytes(20)
    with pytest.raises(ImageError, match="Send another"):
        decode_image(as_url(bytes(content)))


BLACK = Image.new("L", (8, 8), 0)
PNG = base64.b64encode(encode_png(SEVEN)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        PNG,
        "data:image/png;base64",
        f"data:image/png,{PNG}",
        f"data:text/html;base64,{PNG}",
        f"data:image/gif;base64,{PNG}",
        f" data:image/svg+xml;base64,{PNG}",
        f"see data:image/png;base64,{PNG}",
        "data:image/png;base64,",
        "data:image/png;base64,A",
        "data:image/png;base64,@@@@",
        f"data:image/png;base64,{PNG[:40]}!{PNG[40:]}",
        "data:image/png;base64,aGVsbG8=",
        f"data:image/png;base64,é{PNG}",
        f"data:image/png;base64,{PNG}\ud800",
        posted(BLACK, "GIF"),
        as_url(file_of(BLACK, "GIF")),
        as_url(file_of(BLACK, "BMP")),
        as_url(file_of(BLACK, "TIFF")),
        as_url(file_of(BLACK, "PPM")),
        as_url(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ],
)
def test_what_is_no_data_url_of_a_picture_is_refused(text: str) -> None:
    with pytest.raises(ImageError) as raised:
        decode_image(text)
    assert not isinstance(raised.value, ImageTooLarge)
    assert re.fullmatch(r"[A-Z].*\. (Send|Encode) .*\.", str(raised.value))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of damaged EXIF
def test_damaged_files_are_read_or_refused_but_never_crash() -> None:
    rng = np.random.default_rng(0)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "A camera"
    picture = Image.fromarray(SEVEN[::8, ::8])
    files = [
        file_of(picture.convert(mode), kind, exif=exif)
        for mode, kind in [
            ("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("LA", "PNG"), ("RGBA", "PNG"),
            ("RGB", "JPEG"), ("CMYK", "JPEG"), ("RGB", "WEBP"), ("RGBA", "WEBP"),
        ]
    ]  # fmt: skip
    for _ in range(2000):
        content = bytearray(files[rng.integers(len(files))])
        for at in rng.integers(len(content), size=rng.integers(1, 6)):
            content[at] = rng.integers(256)
        try:
            assert decode_image(as_url(bytes(content))).dtype == np.uint8
        except ImageError:
            pass  # the one error that the endpoint turns into a message


# --- PNG and back ---


@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (280, 240), (3, 1024)])
def test_a_png_gives_back_what_it_was_given(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    content = encode_png(grey)
    assert encode_png(grey) == content
    for back in (decode_png(content), decode_image(as_url(content))):
        assert back.dtype == np.uint8
        np.testing.assert_array_equal(back, grey)


def test_a_png_holds_pixels_and_nothing_else() -> None:
    content, at, kinds = encode_png(draw(4)), 8, []
    while at < len(content):
        kinds.append(content[at + 4 : at + 8])
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}


def test_the_page_is_shown_the_digit_that_the_nets_saw() -> None:
    digit = process_image(draw(5))
    assert digit is not None
    np.testing.assert_allclose(decode_image(digit_data_url(digit)) / 255, digit, atol=0.5001 / 255)


# --- process_image ---


@pytest.mark.parametrize("shown", range(10))
@pytest.mark.parametrize(
    ("width", "size", "place"),
    [
        (20, 200, (140, 140)),
        (10, 100, (60, 70)),
        (10, 100, (222, 222)),
        (5, 50, (250, 40)),
        (15, 150, (85, 195)),
        (24, 240, (140, 140)),
    ],
)
def test_a_digit_is_20_long_centred_and_the_same_anywhere(
    shown: int, width: float, size: float, place: tuple[float, float]
) -> None:
    digit = process_image(render_strokes(STROKES[shown], width=width, size=size, place=place))
    assert digit is not None
    assert digit.shape == (28, 28)
    assert digit.dtype == np.float32
    assert (digit.min(), digit.max()) == (0, 1)
    left, top, right, bottom = box(digit)
    assert (top, bottom) == (4, 24)  # all ten are taller than wide
    assert abs(left - (28 - right)) <= 1
    assert apart(digit, process_image(draw(shown))) < CLOSE


def test_digits_that_differ_are_further_apart_than_that() -> None:
    digits = [process_image(draw(shown)) for shown in range(10)]
    assert min(apart(*pair) for pair in itertools.combinations(digits, 2)) > 1.4 * CLOSE


def test_a_wide_drawing_is_20_wide_and_keeps_its_proportions() -> None:
    page = np.full((280, 280), 255, np.uint8)
    page[30:80, 20:220] = 0
    expected = np.zeros((28, 28), np.float32)
    expected[11:16, 4:24] = 1
    np.testing.assert_array_equal(process_image(page), expected)


def test_resizing_is_anti_aliased() -> None:
    page = np.full((280, 280), 255, np.uint8)
    page[:, ::2] = 0  # one column of ink, one of paper
    digit = process_image(page)
    assert digit is not None
    assert digit[4:24, 5:23].std() < 0.05


@pytest.mark.parametrize("level", [0, 100, 255])
@pytest.mark.parametrize("shape", [(280, 280), (1, 1), (1, 300), (2, 3)])
def test_nothing_is_drawn_on_a_page_of_one_grey(level: int, shape: tuple[int, int]) -> None:
    page = np.full(shape, level, np.uint8)
    assert process_image(page) is None
    assert augment(page, 0) is None


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
@pytest.mark.parametrize("level", [255, 200])
def test_nothing_is_drawn_on_a_blank_page_that_was_compressed(kind: str, level: int) -> None:
    url = posted(Image.new("RGB", (280, 280), (level, level, level)), kind, quality=30)
    assert process_image(decode_image(url)) is None


# Width and height of a photograph, how long the drawing's page is on it, and its noise.
CAMERAS = {"good": (1200, 900, 560, 6), "bad": (400, 300, 190, 35)}


def photograph(ink: Grey, camera: str, seed: int) -> Grey:
    """A colour JPEG of a page with this ink under uneven light, blue ink on yellowish paper."""
    width, height, side, noise = CAMERAS[camera]
    rng = np.random.default_rng(seed)
    page = np.zeros((height, width, 1))
    top, left = rng.integers(0, height - side), rng.integers(0, width - side)
    enlarged = Image.fromarray(255 - ink).resize((side, side))
    page[top : top + side, left : left + side, 0] = np.asarray(enlarged) / 255
    y, x = np.mgrid[0:height, 0:width]
    across = x / width if seed % 2 else 1 - x / width
    light = (150 + 70 * across + 15 * np.sin(4.5 * y / height))[..., np.newaxis]
    colours = light * [1, 0.97, 0.9] * (1 - page) + np.array([40, 45, 110]) * page
    noisy = np.clip(colours + rng.normal(0, noise, colours.shape), 0, 255).astype(np.uint8)
    return decode_image(posted(Image.fromarray(noisy), "JPEG", quality=80))


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_is_drawn_on_a_blank_page_that_was_photographed(camera: str, seed: int) -> None:
    blank = np.full((280, 280), 255, np.uint8)
    assert process_image(photograph(blank, camera, seed)) is None


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("shown", range(10))
def test_a_photograph_gives_the_digit_of_the_clean_drawing(camera: str, shown: int) -> None:
    clean = process_image(draw(shown))
    assert apart(process_image(photograph(draw(shown), camera, shown)), clean) < CLOSE


@pytest.mark.parametrize("shown", range(10))
def test_jpeg_ripples_change_next_to_nothing(shown: int) -> None:
    rippled = decode_image(posted(Image.fromarray(draw(shown)), "JPEG", quality=30))
    assert (rippled != draw(shown)).mean() > 0.01
    digit, clean = process_image(rippled), process_image(draw(shown))
    assert digit is not None
    assert clean is not None
    assert np.abs(digit - clean).mean() < 0.002


@pytest.mark.parametrize("shown", range(10))
def test_faint_ink_gives_the_same_digit(shown: int) -> None:
    faint = (255 - (255 - draw(shown)) * (30 / 255)).astype(np.uint8)
    assert faint.min() == 225
    digit = process_image(faint)
    assert digit is not None
    assert digit.max() == 1
    assert apart(digit, process_image(draw(shown))) < CLOSE


@pytest.mark.parametrize("paper", [255, 230])
def test_grey_paper_is_still_paper(paper: int) -> None:
    assert apart(process_image(np.minimum(draw(2), paper)), process_image(draw(2))) < CLOSE


@pytest.mark.parametrize("width", [1, 2, 8, 40])
def test_a_dot_is_a_drawing(width: int) -> None:
    page = np.full((280, 280), 255, np.uint8)
    page[200 : 200 + width, 30 : 30 + width] = 0
    assert box(process_image(page)) == (4, 4, 24, 24)


def test_a_round_dot_of_the_pen_is_round() -> None:
    digit = process_image(render_strokes([np.array([[0], [0]], np.float32)], place=(20, 260)))
    assert digit is not None
    assert box(digit) == (4, 4, 24, 24)
    assert digit[4:24, 4:24].mean() == pytest.approx(math.pi / 4, abs=0.03)


@pytest.mark.parametrize(("top", "length", "column"), [(40, 200, 7), (0, 280, 0), (0, 280, 279)])
def test_a_hairline_1_is_one_bright_column(top: int, length: int, column: int) -> None:
    page = np.full((280, 280), 255, np.uint8)
    page[top : top + length, column] = 0
    expected = np.zeros((28, 28), np.float32)
    expected[4:24, 13] = 1
    np.testing.assert_array_equal(process_image(page), expected)


@pytest.mark.parametrize("side", [280, 512, 1024])
@pytest.mark.parametrize("points", ["a line", "two specks", "three specks"])
def test_the_thinnest_ink_is_not_lost(side: int, points: str) -> None:
    page = np.full((side, side), 255, np.uint8)
    steps = {"a line": 1, "two specks": side - 1, "three specks": (side - 1) // 2}
    diagonal = np.arange(0, side, steps[points])
    page[diagonal, diagonal] = 0
    digit = process_image(page)
    assert digit is not None
    assert np.isfinite(digit).all()
    assert (digit.min(), digit.max()) == (0, 1)
    assert digit[4, 4] > 0.1
    variants = augment(page, 0)
    assert variants is not None
    assert np.isfinite(variants).all()


def test_a_drawing_may_touch_all_borders() -> None:
    y, x = np.mgrid[0:280, 0:280] - 139.5
    ring = np.where(np.abs(np.hypot(x, y) - 130) <= 10.5, 0, 255).astype(np.uint8)
    assert not np.any([ring[0].all(), ring[-1].all(), ring[:, 0].all(), ring[:, -1].all()])
    digit = process_image(ring)
    assert box(digit) == (4, 4, 24, 24)
    with_margin = np.pad(ring, 60, constant_values=255)
    np.testing.assert_array_equal(process_image(with_margin), digit)


def test_a_blank_margin_changes_nothing() -> None:
    wide = np.pad(draw(6), ((0, 0), (0, 700)), constant_values=255)
    np.testing.assert_array_equal(process_image(wide), process_image(draw(6)))


@pytest.mark.parametrize("seed", range(3))
def test_any_levels_give_a_digit_or_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(200):
        shape = rng.integers(1, 40, 2)
        page = rng.integers(0, 256, shape).astype(np.uint8)
        page[rng.random(shape) < rng.random()] = 255
        digit = process_image(page)
        if digit is not None:
            assert digit.shape == (28, 28)
            assert digit.dtype == np.float32
            assert (digit.min(), digit.max()) == (0, 1)


# --- augment ---

# A wide sheet with one corner torn off, so that no two angles look the same.
WIDE = np.full((280, 280), 255, np.uint8)
WIDE[100:180, 40:240] = 0
WIDE[100:140, 40:100] = 255
SIZES = ((20, 20), (20, 8), (8, 20), (8, 8))  # w×w, w×h, h×w, h×h of the wide sheet


def upright(width: int, height: int) -> FloatArray:
    """The wide sheet as width × height in the middle of 28×28."""
    crop = Image.fromarray(255 - WIDE[100:180, 40:240])
    digit = np.zeros((28, 28), np.float32)
    top, left = (28 - height) // 2, (28 - width) // 2
    scaled = crop.resize((width, height), Image.Resampling.LANCZOS)
    digit[top : top + height, left : left + width] = np.asarray(scaled) / 255
    return digit


TURNS = range(-60, 61)  # more than there may be, in steps that are finer
TURNED = {
    size: np.stack([rotate(upright(*size), angle, order=1) for angle in TURNS]) for size in SIZES
}


def angles_of(variants: FloatArray, size: tuple[int, int]) -> list[int]:
    """By how many degrees each variant of the wide sheet at a size is turned."""
    found = []
    for variant in variants:
        distances = np.abs(TURNED[size] - variant).mean(axis=(1, 2))
        assert distances.min() < 0.01
        found.append(TURNS[int(distances.argmin())])
    return found


def test_there_are_24_variants_in_range() -> None:
    variants = augment(draw(8), 0)
    assert variants is not None
    assert variants.shape == (24, 28, 28)
    assert variants.dtype == np.float32
    assert variants.min() == 0
    assert 0.9 < variants.max() <= 1
    assert all(variant.max() > 0.8 for variant in variants)


def test_variants_have_four_sizes_and_six_angles_each() -> None:
    seen: list[list[int]] = []
    for seed in range(20):
        variants = augment(WIDE, seed)
        assert variants is not None
        for group, size in enumerate(SIZES):
            angles = angles_of(variants[6 * group : 6 * group + 6], size)
            assert len(set(angles)) == 6
            seen.append(angles)
    assert {angle for angles in seen for angle in angles} == set(range(-30, 30, 5)) == set(ANGLES)
    assert len({tuple(angles) for angles in seen}) > 70  # drawn anew for every size and seed


def test_variants_that_are_not_turned_fill_their_boxes() -> None:
    found = set()
    for seed in range(20):
        variants = augment(WIDE, seed)
        assert variants is not None
        for number, variant in enumerate(variants):
            width, height = SIZES[number // 6]
            if np.abs(variant - upright(width, height)).mean() < 1e-3:  # its angle is 0
                left, top = (28 - width) // 2, (28 - height) // 2
                assert box(variant) == (left, top, left + width, top + height)
                found.add((width, height))
    assert found == set(SIZES)


@pytest.mark.parametrize("seed", [0, 1, 2**128 - 1])
def test_a_seed_gives_the_same_variants_and_another_seed_others(seed: int) -> None:
    first, again, other = augment(draw(2), seed), augment(draw(2), seed), augment(draw(2), seed + 1)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


# --- the answer ---


def said(**probabilities: float) -> FloatArray:
    """Probabilities (10,) by digit (`d7=0.5`); the others share what is left."""
    rest = (1 - sum(probabilities.values())) / (10 - len(probabilities))
    return np.array([probabilities.get(f"d{digit}", rest) for digit in range(10)], np.float32)


def test_top_3_are_the_likeliest_surest_first() -> None:
    found = top_3(said(d7=0.61234, d1=0.2, d9=0.1))
    assert found == [
        {"digit": 7, "probability": 0.6123},
        {"digit": 1, "probability": 0.2},
        {"digit": 9, "probability": 0.1},
    ]
    assert json.loads(json.dumps(found)) == found


def test_top_3_puts_the_lower_digit_first_where_two_are_as_likely() -> None:
    assert [row["digit"] for row in top_3(said(d8=0.3, d5=0.3))] == [5, 8, 0]
    assert [row["digit"] for row in top_3(said())] == [0, 1, 2]


@pytest.mark.parametrize(
    ("fnn", "cnn", "answer"),
    [
        (said(d3=0.9), said(d3=0.8), 3),
        (said(d3=0.2), said(d3=0.3), 3),  # they agree, however unsure they are
        (said(d3=0.49), said(d5=0.48), None),
        (said(d3=0.2), said(d5=0.3), None),
        (said(d3=0.9), said(d5=0.6), 3),
        (said(d3=0.6), said(d5=0.9), 5),
        (said(d3=0.55), said(d5=0.3), 3),
        (said(d3=0.3), said(d5=0.55), 5),
        (said(d3=0.5), said(d5=0.3), 3),  # 50 % is not under 50 %
        (said(d3=0.3), said(d5=0.5), 5),
        (said(d3=0.75), said(d5=0.75), 5),  # as sure as each other: the better net
        (said(d0=0.9), said(d5=0.6), 0),
    ],
)
def test_select_answer(fnn: FloatArray, cnn: FloatArray, answer: int | None) -> None:
    assert select_answer(fnn, cnn) == answer
