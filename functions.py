"""Pure steps from posted bytes to an answer: decode, centre, augment, choose. No I/O.

A drawing is held as *grey levels*: a uint8 array (height, width), 0 black ink, 255 white paper.
A *digit* is what the nets see: float32 (28, 28) in [0, 1], light ink on dark, 0 paper, 1 ink.
"""

import base64
import io
import itertools
import re
import struct
import zlib
from contextlib import AbstractContextManager, nullcontext

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from inkling.photograph import ink_of_a_photograph

Grey = NDArray[np.uint8]
FloatArray = NDArray[np.float32]

SIDE = 28  # the nets' input
INK_SIDE = 20  # the longer side of a drawing within it, as in MNIST
WORKING_SIDE = 512  # a larger picture is reduced to at most this, and stored so
BAND = 256  # rows that are laid on white paper at once
MIN_CONTRAST = 16  # grey levels; less than this is an empty page
MIN_CONTRAST_OF_A_PHOTO = 12  # beyond its noise
INK_THRESHOLD = 0.25  # of the darkest ink; below lie JPEG's ripples around strokes
ANGLES = range(-30, 30, 5)  # degrees

FORMATS = "PNG, JPEG, WebP, BMP or TIFF"
MAX_BYTES = 6_000_000
MAX_PIXELS = 12_500_000
LARGE = WORKING_SIDE * WORKING_SIDE  # pixels; to decode more takes time, and 16 bytes each
MAX_SCANS = 100  # of a JPEG; a progressive one has some 10, and each costs as much as a picture
JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # none of what stands within a scan
JPEG_SCAN, JPEG_WITHOUT_LENGTH = 0xDA, (0x01, 0xD8, 0xD9)
AT_ONCE: AbstractContextManager[object] = nullcontext()
PngImagePlugin.MAX_TEXT_MEMORY = 2**20  # bytes of texts that a PNG may unpack, which nobody reads

BMP_PACKED = (1, 2)  # run lengths of 8 and of 4 bits, which Pillow unpacks in Python

TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}  # the first bytes of a file: how numbers are written
TIFF_TYPES = {3: "u2", 4: "u4"}  # of the tags below: SHORT and LONG
WIDTH, HEIGHT, BITS, PACKING, COLOURS, SAMPLES = 256, 257, 258, 259, 262, 277
SAMPLE_FORMAT, TILE_WIDTH, TILE_HEIGHT = 339, 322, 323
STRIPS, TILES = (273, 279), (324, 325)  # where each begins, and its bytes
# Of a page, what its pixels need: these, and fill order, orientation, rows of a strip, planes,
# predictor, palette and what a fourth colour is.
TIFF_TAGS = {WIDTH, HEIGHT, BITS, PACKING, COLOURS, SAMPLES, SAMPLE_FORMAT, TILE_WIDTH, TILE_HEIGHT}
TIFF_TAGS |= {*STRIPS, *TILES, 266, 274, 278, 284, 317, 320, 338}
# None, LZW, deflate, PackBits. Of fax, libtiff prints each bad line, by the hundred megabytes; a
# JPEG within may be larger than it says.
TIFF_PACKINGS = {1, 5, 8, 32773, 32946}
TIFF_COLOURS = {0, 1, 2, 3, 5}  # grey from white, grey from black, RGB, palette, CMYK
TIFF_BITS = ({1}, {2}, {4}, {8}, {16})
MAX_STRIPS = 16_384  # each row of a photograph in four planes

EXIF_ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

DATA_URL = re.compile(r"data:image/(?:png|jpeg|jpg|webp|bmp|x-ms-bmp|tiff);base64,", re.IGNORECASE)
BROKEN_IMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    struct.error,
    zlib.error,
    AssertionError,  # how Pillow tells that a PNG with a palette has none
)


class ImageError(ValueError):
    """The posted text is no picture that can be read. The message is meant for the caller."""


class ImageTooLarge(ImageError):
    """The picture has more bytes or more pixels than allowed."""


class ImageTooSmall(ImageError):
    """A side of the picture has fewer pixels than asked for."""


def decode_image(
    text: str,
    *,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    min_side: int = 1,
    large: AbstractContextManager[object] = AT_ONCE,
) -> Grey:
    """Return the grey levels (height, width), uint8, of a picture in a data URL or bare base64.

    What is decoded and what is refused, `decode_image_bytes` tells. A data URL's type must be one
    of a picture's; what the picture is, its bytes say.

    Raises ImageTooLarge over a limit, ImageTooSmall where a side has fewer than `min_side` pixels,
    ImageError for anything else that is wrong.
    """
    header = DATA_URL.match(text)
    if not header and (not text or ":" in text[:64]):
        raise ImageError(
            "The image is neither a data URL nor base64. "
            f"Send 'data:image/png;base64,…' or the base64 alone ({FORMATS})."
        )
    encoded = text[header.end() if header else 0 :].strip()
    # Lines that an encoder broke; a form that was not percent-encoded turns '+' into a space.
    encoded = encoded.replace("\n", "").replace("\r", "").replace(" ", "+")
    if len(encoded) * 3 // 4 - encoded[-2:].count("=") > max_bytes:
        raise _too_many_bytes(max_bytes)
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError as error:  # binascii.Error, or characters beyond ASCII
        raise ImageError("The image is not valid base64. Encode its bytes again.") from error
    return decode_image_bytes(
        raw, max_bytes=max_bytes, max_pixels=max_pixels, min_side=min_side, large=large
    )


def decode_image_bytes(
    raw: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    min_side: int = 1,
    large: AbstractContextManager[object] = AT_ONCE,
) -> Grey:
    """Return the grey levels (height, width), uint8, of a picture's file.

    Takes PNG, JPEG, WebP, BMP and TIFF, of several pages or frames the first; lays transparency on
    white paper; turns photographs upright; reduces a picture whose longer side is over 512 pixels:
    what is stored, and learned from, is what was answered. The limits are checked before any pixel
    is decoded, so a small file that unpacks to gigabytes costs nothing, nor does a JPEG of
    thousands of scans or a TIFF of thousands of pages. A picture of more than LARGE pixels is
    decoded within `large`.

    Raises ImageTooLarge over a limit, ImageTooSmall where a side has fewer than `min_side` pixels,
    ImageError for anything else that is wrong.
    """
    if len(raw) > max_bytes:
        raise _too_many_bytes(max_bytes)
    too_large = f"The image has more than {max_pixels:,} pixels. Send a smaller one."
    try:
        raw, formats, decoded = _prepared(raw)
        if decoded > max_pixels:
            raise ImageTooLarge(too_large)
        image = Image.open(io.BytesIO(raw), formats=formats)
        pixels = max(decoded, image.width * image.height)
        if pixels > max_pixels:
            raise ImageTooLarge(too_large)
        if min(image.size) < min_side:
            raise _too_small(image, min_side)
        if formats == ("BMP",):
            _check_runs(image, raw)
        elif image.format not in ("PNG", "WEBP", "TIFF"):
            _check_scans(raw)
        with large if pixels > LARGE else AT_ONCE:
            image.draft("L", (WORKING_SIDE, WORKING_SIDE))  # JPEG: decode at a fraction of the size
            return _grey_levels(_upright(image))
    except ImageError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit: 179 million pixels
        raise ImageTooLarge(too_large) from error
    except BROKEN_IMAGE as error:
        raise ImageError(
            f"The image cannot be read: it is no whole {FORMATS}. Send another."
        ) from error


def _too_small(image: Image.Image, least: int) -> ImageTooSmall:
    size = f"{image.width} × {image.height}"
    return ImageTooSmall(f"The image has {size} pixels. Send one of {least} × {least} or more.")


def _too_many_bytes(most: int) -> ImageTooLarge:
    return ImageTooLarge(f"The image has more than {most:,} bytes. Send a smaller one.")


def _prepared(raw: bytes) -> tuple[bytes, tuple[str, ...], int]:
    """Return a file as Pillow is to read it, as which formats, and the pixels known already."""
    if raw[:4] in TIFF_ORDERS:
        page, pixels = _first_page(raw)
        return page, ("TIFF",), pixels
    if raw[:2] == b"BM":
        return raw, ("BMP",), 0
    return raw, ("PNG", "JPEG", "WEBP"), 0


def _first_page(raw: bytes) -> tuple[bytes, int]:
    """Return a TIFF of the first page alone, and how many pixels decoding it takes, 4 bytes each.

    Its directory is written anew with what pixels need and nothing else. So Pillow and libtiff see
    one and the same page, and none of the tags, pages and directories that may be there by the
    thousand, or point to the same megabytes again and again.

    Raises ImageError for a way to keep pixels that is not read; whatever of BROKEN_IMAGE for a
    damaged file.
    """
    order = TIFF_ORDERS[raw[:4]]
    (start,) = struct.unpack_from(order + "L", raw, 4)
    (count,) = struct.unpack_from(order + "H", raw, start)
    entries: dict[int, bytes] = {}
    for at in range(start + 2, min(start + 2 + 12 * count, len(raw)), 12):
        (tag,) = struct.unpack_from(order + "H", raw, at)
        if tag in TIFF_TAGS:
            entries.setdefault(tag, raw[at : at + 12])
    for tag in STRIPS if TILE_WIDTH in entries else (*TILES, TILE_HEIGHT):
        entries.pop(tag, None)
    pixels = _tiff_pixels({tag: _tiff_values(raw, e, order) for tag, e in entries.items()}, raw)
    directory = b"".join(entry for _, entry in sorted(entries.items())) + bytes(4)
    even = raw[8:] + bytes(len(raw) % 2)
    where, length = struct.pack(order + "L", 8 + len(even)), struct.pack(order + "H", len(entries))
    return raw[:4] + where + even + length + directory, pixels


def _tiff_values(raw: bytes, entry: bytes, order: str) -> list[int]:
    """Return a tag's whole numbers."""
    kind, count = struct.unpack_from(order + "HL", entry, 2)
    dtype = np.dtype(order + TIFF_TYPES[kind])
    if not 0 < count <= MAX_STRIPS:
        raise ValueError("A tag of a TIFF has too many values.")
    if count * dtype.itemsize <= 4:
        return [int(value) for value in np.frombuffer(entry, dtype, count, 8)]
    (at,) = struct.unpack_from(order + "L", entry, 8)
    return [int(value) for value in np.frombuffer(raw, dtype, count, at)]


def _tiff_pixels(found: dict[int, list[int]], raw: bytes) -> int:
    """Return how many pixels of 4 bytes a page unpacks to. Raises as `_first_page` does."""
    width, height = found[WIDTH][0], found[HEIGHT][0]
    bits, colours = found.get(BITS, [1]), found.get(COLOURS, [0])[0]
    if (
        found.get(PACKING, [1])[0] not in TIFF_PACKINGS
        or colours not in TIFF_COLOURS
        or {*bits} not in TIFF_BITS
        or {*found.get(SAMPLE_FORMAT, [1])} != {1}
        or (colours == 0 and bits[0] == 16)  # which Pillow takes for its negative
    ):
        raise ImageError("The TIFF keeps its pixels in a way that is not read. Send a PNG.")
    starts, lengths = TILES if TILE_WIDTH in found else STRIPS
    # Those that share bytes would be unpacked again and again.
    if len(found[starts]) != len(found[lengths]) or sum(found[lengths]) > len(raw):
        raise ValueError("The strips of a TIFF are not of its size.")
    if TILE_WIDTH in found:
        wide, high = found[TILE_WIDTH][0], found[TILE_HEIGHT][0]
        if not wide or not high:
            raise ValueError("The tiles of a TIFF have no size.")
        width, height = -(-width // wide) * wide, -(-height // high) * high
    size = width * height * found.get(SAMPLES, [1])[0] * bits[0] // 8
    return max(width * height, size // 4)


def _check_runs(bmp: Image.Image, raw: bytes) -> None:
    """Raise ImageTooLarge for a packed BMP of more pixels, or far more runs, than take no time."""
    pixels = bmp.width * bmp.height
    too_many = pixels > LARGE or len(raw) > 4 * pixels + 100_000
    if bmp.info["compression"] in BMP_PACKED and too_many:
        raise ImageTooLarge(f"A packed BMP has at most {LARGE:,} pixels. Send a PNG.")


def _check_scans(jpeg: bytes) -> None:
    """Raise ImageTooLarge for a JPEG of more than MAX_SCANS scans.

    It is walked as a decoder does: from marker to marker, over what a segment says of its length,
    and through the pixels of a scan to the next marker.
    """
    scans = position = 0
    while marker := JPEG_MARKER.search(jpeg, position):
        kind, position = jpeg[marker.end() - 1], marker.end()
        if kind not in JPEG_WITHOUT_LENGTH:
            position += max(2, int.from_bytes(jpeg[position : position + 2], "big"))
        scans += kind == JPEG_SCAN
        if scans > MAX_SCANS:
            raise ImageTooLarge(
                f"The image has more than {MAX_SCANS} scans. Save it anew, or as a PNG."
            )


def _upright(image: Image.Image) -> Image.Image:
    """Return the picture as the camera was held; pass over a broken EXIF block."""
    image.load()  # broken pixels are not to be passed over
    try:
        orientation = image.getexif().get(EXIF_ORIENTATION)
    except BROKEN_IMAGE:
        return image
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _grey_levels(image: Image.Image) -> Grey:
    """Return the grey levels of any mode that the formats decode to."""
    if image.mode == "La":  # a TIFF's grey, already multiplied by its transparency
        image = image.convert("LA")
    if image.mode.startswith("I"):  # 16 bits a pixel, which convert("L") would clip
        levels = np.asarray(image)
        clear = levels == image.info.get("transparency", -1)
        image = Image.fromarray(np.where(clear, 255, levels >> 8).astype(np.uint8))
    image = _on_white(image) if image.has_transparency_data else image.convert("L")
    factor = -(-max(image.size) // WORKING_SIDE)
    return np.asarray(image.reduce(factor) if factor > 1 else image)


def _on_white(image: Image.Image) -> Image.Image:
    """Return a picture's grey levels on white paper, a band at a time.

    As a whole, it would be held thrice.
    """
    levels = Image.new("L", image.size)
    for top in range(0, image.height, BAND):
        band = image.crop((0, top, image.width, min(top + BAND, image.height))).convert("RGBA")
        white = Image.new("RGBA", band.size, "white")
        levels.paste(Image.alpha_composite(white, band).convert("L"), (0, top))
    return levels


def encode_png(grey: Grey) -> bytes:
    """Return the PNG file of grey levels (height, width), uint8: lossless, without any metadata."""
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG", compress_level=3)
    return file.getvalue()


def decode_png(png: bytes) -> Grey:
    """Return the grey levels that `encode_png` was given."""
    return np.asarray(Image.open(io.BytesIO(png), formats=("PNG",)).convert("L"))


def to_data_url(grey: Grey) -> str:
    """Return grey levels (height, width), uint8, as the PNG data URL that a page would post."""
    return "data:image/png;base64," + base64.b64encode(encode_png(grey)).decode("ascii")


def digit_data_url(digit: FloatArray) -> str:
    """Return a digit (28, 28) in [0, 1] as a PNG data URL, to show what the nets saw."""
    return to_data_url(np.rint(digit * 255).astype(np.uint8))


def process_image(grey: Grey) -> FloatArray | None:
    """Return the digit (28, 28), float32 in [0, 1], that the nets see in a drawing.

    The drawing is grey levels (height, width). The ink's bounding box is scaled, with
    anti-aliasing, so that its longer side is 20, then centred. Return None where nothing is drawn.
    """
    crop = _crop(grey)
    if crop is None:
        return None
    return _centre(crop, *_scaled_size(crop))


def cropped(grey: Grey) -> Grey | None:
    """Return the ink's bounding box, as the nets get it before it is scaled; None for no ink."""
    crop = _crop(grey)
    return None if crop is None else 255 - np.rint(np.asarray(crop) * 255).astype(np.uint8)


def augment(grey: Grey, seed: int) -> FloatArray | None:
    """Return 24 variants (24, 28, 28), float32 in [0, 1], of a drawing; None if nothing is drawn.

    The crop is scaled to the four combinations of its scaled width and height (w×w, w×h, h×w,
    h×h); each is rotated by six angles drawn without replacement from −30, −25, … 25 degrees.
    The same drawing and seed give the same variants everywhere.
    """
    crop = _crop(grey)
    if crop is None:
        return None
    rng = np.random.default_rng(seed)
    variants = [
        np.asarray(upright.rotate(angle, Image.Resampling.BILINEAR))
        for width, height in itertools.product(_scaled_size(crop), repeat=2)
        for upright in [Image.fromarray(_centre(crop, width, height))]
        for angle in rng.choice(ANGLES, size=6, replace=False).tolist()
    ]
    return np.asarray(np.clip(np.stack(variants), 0, 1), dtype=np.float32)


def _crop(grey: Grey) -> Image.Image | None:
    """Return the ink in its bounding box, 0 paper to 1 the darkest ink; None for an empty page."""
    ink, least = _ink(grey)
    darkest = int(ink.max())
    if darkest < least:
        return None
    mask = Image.fromarray(ink > int(INK_THRESHOLD * darkest))
    left, top, right, bottom = mask.getbbox() or (0, 0, *mask.size)
    return Image.fromarray(ink[top:bottom, left:right].astype(np.float32) / np.float32(darkest))


def _ink(grey: Grey) -> tuple[Grey, int]:
    """Return how much darker than its paper each pixel is, and how dark the darkest must be.

    Where the darkest pixel is less dark, the page counts as empty. A drawn canvas has paper of one
    grey level. A photograph has not: `inkling.photograph` finds its ink.
    """
    paper = grey.max()
    if np.count_nonzero(grey == paper) > 0.5 * grey.size:
        return np.asarray(paper - grey), MIN_CONTRAST
    return ink_of_a_photograph(grey), MIN_CONTRAST_OF_A_PHOTO


def _scaled_size(crop: Image.Image) -> tuple[int, int]:
    """Return width and height with the longer side 20 and the shorter at least 1."""
    longer = max(crop.size)
    width, height = (max(1, round(side * INK_SIDE / longer)) for side in crop.size)
    return width, height


def _centre(crop: Image.Image, width: int, height: int) -> FloatArray:
    """Return the crop scaled to width × height in the middle of 28×28, its brightest pixel at 1."""
    resized = crop.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
    scaled = np.clip(np.asarray(resized), 0, 1)  # Lanczos rings beyond both beside an edge
    digit = np.zeros((SIDE, SIDE), dtype=np.float32)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    digit[top : top + height, left : left + width] = scaled / scaled.max()
    return digit


def top_3(probabilities: FloatArray) -> list[dict[str, float | int]]:
    """Return the three likeliest digits of probabilities (10,), surest first, for the page."""
    best = np.argsort(-probabilities, kind="stable")[:3]
    return [{"digit": int(d), "probability": round(float(probabilities[d]), 4)} for d in best]


def to_bytes(digit: FloatArray) -> bytes:
    """Return a digit (28, 28) in [0, 1] as 784 bytes, 255 the darkest ink, for the journal."""
    return np.asarray(np.rint(digit * 255), np.uint8).tobytes()


def from_bytes(content: bytes) -> FloatArray:
    """Return the digit (28, 28), float32 in [0, 1], that `to_bytes` was given, within 1/510."""
    return np.frombuffer(content, np.uint8).reshape(SIDE, SIDE).astype(np.float32) / np.float32(255)


def select_answer(fnn: FloatArray, cnn: FloatArray) -> int | None:
    """Return the app's answer to what both retrained nets say, probabilities (10,) each.

    Where they agree, that digit; else, where both give their own less than 50 %, None;
    else the surer one's.

    >>> seven, one = np.eye(10, dtype=np.float32)[[7, 1]]
    >>> select_answer(seven, seven), select_answer(0.6 * seven, 0.9 * one)
    (7, 1)
    >>> select_answer(0.4 * seven, 0.3 * one) is None
    True
    """
    fnn_digit, cnn_digit = int(fnn.argmax()), int(cnn.argmax())
    if fnn_digit == cnn_digit:
        return cnn_digit
    if fnn.max() < 0.5 and cnn.max() < 0.5:
        return None
    return cnn_digit if cnn.max() >= fnn.max() else fnn_digit
