"""Drawings that are no digits, made by numbers alone, for a net to learn what digits are unlike.

They are of a general sort: strokes, shapes and patterns at random, letters, signs, digits over one
another. The kinds that the tests judge by lie in `testing/junk.py`, and none of them is here. A
page is grey levels (280, 280), uint8, ink 0 on paper 255.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from functions import FloatArray, Grey, process_image
from inkling.data.rendering import CANVAS, render_strokes
from inkling.pretraining.augmentation import distort_strokes, training_rendering
from inkling.pretraining.synthetic_digits import Strokes, arc, line, shape

Rng = np.random.Generator
Page = Callable[[Rng], Grey]
Drawing = Callable[[Rng], Strokes]

# Neither these letters nor these signs are read as digits; the tests have others.
LETTERS = "AEHKNRWXfhkmtw"
SIGNS = "@%&$?{}^~"
BLUR, FONT_SIZES = (1.0, 14.0), (90, 220)  # px


def page_of(strokes: Strokes, rng: Rng) -> Grey:
    """Return strokes as some hand draws them on the page."""
    rendering = training_rendering(rng)
    return render_strokes(distort_strokes(strokes, rng), **rendering._asdict())


def drawn(drawing: Drawing) -> Page:
    """Return what makes pages of a drawing's strokes."""
    return lambda rng: page_of(drawing(rng), rng)


def printed(text: str, rng: Rng) -> Grey:
    """Return a text in print, somewhat turned, in the middle of a page that is as wide as it."""
    font = ImageFont.load_default(size=int(rng.integers(*FONT_SIZES)))
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    side = max(right - left, bottom - top) + 80
    image = Image.new("L", (side, side), 255)
    at = ((side - right - left) / 2, (side - bottom - top) / 2)
    bold = float(rng.integers(0, 4))
    ImageDraw.Draw(image).text(at, text, 0, font, stroke_width=bold, stroke_fill=0)
    turned = image.rotate(float(np.clip(rng.normal(0, 6), -15, 15)), fillcolor=255)
    return np.asarray(turned.resize((CANVAS, CANVAS), Image.Resampling.BOX))


def one_of(letters: str, rng: Rng) -> str:
    """Return one of these letters."""
    return letters[int(rng.integers(len(letters)))]


def smooth_noise(rng: Rng, blur: float) -> FloatArray:
    """Return noise (280, 280) of mean 0 and deviation 1 that changes within `blur` pixels."""
    noise = Image.fromarray(rng.normal(128, 60, (CANVAS, CANVAS)).clip(0, 255).astype(np.uint8))
    smooth = np.asarray(noise.filter(ImageFilter.GaussianBlur(blur)), np.float32)
    return np.asarray((smooth - smooth.mean()) / (smooth.std() + 1e-3), np.float32)


def _points(rng: Rng, least: int, most: int) -> FloatArray:
    return rng.uniform(0, 100, (2, int(rng.integers(least, most)))).astype(np.float32)


def _polyline(rng: Rng) -> Strokes:
    return [_points(rng, 5, 14)]


def _curve(rng: Rng) -> Strokes:
    """Return a curve of random waves, up to some five turns."""
    t, most = np.linspace(0, 1, 90), int(rng.integers(2, 7))
    waves = np.arange(most + 1)
    turns = np.cos(np.pi * np.outer(t, waves) * rng.uniform(0.8, 1.2, most + 1))
    return [(rng.normal(0, 1, (2, most + 1)) / (1 + 0.3 * waves) @ turns.T).astype(np.float32)]


def _curves(rng: Rng) -> Strokes:
    return [
        _curve(rng)[0] + rng.uniform(-1, 1, (2, 1)).astype(np.float32)
        for _ in range(rng.integers(2, 4))
    ]


def _walk(rng: Rng) -> Strokes:
    """Return the way of a pen that turns as it likes."""
    turn = np.cumsum(rng.normal(0, rng.uniform(0.15, 0.6), 120))
    return [np.cumsum(np.stack([np.cos(turn), np.sin(turn)]), axis=1).astype(np.float32)]


def _lines(rng: Rng) -> Strokes:
    return [_points(rng, 2, 4) for _ in range(rng.integers(3, 9))]


def _arcs(rng: Rng) -> Strokes:
    def one() -> FloatArray:
        (x, y), (rx, ry) = rng.uniform(0, 100, 2), rng.uniform(5, 55, 2)
        start = rng.uniform(0, 360)
        return arc(x, y, rx, ry, start, start + rng.choice([100, 180, 360]))

    return [one() for _ in range(rng.integers(2, 7))]


def _mixed(rng: Rng) -> Strokes:
    """Return lines, arcs and a curve's piece together, as in most things that people draw."""
    parts = _lines(rng)[: rng.integers(1, 5)] + _arcs(rng)[: rng.integers(1, 5)]
    return parts + [_points(rng, 1, 2) for _ in range(rng.integers(0, 4))]


def _star_shaped(rng: Rng) -> Strokes:
    """Return a closed outline with dents."""
    corners = int(rng.integers(5, 12))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = rng.uniform(0.15, 1, corners)
    outline = np.stack([reach * np.cos(angles), reach * np.sin(angles)]).astype(np.float32)
    return [np.concatenate([outline, outline[:, :1]], axis=1)]


def _parallels(rng: Rng) -> Strokes:
    """Return lines beside one another."""
    count, high, lean = int(rng.integers(2, 7)), rng.uniform(30, 130), rng.normal(0, 15)
    stems = [line((x + lean, 0), (x - lean, high)) for x in np.linspace(0, 100, count)]
    return [stroke[::-1].copy() for stroke in stems] if rng.random() < 0.5 else stems


def _coil(rng: Rng) -> Strokes:
    """Return loops along a line, as a spring has."""
    turns, wide = rng.uniform(2.5, 9), rng.uniform(6, 30)
    t = np.linspace(0, 2 * np.pi * turns, 160)
    x, y = 100 * t / t[-1] + wide * np.cos(t), rng.uniform(10, 50) * np.sin(t)
    return [np.stack([x, y] if rng.random() < 0.7 else [y, x]).astype(np.float32)]


def _cloud_of_dots(rng: Rng) -> Strokes:
    return [_points(rng, 1, 2) for _ in range(rng.integers(6, 40))]


def _moved(strokes: Strokes, right: float, down: float, scale: float = 1) -> Strokes:
    place = np.array([[right], [down]], np.float32)
    return [stroke * np.float32(scale) + place for stroke in strokes]


def _digits_over_one_another(rng: Rng) -> Strokes:
    one, other = (int(d) for d in rng.choice(10, 2, replace=False))
    place = rng.normal(0, 14, 2)
    return shape(one, rng) + _moved(shape(other, rng), place[0], place[1], rng.uniform(0.6, 1.1))


def _digits_in_a_column(rng: Rng) -> Strokes:
    count = int(rng.integers(2, 5))
    digits = [shape(int(rng.integers(10)), rng) for _ in range(count)]
    return [s for row, d in enumerate(digits) for s in _moved(d, rng.normal(0, 8), 120 * row)]


def _number(rng: Rng) -> Strokes:
    """Return three to five digits in a row."""
    count, step = int(rng.integers(3, 6)), rng.uniform(75, 115)
    digits = [shape(int(rng.integers(10)), rng) for _ in range(count)]
    return [s for at, d in enumerate(digits) for s in _moved(d, step * at, rng.normal(0, 8))]


def _digit_in_a_frame(rng: Rng) -> Strokes:
    digit, far = shape(int(rng.integers(10)), rng), rng.uniform(15, 45)
    if rng.random() < 0.5:
        return [*digit, arc(50, 50, 55 + far, 55 + far, 0, 365)]
    low, high = -far, 100 + far
    return [*digit, line((low, low), (high, low), (high, high), (low, high), (low, low))]


def _patches(rng: Rng) -> Grey:
    """Return spots of ink with soft outlines, as noise over a level has them."""
    noise = smooth_noise(rng, math.exp(rng.uniform(*np.log((4.0, 40.0)))))
    level = rng.uniform(0.2, 1.2)
    sharp = (noise - level) * rng.uniform(2, 12)
    return np.asarray(255 - 255 * sharp.clip(0, 1), np.uint8)


def _filled(rng: Rng) -> Grey:
    """Return polygons that are filled."""
    image = Image.new("L", (CANVAS, CANVAS), 255)
    for _ in range(rng.integers(1, 4)):
        corners = _points(rng, 3, 8) * 2.2 + 30
        ImageDraw.Draw(image).polygon(corners.T.ravel().tolist(), fill=0)
    return np.asarray(image)


def _scene(rng: Rng) -> Grey:
    """Return a photograph's stand-in: grey areas before one another, blurred and noisy."""
    image = Image.new("L", (CANVAS, CANVAS), int(rng.integers(60, 256)))
    draw = ImageDraw.Draw(image)
    for number in range(rng.integers(3, 25)):
        corners, fill = _points(rng, 3, 7) * 4 - 60, int(rng.integers(256))
        if number % 2:
            draw.polygon(corners.T.ravel().tolist(), fill=fill)
        else:
            low, high = np.sort(corners[:, :2], axis=1).T.tolist()
            draw.ellipse((*low, *high), fill=fill)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 6))), np.float32)
    noise = rng.normal(0, rng.uniform(0, 12), soft.shape)
    return np.asarray((soft + noise).clip(0, 255), np.uint8)


KINDS: Mapping[str, Page] = {
    "polyline": drawn(_polyline),
    "curve": drawn(_curve),
    "curves": drawn(_curves),
    "walk": drawn(_walk),
    "lines": drawn(_lines),
    "arcs": drawn(_arcs),
    "mixed": drawn(_mixed),
    "star-shaped": drawn(_star_shaped),
    "parallels": drawn(_parallels),
    "coil": drawn(_coil),
    "cloud of dots": drawn(_cloud_of_dots),
    "digits over one another": drawn(_digits_over_one_another),
    "digits in a column": drawn(_digits_in_a_column),
    "number": drawn(_number),
    "digit in a frame": drawn(_digit_in_a_frame),
    "letter": lambda rng: printed(one_of(LETTERS, rng), rng),
    "sign": lambda rng: printed(one_of(SIGNS, rng), rng),
    "letters": lambda rng: printed("".join(one_of(LETTERS, rng) for _ in "..."), rng),
    "patches": _patches,
    "filled": _filled,
    "scene": _scene,
}


def junk_page(kind: str, seed: int, number: int, kinds: Mapping[str, Page] = KINDS) -> Grey:
    """Return one page of a kind; seed, kind and number decide what is on it."""
    return kinds[kind](np.random.default_rng([seed, number, *kind.encode()]))


def junk_digits(
    kinds: Mapping[str, Page] = KINDS, *, each: int, seed: int, only: Sequence[str] = ()
) -> FloatArray:
    """Return what the nets see of pages of every kind, or of some: float32 (n, 28, 28) in [0, 1].

    There are at most `each` of a kind: a page that counts as empty is left out.
    """
    pages = (junk_page(kind, seed, n, kinds) for kind in only or kinds for n in range(each))
    seen = [digit for page in pages if (digit := process_image(page)) is not None]
    return np.stack(seen)
