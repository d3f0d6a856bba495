"""Photographs of pen drawings as phones make them: ruled paper, shadows, thin ink, fingers.

`paper` has the plain ones; here each `Kind` adds one thing that makes reading harder.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray, decode_image_bytes, process_image
from inkling.data import surroundings
from inkling.data.paper import GRAIN, PAPER, SHADE, as_jpeg, seen_by
from inkling.data.rendering import Rendering, render_strokes
from inkling.data.strokes import StrokeDrawing

SIDES, LARGE_SIDE = (280, 512), 1000  # pixels of a picture
SIZES, LARGE_SIZES = (0.35, 0.7), (0.28, 0.38)  # of the picture: the digit's longer side
WIDTHS, THIN_WIDTHS = (0.05, 0.12), (0.018, 0.035)  # of the digit: the pen
TILTS = (-15.0, 15.0)  # degrees
MARGIN = 0.12  # of the picture, around the digit, where something else may lie
INK, BALL_PEN, PENCIL, FAINT = (0.1, 0.45), (0.2, 0.5), (0.5, 0.72), (0.7, 0.82)  # of the paper's
STRONG_SHADE = (0.45, 0.65)  # of its light that the darkest corner lacks
BLUR = (0.4, 1.4)  # pixels


class Kind(StrEnum):
    """What is hard about a photograph."""

    PLAIN = "plain"
    LINED = "lined paper"
    SQUARED = "squared paper"
    SHADOW = "a shadow's edge"
    UNEVEN = "strongly uneven light"
    PENCIL = "thin pencil"
    BALL_PEN = "thin ball pen"
    FAINT = "low contrast"
    FRAME = "a dark frame"
    TABLE = "a table's edge"
    FINGER = "a finger"
    LARGE = "1000 px, a digit of a third"
    MIXED = "two of these"


PLAIN_OR_HARD = [kind for kind in Kind if kind is not Kind.MIXED]
HARD = [kind for kind in PLAIN_OR_HARD if kind is not Kind.PLAIN]
INKS = {Kind.BALL_PEN: BALL_PEN, Kind.PENCIL: PENCIL, Kind.FAINT: FAINT}


class Layout(NamedTuple):
    """A picture's side in pixels, and the digit's rendering on it."""

    side: int
    rendering: Rendering


def photograph(strokes: Sequence[FloatArray], kind: Kind, rng: np.random.Generator) -> bytes:
    """Return a JPEG of grey levels, square, of strokes (2, n) on paper; of none, a blank page."""
    kinds = {kind}
    if kind is Kind.MIXED:
        kinds = {HARD[i] for i in rng.choice(len(HARD), 2, replace=False)}
    side, rendering = layout(kinds, rng)
    blank = np.full((side, side), 255, np.uint8)
    drawn = render_strokes(strokes, canvas=side, **rendering._asdict()) if strokes else blank
    ink = 1 - drawn.astype(np.float32) / 255  # 0 paper to 1
    levels = [INKS[each] for each in INKS if each in kinds] or [INK]
    seen = _ruled(kinds, side, rendering.size, rng)
    # What ink lets through: a line beneath it does not make it darker than the ink.
    seen = np.minimum(seen, 1 - ink * (1 - rng.uniform(*levels[-1])))
    light = _light(kinds, side, rng)
    page = rng.uniform(*PAPER) * seen
    page = _beside(kinds, page, surroundings.box_of(drawn), rng)
    grain = rng.normal(0, rng.uniform(*GRAIN), page.shape)
    return as_jpeg(page * light + grain, float(rng.uniform(*BLUR)), rng)


def layout(kinds: set[Kind], rng: np.random.Generator) -> Layout:
    """Return how large picture, digit and pen are; the digit keeps away from the borders.

    It is what `photograph` takes from its generator first.
    """
    large, thin = Kind.LARGE in kinds, bool(kinds & {Kind.PENCIL, Kind.BALL_PEN})
    side = LARGE_SIDE if large else int(rng.integers(*SIDES, endpoint=True))
    size = side * rng.uniform(*(LARGE_SIZES if large else SIZES))
    width = max(1.5, size * rng.uniform(*(THIN_WIDTHS if thin else WIDTHS)))
    slack = max(0.0, side / 2 - size * 0.6 - side * MARGIN)
    x, y = side / 2 + rng.uniform(-slack, slack, 2)
    return Layout(side, Rendering(width, size, (float(x), float(y)), float(rng.uniform(*TILTS))))


def _ruled(
    kinds: set[Kind], side: int, size: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the paper's share of light, (side, side) in [0, 1], with the lines printed on it."""
    paper = np.ones((side, side), np.float32)
    if kinds & {Kind.LINED, Kind.SQUARED}:
        squared = Kind.SQUARED in kinds
        spacing = size * rng.uniform(*((0.2, 0.6) if squared else (0.35, 1.1)))
        return surroundings.rule(paper, float(spacing), squared, rng)
    return paper


def _light(kinds: set[Kind], side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the light on the page, (side, side) in [0, 1]."""
    missing = rng.uniform(*STRONG_SHADE) if Kind.UNEVEN in kinds else rng.uniform(0, SHADE)
    light = surroundings.slope(side, float(missing), rng)
    return light * surroundings.shadow(side, rng) if Kind.SHADOW in kinds else light


def _beside(
    kinds: set[Kind],
    page: NDArray[np.float32],
    box: tuple[int, int, int, int],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return a page (side, side) with what covers its borders and nothing of the ink's box."""
    if Kind.FRAME in kinds:
        page = surroundings.dark_edges(page, box, range(4), rng)
    if Kind.TABLE in kinds:
        first = int(rng.integers(4))
        page = surroundings.dark_edges(
            page, box, [first, (first + 1) % 4][: rng.integers(1, 3)], rng
        )
    if Kind.FINGER in kinds:
        page = surroundings.finger(page, box, rng)
    return page


def read_photograph(jpeg: bytes) -> FloatArray | None:
    """Return what the nets see, (28, 28) in [0, 1], of a photograph's file; None of nothing."""
    return process_image(decode_image_bytes(jpeg))


def photographed_drawings(drawings: Sequence[StrokeDrawing], kind: Kind, seed: int) -> FloatArray:
    """Return what the nets see of photographed drawings, float32 (n, 28, 28); 0 where nothing.

    The seed and a drawing's index alone decide what becomes of it.
    """
    return seen_by(partial(_photographed, kind=kind), drawings, seed)


def _photographed(
    drawing: StrokeDrawing, rng: np.random.Generator, kind: Kind
) -> FloatArray | None:
    return read_photograph(photograph(drawing.strokes, kind, rng))
