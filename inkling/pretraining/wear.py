"""What happens to drawings on an open site: broken and dotted lines, blots, tails, coarse canvases.

A fast mouse leaves dots where its events were far apart, a thick pen and a nervous hand leave
blots, small canvases leave soft grey edges. Most drawings stay whole.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from functions import FloatArray, Grey
from inkling.data.paper import on_paper
from inkling.data.strokes import lengths_along, points_along
from inkling.pretraining.augmentation import distort_strokes
from inkling.pretraining.synthetic_digits import Strokes

WHOLE = 0.7  # the share of drawings whose strokes stay as they are
SPACING = (0.05, 0.16)  # between dots; of the drawing's longer side
GAP = (0.04, 0.14)  # of the way's length
BLOT = (0.05, 0.16)  # a scribble's reach; of the longer side
COARSE, PAPER, PALE = 0.15, 0.15, 0.1  # shares of pages
CANVAS_SIDES = (28, 84)  # px of a coarse canvas
PALEST = 150  # the lightest grey level of pale ink

Change = Callable[[Strokes, np.random.Generator], Strokes]


def wear_strokes(strokes: Sequence[FloatArray], rng: np.random.Generator) -> Strokes:
    """Return strokes (2, n) as they came, or dotted, broken, blotted or with a tail."""
    found = [*strokes]
    if rng.random() < WHOLE:
        return found
    change = CHANGES[int(rng.integers(len(CHANGES)))]
    return change(found, rng)


def _dotted(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Return strokes that are dots on a part of their way, or on all of it."""
    start, end = _part(rng, 0.3, 1.0)
    spacing = rng.uniform(*SPACING) * _side(strokes)
    found: Strokes = []
    for stroke, low, high in _shares(strokes, start, end):
        before, middle, after = _cut(stroke, low, high)
        found += [part for part in (before, *_dots(middle, spacing, rng), after) if part.size]
    return found or strokes


def _broken(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Return strokes with one to three gaps."""
    found = strokes
    for _ in range(int(rng.integers(1, 4))):
        length = rng.uniform(*GAP)
        start = rng.uniform(0.05, 0.95 - length)
        parts: Strokes = []
        for stroke, low, high in _shares(found, start, start + length):
            before, _, after = _cut(stroke, low, high)
            parts += [part for part in (before, after) if part.size]
        found = parts or found
    return found


def _blotted(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Return strokes with a place where the pen went to and fro."""
    stroke = strokes[rng.integers(len(strokes))]
    place = stroke[:, rng.integers(stroke.shape[1])][:, np.newaxis]
    reach = rng.uniform(*BLOT) * _side(strokes)
    scribble = place + rng.uniform(-reach / 2, reach / 2, (2, int(rng.integers(4, 12))))
    return [*strokes, scribble.astype(np.float32)]


def _with_tail(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Return strokes whose end, or start, runs on for a while, dotted sometimes."""
    backwards = rng.random() < 0.4
    number = 0 if backwards else len(strokes) - 1
    stroke = strokes[number][:, ::-1] if backwards else strokes[number]
    end, before = stroke[:, -1], stroke[:, -min(4, stroke.shape[1])]
    along = (end - before) / (np.hypot(*(end - before)) or 1.0)
    angle = rng.normal(0, 0.4)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    tip = end + turn @ along * rng.uniform(0.08, 0.3) * _side(strokes)
    tail = np.stack([end, tip], axis=1).astype(np.float32)
    if rng.random() < 0.5:
        dots = _dots(tail, rng.uniform(*SPACING) * _side(strokes), rng)
        return [*strokes, *dots]
    return [*strokes, tail]


def vary_strokes(strokes: Sequence[FloatArray], rng: np.random.Generator) -> Strokes:
    """Return strokes as another hand might draw them on an open site, the longer side about 1."""
    return wear_strokes(distort_strokes(strokes, rng), rng)


CHANGES: Sequence[Change] = (_dotted, _broken, _blotted, _with_tail)


def _side(strokes: Strokes) -> float:
    """Return the longer side of the box around strokes."""
    return float(np.ptp(np.concatenate(strokes, axis=1), axis=1).max()) or 1.0


def _part(rng: np.random.Generator, least: float, most: float) -> tuple[float, float]:
    """Return a part of a way, in [0, 1]."""
    length = rng.uniform(least, most)
    start = rng.uniform(0, 1 - length)
    return start, start + length


def _shares(strokes: Strokes, start: float, end: float) -> list[tuple[FloatArray, float, float]]:
    """Return each stroke with what a part of the whole way is of its own length."""
    lengths = [float(lengths_along(stroke)[-1]) for stroke in strokes]
    ends = np.cumsum(lengths)
    low, high = start * ends[-1], end * ends[-1]
    return [
        (stroke, low - last + length, high - last + length)
        for stroke, length, last in zip(strokes, lengths, ends, strict=True)
    ]


def _cut(stroke: FloatArray, low: float, high: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what lies before, between and after two lengths along a stroke; parts may be empty."""
    along = lengths_along(stroke)
    low, high = (float(np.clip(at, 0, along[-1])) for at in (low, high))

    def between(start: float, end: float) -> FloatArray:
        if end <= start:
            return np.empty((2, 0), np.float32)
        inner = (along > start) & (along < end)
        at = np.concatenate([[start], along[inner], [end]])
        return points_along(stroke, at)

    return between(0, low), between(low, high), between(high, float(along[-1]))


def _dots(stroke: FloatArray, spacing: float, rng: np.random.Generator) -> Strokes:
    """Return dots along a stroke, strokes of one point each, evenly but for a little."""
    if not stroke.size:
        return []
    along = lengths_along(stroke)
    count = max(2, round(float(along[-1]) / spacing) + 1)
    at = np.linspace(0, along[-1], count) + rng.normal(0, 0.1 * spacing, count)
    return list(points_along(stroke, at).T[:, :, np.newaxis])


def wear_page(page: Grey, rng: np.random.Generator) -> Grey:
    """Return a page, uint8 (height, width), as it came, or coarse, pale or photographed."""
    lot = rng.random()
    if lot < COARSE:
        side = int(rng.integers(*CANVAS_SIDES))
        return np.asarray(Image.fromarray(page).resize((side, side), Image.Resampling.BOX))
    if lot < COARSE + PAPER:
        return on_paper(page, rng)
    if lot < COARSE + PAPER + PALE:
        return _pale(page, rng)
    return page


def _pale(page: Grey, rng: np.random.Generator) -> Grey:
    """Return a page whose ink is grey, and not everywhere as dark."""
    knots = rng.uniform(0, PALEST, (4, 4)).astype(np.float32)
    level = np.asarray(Image.fromarray(knots).resize(page.shape[::-1], Image.Resampling.BICUBIC))
    pale = page + (255 - page.astype(np.float32)) * level / 255
    return np.asarray(np.clip(pale, 0, 255), np.uint8)
