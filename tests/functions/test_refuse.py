"""Pictures that must be refused: too large, damaged, or none at all."""

import base64
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import ExifTags, Image

from functions import ImageError, ImageTooLarge, decode_image, encode_png, to_data_url
from inkling.settings import ROOT
from tests.functions.hostile import (
    DEFLATE,
    PACKING,
    RLE8,
    ROWS,
    STRIPS,
    bmp,
    pages,
    shared_strips,
    tiff,
    tiled,
)
from tests.functions.pictures import SEVEN, as_url, file_of, png, posted, rows_of


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
    url = to_data_url(np.full((20, 30), 255, np.uint8))
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
        ("png", 4_001, 3_125),
        ("png", 1, 12_500_001),
        ("png", 2**31 - 1, 2**31 - 1),
        ("jpeg", 50_000, 50_000),
        ("jpeg", 4_001, 3_125),
        ("webp", 16_000, 16_000),
        ("webp", 4_001, 3_125),
    ],
)
def test_a_header_that_claims_too_many_pixels_is_enough(kind: str, width: int, height: int) -> None:
    # With no pixels behind the header, whoever tries to decode finds a broken picture instead.
    with pytest.raises(ImageTooLarge, match=r"12,500,000 pixels.* Send"):
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
        "a TIFF of 160 MB": tiff(12_800, 12_500, zeros, {PACKING: DEFLATE}),
        "more pixels than a TIFF says": tiff(100, 100, zeros, {PACKING: DEFLATE}),
        "a tile of 1.6 GB": tiled(40_000, zeros),
        "200,000 pages": pages(200_000),
        "strips that share their bytes": shared_strips(16_000, 2_000_000),
        "a strip for each pixel": tiff(1, 600_000, b"", {STRIPS: [8] * 600_000, ROWS: 1}),
        "a BMP of 160 MB": bmp(12_800, 12_500, b""),
        "runs of a large picture": bmp(3_500, 3_500, b"\xff\xff" * 50_000, packing=RLE8),
        "half a million empty runs": bmp(28, 28, b"\0\0" * 500_000, packing=RLE8),
        "a BMP's header of 4 GB": b"BM" + bytes(8) + struct.pack("<LL", 54, 2**32 - 1),
    }
    urls = [to_data_url(SEVEN), *map(as_url, bombs.values())]
    done = subprocess.run(
        [sys.executable, "-c", BOMBS],
        cwd=ROOT,
        input="\n".join(urls) + "\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    outcomes = dict(zip(bombs, map(str.rsplit, done.stdout.splitlines()), strict=True))
    too_large = {name for name, words in outcomes.items() if words[0] == "ImageTooLarge"}
    assert too_large == {
        *("a picture of 160 MB", "a TIFF of 160 MB", "a BMP of 160 MB", "a tile of 1.6 GB"),
        *("runs of a large picture", "half a million empty runs"),
    }
    # Of some libtiff prints a line; of none may it print many.
    assert len(done.stderr.splitlines()) < 2 * len(bombs)
    assert {name: int(words[-1]) for name, words in outcomes.items() if int(words[-1]) > 50} == {}


def many_scans(more: int) -> bytes:
    """A progressive JPEG whose last refinement comes so many times more."""
    jpeg = file_of(Image.fromarray(SEVEN), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:-2] + jpeg[last:-2] * more + jpeg[-2:]


def test_a_jpeg_of_a_hundred_scans_is_read_and_one_of_more_is_not() -> None:
    own = many_scans(0).count(b"\xff\xda")
    assert decode_image(as_url(many_scans(100 - own))).shape == SEVEN.shape
    with pytest.raises(ImageTooLarge, match=r"more than 100 scans\. Save"):
        decode_image(as_url(many_scans(101 - own)))


def test_scans_are_counted_whatever_stands_between_them() -> None:
    """A decoder passes over filling bytes and over what is no marker, and so does the count."""
    jpeg = many_scans(100)
    for between in (b"\xff" * 9, b"garbage", b"\xff\xfe\0\x04\xff\xd9", b"\xff\xd0"):
        with pytest.raises(ImageTooLarge, match="scans"):
            decode_image(as_url(jpeg.replace(b"\xff\xda", between + b"\xff\xda")))


def test_what_only_looks_like_a_scan_is_none() -> None:
    """An EXIF block or a thumbnail may hold the bytes of markers."""
    jpeg = file_of(Image.fromarray(SEVEN), "JPEG")
    comment = b"\xff\xfe" + struct.pack(">H", 2 + 2000) + b"\xff\xda\0\x04" * 500
    assert decode_image(as_url(jpeg[:2] + comment + jpeg[2:])).shape == SEVEN.shape


def test_a_long_file_is_walked_in_little_time() -> None:
    """Bytes of 0xFF alone, and the zeros that stand for one within a scan."""
    jpeg = file_of(Image.fromarray(SEVEN), "JPEG")
    for filling in (b"\xff" * 5_000_000, b"\xff\0" * 2_500_000, b"\xff\xd8" * 50_000):
        try:
            decode_image(as_url(jpeg[:-2] + filling + jpeg[-2:]))
        except ImageError:
            pass  # where libjpeg minds


def test_texts_of_a_png_are_not_kept_by_the_megabyte() -> None:
    texts = [b"tEXt%d\0" % n + b"x" * 200_000 for n in range(6)]
    with pytest.raises(ImageError, match="Send another"):
        decode_image(as_url(png(4, 4, *texts, rows_of(np.zeros((4, 4), np.uint8)))))


@pytest.mark.parametrize("side", [511, 512, 513])
def test_only_a_large_picture_is_decoded_in_its_turn(side: int) -> None:
    turns = 0

    @contextmanager
    def turn() -> Iterator[None]:
        nonlocal turns
        turns += 1
        yield

    decode_image(posted(Image.new("L", (side, 512), 255)), large=turn())
    assert turns == (side > 512)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
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
        "c2V2ZW4=",
        PNG[: len(PNG) // 8 * 4],
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
        as_url(file_of(BLACK, "DIB")),
        as_url(file_of(BLACK, "PPM")),
        as_url(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ],
)
def test_what_is_no_picture_is_refused(text: str) -> None:
    with pytest.raises(ImageError) as raised:
        decode_image(text)
    assert not isinstance(raised.value, ImageTooLarge)
    assert re.fullmatch(r"[A-Z].*\. (Send|Encode) .*\.", str(raised.value))


@pytest.mark.parametrize("text", ["", "data:image/gif;base64,R0lG", "https://a.example/7.png"])
def test_what_is_neither_data_url_nor_base64_is_told_what_to_send(text: str) -> None:
    with pytest.raises(ImageError, match=r"neither .* \(PNG, JPEG, WebP, BMP or TIFF\)\.$"):
        decode_image(text)


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
            ("1", "BMP"), ("P", "BMP"), ("RGB", "BMP"), ("RGBA", "BMP"),
            ("1", "TIFF"), ("P", "TIFF"), ("LA", "TIFF"), ("RGBA", "TIFF"), ("CMYK", "TIFF"),
        ]
    ]  # fmt: skip
    files += [
        file_of(picture, "TIFF", exif=exif, compression=packing)
        for packing in ("tiff_lzw", "tiff_adobe_deflate", "packbits")
    ]
    for _ in range(3000):
        content = bytearray(files[rng.integers(len(files))])
        for at in rng.integers(len(content), size=rng.integers(1, 6)):
            content[at] = rng.integers(256)
        try:
            assert decode_image(as_url(bytes(content))).dtype == np.uint8
        except ImageError:
            pass  # the one error that the endpoint turns into a message
