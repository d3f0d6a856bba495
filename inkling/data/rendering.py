"""How a stroke drawing looks: as ink on the page's canvas, and to the nets."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from functions import SIDE, FloatArray, Grey, decode_image, process_image, to_data_url
from inkling.data.strokes import StrokeDrawing
from inkling.errors import InvalidInput
from inkling.parallel import in_chunks

CANVAS = 280  # px, the side of the page's canvas that all lengths here are measured on
SUPERSAMPLING = 4  # sub-pixels a side; 8 costs twice the time and moves 28×28 by less than 0.01
# Pillow fills every sub-pixel that an outline touches: shapes come out wider by this much a side.
OUTLINE = 0.4
WIDTHS, SIZES, TILTS = (3.0, 40.0), (0.15 * CANVAS, 1.0 * CANVAS), (-20.0, 20.0)
# Ink wider than this share of its digit closes the loops: an 8 and a 1 become the same blob.
WIDEST_OF_SIZE = 0.4
CHUNK = 256  # drawings handed to a process at once


Vary = Callable[[Sequence[FloatArray], np.random.Generator], Sequence[FloatArray]]
VaryPage = Callable[[Grey, np.random.Generator], Grey]


class Rendering(NamedTuple):
    """How a drawing lies on the canvas, all of it but the tilt in pixels of the canvas.

    width: of the pen. size: the longer side of the box around the path of the pen's tip, so ink
    reaches half a width further. place: the middle of that box, (x, y) from the upper left.
    tilt: degrees, clockwise.
    """

    width: float = 20
    size: float = 200
    place: tuple[float, float] = (140, 140)
    tilt: float = 0


AS_THE_PAGE_DRAWS = Rendering()
RandomRendering = Callable[[np.random.Generator], Rendering]


def render_strokes(
    strokes: Sequence[FloatArray],
    *,
    width: float = 20,
    size: float = 200,
    place: tuple[float, float] = (140, 140),
    tilt: float = 0,
    canvas: int = CANVAS,
) -> Grey:
    """Return strokes (2, n) as the page's canvas draws them: uint8 (canvas, canvas).

    Ink is 0 on paper 255. Caps and joins are round, edges anti-aliased; a stroke that is a single
    point is a dot. See `Rendering` for width, size, place and tilt. What lies beyond the canvas is
    cut off.

    Raises InvalidInput where there is no point to draw.
    """
    points = _place(strokes, size, place, tilt)  # (2, n)
    paper = np.full((canvas, canvas), 255, np.uint8)
    reach = width / 2 + 1
    left, top = np.clip(np.floor(points.min(axis=1) - reach), 0, canvas).astype(int).tolist()
    right, bottom = np.clip(np.ceil(points.max(axis=1) + reach), 0, canvas).astype(int).tolist()
    if right <= left or bottom <= top:
        return paper
    fine = Image.new("L", ((right - left) * SUPERSAMPLING, (bottom - top) * SUPERSAMPLING))
    corner = np.array([[left], [top]])
    lengths = [stroke.shape[1] for stroke in strokes]
    for path in np.split((points - corner) * SUPERSAMPLING, np.cumsum(lengths)[:-1], axis=1):
        _draw_path(ImageDraw.Draw(fine), path, width / 2 * SUPERSAMPLING - OUTLINE)
    paper[top:bottom, left:right] -= np.asarray(fine.reduce(SUPERSAMPLING))
    return paper


def seen_digit(drawing: StrokeDrawing, rendering: Rendering = AS_THE_PAGE_DRAWS) -> FloatArray:
    """Return what the nets see, (28, 28) in [0, 1], of a drawing that the page posts as a PNG.

    Raises InvalidInput for one that shows no ink.
    """
    paper = render_strokes(drawing.strokes, **rendering._asdict())
    digit = process_image(decode_image(to_data_url(paper)))
    if digit is None:
        raise InvalidInput(f"A drawing of {drawing.writer!r} shows no ink.", "Leave it out.")
    return digit


def _place(
    strokes: Sequence[FloatArray], size: float, place: tuple[float, float], tilt: float
) -> NDArray[np.float64]:
    """Return all points (2, n) on the canvas.

    The middle of their box comes to `place`, its longer side becomes `size`, and all is tilted.
    """
    points = np.concatenate([np.empty((2, 0)), *strokes], axis=1)
    if not points.size:
        raise InvalidInput("The drawing has no points.", "Leave it out.")
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    longer = float((high - low).max()) or 1.0  # a dot has no size
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    turn = np.array([[cos, -sin], [sin, cos]])  # clockwise, as y points down
    return np.asarray(turn @ (points - (low + high) / 2) * (size / longer) + np.c_[place].T)


def _draw_path(draw: ImageDraw.ImageDraw, path: NDArray[np.float64], radius: float) -> None:
    """Fill the area within `radius` of a path (2, n): a box along each line, a disc on each point.

    Pillow's own thick lines have ragged joins and take twice the time.
    """
    along = np.diff(path)  # (2, n - 1)
    lengths = np.hypot(*along)
    across = np.stack([-along[1], along[0]]) * (radius / np.where(lengths, lengths, 1))
    start, end = path[:, :-1], path[:, 1:]
    for box in np.concatenate([start + across, end + across, end - across, start - across]).T:
        draw.polygon(box.tolist(), fill=255)
    for x, y in path.T.tolist():
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def random_rendering(rng: np.random.Generator) -> Rendering:
    """Return a rendering as visitors might draw: any pen, size and place on the canvas, any tilt.

    Width and size are spread evenly over their logarithms, since 28×28 shows only their ratio.
    An upright path stays on the canvas, a tilted one may leave it at a corner; where it fills the
    canvas, the ink's outer half may be cut off.
    """
    size = math.exp(rng.uniform(*np.log(SIZES)))
    width = math.exp(rng.uniform(*np.log((WIDTHS[0], min(WIDTHS[1], WIDEST_OF_SIZE * size)))))
    place = place_at_random(size, width, rng)
    return Rendering(width, size, place, float(rng.uniform(*TILTS)))


def place_at_random(size: float, width: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return any place, (x, y), that keeps an upright drawing of this size on the canvas.

    At the edge, the ink's outer half may be cut off.
    """
    slack = max(0.0, CANVAS - size - width * rng.uniform()) / 2
    x, y = CANVAS / 2 + rng.uniform(-slack, slack, 2)
    return float(x), float(y)


def digits_from_strokes(
    drawings: Sequence[StrokeDrawing],
    seed: int | Sequence[int],
    *,
    vary: Vary | None = None,
    rendering: RandomRendering = random_rendering,
    vary_page: VaryPage | None = None,
    workers: int | None = None,
) -> FloatArray:
    """Return what the nets see of each drawing, rendered at random.

    It is float32 (n, 28, 28) in [0, 1]. `vary` may bend the strokes first, `rendering` lays them
    out, and `vary_page` may make another page of it; where nothing is seen on that, it is left. The
    seed and a drawing's index alone decide what becomes of it, however many worker
    processes there are (default: one for each processor). 20,000 drawings take some 12 s on four.

    Raises InvalidInput for a drawing without points.
    """
    work = partial(_digits_of_chunk, seed=seed, vary=vary, rendering=rendering, vary_page=vary_page)
    parts = in_chunks(work, drawings, CHUNK, workers=workers)
    return np.concatenate([np.empty((0, SIDE, SIDE), np.float32), *parts])


def _digits_of_chunk(
    drawings: Sequence[StrokeDrawing],
    start: int,
    seed: int | Sequence[int],
    vary: Vary | None,
    rendering: RandomRendering,
    vary_page: VaryPage | None,
) -> FloatArray:
    """Return digits (n, 28, 28) of drawings whose first has index `start`."""
    digits = np.empty((len(drawings), SIDE, SIDE), np.float32)
    for i, drawing in enumerate(drawings):
        rng = np.random.default_rng([start + i, *np.atleast_1d(seed).tolist()])
        strokes = vary(drawing.strokes, rng) if vary else drawing.strokes
        paper = render_strokes(strokes, **rendering(rng)._asdict())
        digit = process_image(vary_page(paper, rng)) if vary_page else None
        if digit is None:
            digit = process_image(paper)
        if digit is None:
            raise InvalidInput(
                f"Drawing {start + i} of {drawing.writer!r} shows no ink.", "Leave it out."
            )
        digits[i] = digit
    return digits
