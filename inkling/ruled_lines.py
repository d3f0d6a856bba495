"""Printed lines in a photograph of paper, lined or squared: found from border to border, removed.

Ink is uint8 (height, width), how many levels a pixel is darker than its paper.
"""

from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.intp]
Rows = NDArray[np.float64]

COARSE = 200  # pixels: lines are looked for in a mask reduced to at most this
STEEPEST, STEPS = 0.2, 14  # of a line: how far it rises for each pixel; steps up and down
COVERED, BESIDE = 0.78, 0.6  # of its way from border to border that has ink; of that beside it
NEAR = 4  # coarse pixels: two lines are further apart
WIDEST = 0.02  # of the picture: half of a line's width
PIECES = 8  # of a line, each of which tells where the line is
MOST = 60  # lines in a direction
SMALLEST = 32  # pixels; a picture with a shorter side shows no line apart from a stroke
FULL = 0.5  # of the picture; more ink is no line


class Lines(NamedTuple):
    """Nearly level lines: each one's middle row at each column (n, width), and half its width."""

    middle: Numbers
    half: Numbers


def without_lines(ink: Grey, least: int) -> Grey:
    """Return ink (height, width) without the lines that run from border to border.

    Where a stroke crosses a line, what is ink on either side of the line stays. least: what more
    than is ink.
    """
    level, upright = _lines(ink, least), _lines(ink.T, least)
    if not len(level.half) and not len(upright.half):
        return ink
    printed = _band(level, ink.shape), _band(upright, ink.T.shape).T
    drawn = ink > least
    crossed = _crossed(level, drawn & ~printed[1]) | _crossed(upright, (drawn & ~printed[0]).T).T
    return np.where((printed[0] | printed[1]) & ~crossed, 0, ink).astype(np.uint8)


def _lines(ink: Grey, least: int) -> Lines:
    """Return the nearly level lines in ink."""
    mask = ink > least
    found = _straight(mask)
    if not len(found):
        return Lines(np.empty((0, ink.shape[1]), np.intp), np.empty(0, np.intp))
    reach = max(4, round(WIDEST * max(ink.shape)))
    middle = _refined(ink, found, 2 * reach, least)
    half = _half_widths(mask, middle, reach)
    thin = half < reach
    return Lines(middle[thin], half[thin])


def _straight(mask: Mask) -> Rows:
    """Return about where nearly level lines run in a mask: each one's rows (n, width).

    Each set pixel lies on one line of each rise; counted is how many lie on the same.
    """
    if min(mask.shape) < SMALLEST or not 0 < mask.mean() < FULL:
        return np.empty((0, mask.shape[1]))
    factor = -(-max(mask.shape) // COARSE)
    small = _reduced(mask, factor)
    height, width = small.shape
    y, x = np.nonzero(small)
    rises: Rows = np.arange(-STEPS, STEPS + 1.0)[:, None] * (STEEPEST / STEPS)
    columns = np.arange(width) + 0.5 - width / 2
    shift = np.rint(columns * rises).astype(np.intp)  # (rises, width)
    place = y - shift[:, x]  # in the picture's middle column
    on = (place >= 0) & (place < height)
    place += np.arange(len(rises))[:, None] * height
    hits = np.bincount(place[on], minlength=len(rises) * height).reshape(-1, height)
    covered = (hits / (width * _seen(rises, height, width))).astype(np.float64)
    chosen = _peaks(covered, rises, width)
    at = (np.arange(mask.shape[1]) + 0.5) / factor - width / 2
    return np.array([(row + 0.5 + rises[rise] * at) * factor for rise, row in chosen]).reshape(
        -1, mask.shape[1]
    )


def _reduced(mask: Mask, factor: int) -> Mask:
    """Return whether any pixel of each square, or of those above and below, is set."""
    height, width = (side // factor * factor for side in mask.shape)
    whole = mask[:height, :width]
    small = np.zeros((height // factor, width // factor), np.bool_)
    for row, column in product(range(factor), repeat=2):
        small |= whole[row::factor, column::factor]
    thick = small.copy()
    thick[1:] |= small[:-1]
    thick[:-1] |= small[1:]
    return thick


def _seen(rises: Rows, height: int, width: int) -> Rows:
    """Return what share of each line (rises, height) is within the picture; inf below 0.6."""
    row = np.arange(height) + 0.5
    reach = np.abs(rises) * width / 2 + 1e-9
    seen = (np.minimum(row + reach, height) - np.maximum(row - reach, 0)) / (2 * reach)
    return np.asarray(np.where(seen < 0.6, np.inf, seen), np.float64)


def _peaks(covered: Rows, rises: Rows, width: int) -> list[tuple[int, int]]:
    """Return rise and row of each line that is covered more than what is beside it."""
    beside = np.zeros_like(covered)
    beside[:, NEAR:] = covered[:, :-NEAR]
    beside[:, :-NEAR] = np.maximum(beside[:, :-NEAR], covered[:, NEAR:])
    covered = np.where(beside < BESIDE * covered, covered, 0)
    middles = np.arange(covered.shape[1])
    left, right = middles - rises * width / 2, middles + rises * width / 2
    found: list[tuple[int, int]] = []
    while len(found) < MOST:
        rise, row = divmod(int(covered.argmax()), covered.shape[1])
        if covered[rise, row] < COVERED:
            break
        found.append((rise, row))
        one, other = left - left[rise, row], right - right[rise, row]
        covered[(abs(one) < NEAR) | (abs(other) < NEAR) | (one * other < 0)] = 0
    return found


def _around(levels: Grey, middle: Numbers, reach: int) -> Grey:
    """Return the levels (n, 2 * reach + 1, width) around rows (n, width); 0 beyond the picture."""
    padded = np.pad(levels, ((reach, reach), (0, 0)))
    rows = np.arange(2 * reach + 1)[:, None] + np.clip(middle, 0, len(levels) - 1)[:, None, :]
    return np.asarray(padded[rows, np.arange(levels.shape[1])])


def _refined(ink: Grey, rows: Rows, reach: int, least: int) -> Numbers:
    """Return the rows (n, width) of lines, moved to where their ink is.

    Each piece of a line tells how far off it is; median slope and median place follow most.
    """
    width = rows.shape[1]
    capped = np.minimum(ink, 3 * least)  # strokes that cross are darker than the line
    around = _around(capped, np.rint(rows).astype(np.intp), reach)
    starts = np.arange(PIECES) * width // PIECES
    weight = np.add.reduceat(around, starts, axis=2, dtype=np.int32)  # (n, 2 * reach + 1, pieces)
    off = weight.argmax(axis=1) - reach
    one, other = np.array([*combinations(range(PIECES), 2)]).T
    at = starts + width / PIECES / 2
    slope = np.median((off[:, other] - off[:, one]) / (at[other] - at[one]), axis=1)[:, None]
    start = np.median(off - slope * at, axis=1)[:, None]
    return np.asarray(np.rint(rows + start + slope * np.arange(width)), np.intp)


def _half_widths(mask: Mask, middle: Numbers, reach: int) -> Numbers:
    """Return how far (n,) lines reach beyond their middles, `reach` at most."""
    usual = _around(mask.view(np.uint8), middle, reach).mean(axis=2)  # (n, 2 * reach + 1)
    wider = np.maximum(usual[:, reach - 1 :: -1], usual[:, reach + 1 :]) > 0.4
    return np.asarray(np.cumprod(wider, axis=1).sum(axis=1), np.intp)


def _band(lines: Lines, shape: tuple[int, ...]) -> Mask:
    """Return where in a picture (height, width) the lines are."""
    return _marked(lines, np.ones(lines.middle.shape, bool), shape)


def _crossed(lines: Lines, drawn: Mask) -> Mask:
    """Return where (height, width) there is ink beside a line, so that a stroke may cross it."""
    rows = np.arange(len(drawn))
    beside = np.zeros(lines.middle.shape, bool)
    for side in (-1, 1):
        row = lines.middle + side * (lines.half[:, None] + 2)
        there = (row >= 0) & (row < len(rows))
        beside |= there & drawn[np.clip(row, 0, len(rows) - 1), np.arange(drawn.shape[1])]
    return _marked(lines, beside, drawn.shape)


def _marked(lines: Lines, columns: Mask, shape: tuple[int, ...]) -> Mask:
    """Return a mask (height, width) of lines, at those of their columns (n, width) that are set."""
    mask = np.zeros(shape, bool)
    for step in range(-int(lines.half.max(initial=0)) - 1, int(lines.half.max(initial=0)) + 2):
        row = lines.middle + step
        chosen = columns & (row >= 0) & (row < shape[0]) & (abs(step) <= lines.half + 1)[:, None]
        mask[row[chosen], np.nonzero(chosen)[1]] = True
    return mask
