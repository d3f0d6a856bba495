"""How training digits are varied: strokes bent and laid out anew, digits warped as elastic."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions import SIDE, FloatArray
from inkling.data.rendering import SIZES, WIDTHS, Rendering, place_at_random, random_rendering

STRETCH, SLANT, BEND = 0.12, 0.15, 0.02  # standard deviations; of the drawing's size
TURN, SCALE, SHEAR, SHIFT, ELASTIC = 12, 0.07, 0.08, 0.7, 0.7  # see `warp_digits`
KNOTS, SMOOTHNESS = 5, 0.8  # of an elastic field: knots a side, spread in knots
CHUNK = 128  # digits warped at once, to stay within the cache
# Renderings for training: as most visitors draw on the page, and beyond what must be read.
USUAL_SIZES, USUAL_WIDTHS, USUAL_TILT = (110.0, 285.0), (5.0, 36.0), 8.0
LARGE_SIZES, LARGE_SHARE, WIDE_TILT, WIDE_OF_SIZE = (230.0, 285.0), 0.15, 25.0, 0.5


def training_rendering(rng: np.random.Generator) -> Rendering:
    """Return a rendering to learn from: one in three as any, usual, or beyond the limits.

    Usual: as most visitors draw on the page. Beyond: tilted by up to 25 degrees, large more often,
    the pen up to half the digit's size.
    """
    return (random_rendering, _usual_rendering, _wide_rendering)[rng.integers(3)](rng)


def _usual_rendering(rng: np.random.Generator) -> Rendering:
    size, width = rng.uniform(*USUAL_SIZES), rng.uniform(*USUAL_WIDTHS)
    tilt = float(np.clip(rng.normal(0, USUAL_TILT), -WIDE_TILT, WIDE_TILT))
    return Rendering(width, size, place_at_random(size, width, rng), tilt)


def _wide_rendering(rng: np.random.Generator) -> Rendering:
    if rng.random() < LARGE_SHARE:
        size = rng.uniform(*LARGE_SIZES)
    else:
        size = math.exp(rng.uniform(*np.log(SIZES)))
    widths = (WIDTHS[0], min(WIDTHS[1], WIDE_OF_SIZE * size))
    even = rng.random() < 0.5
    width = rng.uniform(*widths) if even else math.exp(rng.uniform(*np.log(widths)))
    tilt = float(rng.uniform(-WIDE_TILT, WIDE_TILT))
    return Rendering(width, size, place_at_random(size, width, rng), tilt)


def distort_strokes(
    strokes: Sequence[FloatArray], rng: np.random.Generator
) -> list[NDArray[np.float32]]:
    """Return strokes (2, n) as another hand might draw them: stretched, slanted, gently bent.

    The result's longer side is about 1 and its box's middle at 0, whatever the unit was.
    """
    points = np.concatenate(list(strokes), axis=1).astype(np.float64)  # (2, n)
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    x, y = (points - (low + high) / 2) / (float((high - low).max()) or 1.0)
    stretch, slant = np.exp(rng.normal(0, STRETCH)), rng.normal(0, SLANT)
    x, y = x * stretch + slant * y, y / stretch
    for _ in range(2):
        (a, b, c, d), phases = rng.normal(0, 4, 4), rng.uniform(0, 2 * np.pi, 2)
        height = rng.normal(0, BEND, 2)
        x, y = (
            x + height[0] * np.sin(a * x + b * y + phases[0]),
            y + height[1] * np.sin(c * x + d * y + phases[1]),
        )
    bent = np.stack([x, y]).astype(np.float32)
    return np.split(bent, np.cumsum([stroke.shape[1] for stroke in strokes])[:-1], axis=1)


def warp_digits(digits: FloatArray, rng: np.random.Generator, strength: float) -> FloatArray:
    """Return digits (n, 28, 28) in [0, 1], each turned, scaled, sheared, shifted, warped at random.

    At strength 1 by up to 12 degrees and, as standard deviations, 7 %, 8 %, 0.7 and 0.7 pixels; at
    less by so much less. Elastic fields follow Simard, Steinkraus and Platt (2003), with a few
    knots for their smoothed noise.
    """
    warped = np.empty(digits.shape, np.float32)
    for start in range(0, len(digits), CHUNK):
        chunk = digits[start : start + CHUNK]
        x, y = _affine_grid(len(chunk), rng, strength)
        x += ELASTIC * strength * _smooth_fields(len(chunk), rng)
        y += ELASTIC * strength * _smooth_fields(len(chunk), rng)
        warped[start : start + CHUNK] = _sample(chunk, x, y)
    return warped


def _affine_grid(
    count: int, rng: np.random.Generator, strength: float
) -> tuple[FloatArray, FloatArray]:
    """Return where each pixel (count, 28, 28) comes from, x and y, from the digit's middle."""

    def normal(deviation: float) -> FloatArray:
        numbers = rng.standard_normal((count, 1, 1), dtype=np.float32)
        return numbers * np.float32(deviation * strength)

    most = TURN * strength
    angle = np.clip(normal(TURN / 2), -most, most) * np.float32(np.pi / 180)
    cos, sin, slant = np.cos(angle), np.sin(angle), normal(SHEAR)
    wide, high = np.exp(normal(SCALE)), np.exp(normal(SCALE))
    axis = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    columns, rows = axis[None, None, :], axis[None, :, None]
    x = cos * wide * columns + (slant * cos - sin) * high * rows + normal(SHIFT)
    y = sin * wide * columns + (slant * sin + cos) * high * rows + normal(SHIFT)
    return x, y


def _smooth_fields(count: int, rng: np.random.Generator) -> FloatArray:
    """Return random fields (count, 28, 28) of deviation about 1 that change slowly."""
    knots = rng.standard_normal((count, KNOTS, KNOTS), dtype=np.float32)
    along = np.linspace(0, KNOTS - 1, SIDE)[:, None] - np.arange(KNOTS)
    basis = np.exp(-0.5 * (along / SMOOTHNESS) ** 2)
    basis = (basis / np.sqrt((basis**2).sum(axis=1, keepdims=True))).astype(np.float32)  # (28, 5)
    return np.asarray(basis @ knots @ basis.T)


def _sample(digits: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return digits (n, 28, 28) read between pixels at x, y from the middle; 0 beyond the edge."""
    side = SIDE + 2  # a border of zeros
    padded = np.pad(digits, ((0, 0), (1, 1), (1, 1))).astype(np.float32).ravel()
    x = np.clip(x + (side - 1) / 2, 0, side - 1.001)
    y = np.clip(y + (side - 1) / 2, 0, side - 1.001)
    left, top = x.astype(np.int64), y.astype(np.int64)
    x, y = x - left, y - top
    first = np.arange(len(digits))[:, None, None] * side**2 + top * side + left
    above = padded[first] * (1 - x) + padded[first + 1] * x
    below = padded[first + side] * (1 - x) + padded[first + side + 1] * x
    return np.asarray(above * (1 - y) + below * y, dtype=np.float32)
