"""Drawings that are no digits, made by numbers alone, for a net to learn what digits are unlike.

They are of a general sort: strokes, shapes and patterns at random, letters, signs, digits over one
another. The kinds that the tests judge by lie in `testing/junk.py`, and none of them is here. A
page is grey levels (280, 280), uint8, ink 0 on paper 255.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from functions import SIDE, FloatArray, Grey, process_image
from inkling.data.rendering import CANVAS, render_strokes
from inkling.files import whole_file
from inkling.pretraining.augmentation import distort_strokes, training_rendering
from inkling.pretraining.hand_letters import letter_by_hand, letters_by_hand
from inkling.pretraining.junk_strokes import DRAWINGS, points
from inkling.pretraining.junk_things import THINGS
from inkling.pretraining.synthetic_digits import Strokes

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
        corners = points(rng, 3, 8) * 2.2 + 30
        ImageDraw.Draw(image).polygon(corners.T.ravel().tolist(), fill=0)
    return np.asarray(image)


def _scene(rng: Rng) -> Grey:
    """Return a photograph's stand-in: grey areas before one another, blurred and noisy."""
    image = Image.new("L", (CANVAS, CANVAS), int(rng.integers(60, 256)))
    draw = ImageDraw.Draw(image)
    for number in range(rng.integers(3, 25)):
        corners, fill = points(rng, 3, 7) * 4 - 60, int(rng.integers(256))
        if number % 2:
            draw.polygon(corners.T.ravel().tolist(), fill=fill)
        else:
            low, high = np.sort(corners[:, :2], axis=1).T.tolist()
            draw.ellipse((*low, *high), fill=fill)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 6))), np.float32)
    noise = rng.normal(0, rng.uniform(0, 12), soft.shape)
    return np.asarray((soft + noise).clip(0, 255), np.uint8)


KINDS: Mapping[str, Page] = {
    **{name: drawn(drawing) for name, drawing in {**DRAWINGS, **THINGS}.items()},
    "letter by hand": drawn(letter_by_hand),
    "letters by hand": drawn(letters_by_hand),
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
    return np.stack(seen) if seen else np.empty((0, SIDE, SIDE), np.float32)


def write_junk(path: Path, each: int, seed: int) -> None:
    """Write `junk_digits` as bytes (n, 28, 28); for a process of its own."""
    digits = junk_digits(each=each, seed=seed)
    with whole_file(path, wait=True, lasting=False) as file:
        np.save(file, np.rint(digits * 255).astype(np.uint8))
