"""Pictures that must be read, whatever their kind, colours and orientation; PNG and back."""

import base64
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from functions import (
    decode_image,
    decode_image_bytes,
    decode_png,
    digit_data_url,
    encode_png,
    process_image,
    to_data_url,
)
from testing.pen import draw
from tests.functions.pictures import SEVEN, as_url, file_of, png, posted, rows_of


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("PNG", {"compress_level": 0}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 90}, 3),
        ("JPEG", {"quality": 95}, 2),
        ("JPEG", {"quality": 95, "progressive": True}, 2),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("TIFF", {"compression": "tiff_deflate"}, 0),
        ("TIFF", {"compression": "packbits"}, 0),
    ],
)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_format_gives_grey_levels(
    kind: str, options: dict[str, Any], tolerance: float, mode: str
) -> None:
    grey = decode_image(posted(Image.fromarray(SEVEN).convert(mode), kind, **options))
    assert grey.dtype == np.uint8
    assert grey.shape == SEVEN.shape
    assert np.abs(grey.astype(int) - SEVEN).mean() <= tolerance


@pytest.mark.parametrize(
    "header", ["png", "PNG", "jpeg", "jpg", "webp", "bmp", "x-ms-bmp", "tiff", "TIFF"]
)
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
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("PNG", {}),
        ("WEBP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
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


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize(
    ("width", "height"),
    [
        (513, 350),
        (1025, 700),
        (2100, 300),
        (80, 4000),
    ],
)
def test_a_large_picture_is_reduced(kind: str, width: int, height: int) -> None:
    page = Image.new("L", (width, height), 255)
    page.paste(0, (0, 0, width // 2, height))
    grey = decode_image(posted(page, kind))
    rows, columns = grey.shape
    assert 256 <= max(rows, columns) <= 512
    assert columns == pytest.approx(rows * width / height, abs=1)
    assert grey[:, : columns // 2 - 2].max() < 40
    assert grey[:, columns // 2 + 2 :].min() > 215


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
def test_a_picture_of_512_pixels_is_not(kind: str) -> None:
    assert decode_image(posted(Image.new("L", (512, 70), 255), kind)).shape == (70, 512)


def test_a_form_that_turned_plus_signs_into_spaces_is_mended() -> None:
    url = to_data_url(draw(3))
    assert "+" in url
    np.testing.assert_array_equal(decode_image(url.replace("+", " ") + "\r\n"), draw(3))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_base64_is_taken_without_the_head_of_a_data_url(kind: str) -> None:
    raw = file_of(Image.fromarray(SEVEN), kind)
    bare = base64.b64encode(raw).decode()
    in_lines = base64.encodebytes(raw).decode().replace("\n", "\r\n")
    for text in (bare, in_lines, f"\n {bare} ", bare.replace("+", " ")):
        np.testing.assert_array_equal(decode_image(text), SEVEN)
    np.testing.assert_array_equal(decode_image_bytes(raw), SEVEN)


# --- PNG and back ---


@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (280, 240), (3, 512)])
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
