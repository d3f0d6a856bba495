"""From a drawing or a photograph to the digit that the nets see, or to none."""

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from functions import FloatArray, Grey, augment, decode_image, process_image
from inkling.data.rendering import render_strokes
from testing.pen import STROKES, draw
from tests.functions.pictures import box, posted

CLOSE = 0.12  # how far apart two pictures of one digit may be; two different digits are further


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
