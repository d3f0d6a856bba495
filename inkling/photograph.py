"""The ink in a photograph of paper: without its light, its printed lines, and what lies around.

Numpy and Pillow alone, as a web worker does it for each photograph. Grey levels are uint8 (height,
width), 0 black to 255 white; ink is uint8, how many levels a pixel is darker than its paper.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inkling.ruled_lines import without_lines

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.intp]

LONGER_SIDE = 400  # pixels; a larger photograph is reduced to at most this
WINDOW = 4  # the paper's level is looked for within a quarter of the picture: no stroke fills it
DEVIATIONS = 4  # what is this much darker than paper is no noise; by 5th to 25th percentile
LEAST = 8  # grey levels that ink is darker than paper, whatever the noise
SPECK = 0.15  # of the ink's longer side; a smaller thing beside it is none of it
PALE = 0.3  # of the darkest; what is paler throughout is none of it
FAINT = 0.35  # of the darkest; what is paler holds no things together
INSIDE = 0.12  # of the picture; ink so long that touches no border makes what does a thing around
# Of the darkest within, and of the picture: a thing as dark that touches a border is of the drawing
# where it comes as near as this to the box of what touches none.
ALIKE, NEAR = 0.6, 0.02
EMPTY = 0.02  # of the picture; what is shorter is no drawing


def ink_of_a_photograph(grey: Grey) -> Grey:
    """Return the ink, (height, width) of the picture reduced to 400 at most; 0 where there is none.

    The paper's level is taken off, so uneven light, shadows and dark borders go; then noise,
    printed lines, and what is no part of the drawing.
    """
    image = Image.fromarray(grey)
    image = image.reduce(-(-max(image.size) // LONGER_SIDE)).filter(ImageFilter.MedianFilter(3))
    levels = np.asarray(image)
    darker = _paper(levels) - levels
    noise = _noise(darker)
    ink = np.where(darker > noise, darker - noise, 0).astype(np.uint8)
    ink = without_lines(ink, LEAST)
    return _drawing(ink)


def _paper(levels: Grey) -> Grey:
    """Return the paper's level at each pixel: the picture closed by a square of a quarter of it.

    The greatest level in a window, then the least of these. No stroke fills the window, but light
    that falls off, a shadow's edge and a dark border stay as they are: beyond the borders the
    picture goes on as it is there.
    """
    size = max(levels.shape) // WINDOW
    paper = np.pad(levels, size, mode="edge")
    for least in (np.maximum, np.minimum):
        for axis in (0, 1):
            paper = _in_windows(paper, size, axis, least)
    return paper


def _in_windows(levels: Grey, size: int, axis: int, best: np.ufunc) -> Grey:
    """Return the greatest or least of each `size` + 1 pixels along an axis, `size` fewer of them.

    The windows double: the best of 2n pixels is the better of two bests of n.
    """
    levels = np.swapaxes(levels, 0, axis)
    reach = 1
    while reach <= size:
        step = min(reach, size + 1 - reach)
        levels = best(levels[:-step], levels[step:])
        reach += step
    return np.swapaxes(levels, 0, axis)


def _noise(darker: Grey) -> int:
    """Return how much darker than its surroundings paper itself is, by its grain."""
    upto = np.cumsum(np.bincount(darker.ravel(), minlength=256)) / darker.size
    low, quarter = (int(np.searchsorted(upto, share)) for share in (0.05, 0.25))
    return min(255, quarter + DEVIATIONS * max(1, quarter - low))


class Runs(NamedTuple):
    """The runs of set pixels in the rows of a mask, and of which connected thing each is a part.

    row, start, end: (n,), end exclusive. thing: (n,), counted from 0.
    """

    row: Numbers
    start: Numbers
    end: Numbers
    thing: Numbers


class Things(NamedTuple):
    """The connected things of a mask, (n,) each: their boxes, and how dark their ink is at most.

    right, bottom: exclusive.
    """

    left: Numbers
    top: Numbers
    right: Numbers
    bottom: Numbers
    darkest: Numbers

    def longer(self) -> Numbers:
        """Return each box's longer side."""
        longer: Numbers = np.maximum(self.right - self.left, self.bottom - self.top)
        return longer


def _drawing(ink: Grey) -> Grey:
    """Return the ink without what is no part of the drawing: things around it, specks.

    First by all that is ink; then by what is about as dark as the darkest that was left.
    """
    ink = _connected_ink(ink, LEAST)
    return _connected_ink(ink, max(LEAST, int(FAINT * ink.max())))


def _connected_ink(ink: Grey, least: int) -> Grey:
    """Return the ink of the drawing's things, of what is more than `least`, and of their edges."""
    runs = _runs(ink > least)
    if not len(runs.row):
        return np.zeros_like(ink)
    kept = _paint(runs, _kept(_things(runs, ink), ink.shape), ink.shape)
    return np.where(_thick(kept), ink, 0).astype(np.uint8)  # a stroke's edges are paler


def _thick(mask: Mask) -> Mask:
    """Return a mask a pixel thicker on all sides; Pillow's MaxFilter takes 20 times as long."""
    for axis in (0, 1):
        mask = mask.copy()
        thick, thin = np.swapaxes(mask, 0, axis), np.swapaxes(mask.copy(), 0, axis)
        thick[1:] |= thin[:-1]
        thick[:-1] |= thin[1:]
    return mask


def _kept(things: Things, shape: tuple[int, ...]) -> Mask:
    """Return which things (n,) are the drawing.

    What touches a border is a finger or a table where there is a drawing that touches none; but a
    drawing that is cut off at a border, too, may have parts that touch none.
    """
    height, width = shape
    longer, side = things.longer(), max(shape)
    inside = (things.left > 0) & (things.top > 0) & (things.right < width)
    inside &= things.bottom < height
    allowed = inside & (things.darkest >= PALE * things.darkest.max(initial=0, where=inside))
    if (longer[allowed] >= INSIDE * side).any():
        allowed |= ~inside & _beside(things, allowed & (longer >= INSIDE * side), NEAR * side)
    else:
        allowed = things.darkest >= PALE * things.darkest.max()
    least = max(SPECK * longer[allowed].max(initial=0), EMPTY * side)
    large: Mask = allowed & (longer >= least)
    if not large.any():
        return large
    small: Mask = allowed & _within(things, large)
    return large | small


def _box(things: Things, chosen: Mask) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the box around the chosen things."""
    left, top = things.left[chosen].min(), things.top[chosen].min()
    return int(left), int(top), int(things.right[chosen].max()), int(things.bottom[chosen].max())


def _within(things: Things, chosen: Mask) -> Mask:
    """Return which things (n,) lie within the box around the chosen ones."""
    left, top, right, bottom = _box(things, chosen)
    within = np.asarray((things.left >= left) & (things.top >= top))
    within &= (things.right <= right) & (things.bottom <= bottom)
    return within


def _beside(things: Things, chosen: Mask, near: float) -> Mask:
    """Return which things (n,) reach into the chosen ones' box, or near it, and are as dark."""
    left, top, right, bottom = _box(things, chosen)
    beside = np.asarray((things.left <= right + near) & (things.right >= left - near))
    beside &= (things.top <= bottom + near) & (things.bottom >= top - near)
    beside &= things.darkest >= ALIKE * things.darkest[chosen].max()
    return beside


def _runs(mask: Mask) -> Runs:
    """Return the runs of a mask (height, width); things are connected also by corners."""
    wide = mask.shape[1] + 2
    edges = np.flatnonzero(np.diff(np.pad(mask, 1).ravel().view(np.int8)))
    start, end = edges[::2] + 1, edges[1::2] + 1
    first = np.searchsorted(end, start + wide, "left")  # the runs of the next row that touch it
    beyond = np.searchsorted(start, end + wide, "right")
    touching = np.maximum(beyond - first, 0)
    one = np.repeat(np.arange(len(start)), touching)
    other = np.arange(len(one)) - np.repeat(np.cumsum(touching) - touching, touching) + first[one]
    thing = _connected(len(start), one, other)
    row = start // wide
    return Runs(row - 1, start - row * wide - 1, end - row * wide - 1, thing)


def _connected(count: int, one: Numbers, other: Numbers) -> Numbers:
    """Return a number for each of `count` things, the same for those that pairs connect."""
    least = np.arange(count)
    while True:
        before = least
        lower = np.minimum(least[one], least[other])
        least = least.copy()
        np.minimum.at(least, least[one], lower)
        np.minimum.at(least, least[other], lower)
        np.minimum.at(least, one, lower)
        np.minimum.at(least, other, lower)
        least = least[least]
        if np.array_equal(least, before):
            return np.asarray(np.unique(least, return_inverse=True)[1], np.intp)


def _things(runs: Runs, ink: Grey) -> Things:
    """Return the boxes of the things that runs are parts of, and their darkest ink."""
    count = int(runs.thing.max()) + 1
    height, width = ink.shape
    left, top = np.full(count, width), np.full(count, height)
    right, bottom, darkest = (np.zeros(count, np.intp) for _ in range(3))
    np.minimum.at(left, runs.thing, runs.start)
    np.minimum.at(top, runs.thing, runs.row)
    np.maximum.at(right, runs.thing, runs.end)
    np.maximum.at(bottom, runs.thing, runs.row + 1)
    flat = np.append(ink.ravel(), 0)
    bounds = np.stack([runs.start, runs.end], axis=1) + runs.row[:, None] * width
    np.maximum.at(darkest, runs.thing, np.maximum.reduceat(flat, bounds.ravel())[::2])
    return Things(left, top, right, bottom, darkest)


def _paint(runs: Runs, kept: Mask, shape: tuple[int, ...]) -> Mask:
    """Return a mask (height, width) of the runs of the kept things."""
    chosen = kept[runs.thing]
    row, start, end = runs.row[chosen], runs.start[chosen], runs.end[chosen]
    change = np.zeros((shape[0], shape[1] + 1), np.int8)
    change[row, start] += 1  # no two runs start or end at one pixel, nor where another does
    change[row, end] -= 1
    return np.asarray(np.cumsum(change, axis=1, dtype=np.int8)[:, :-1], np.bool_)
