"""The stroke rasteriser: what lies where on the canvas, how random renderings vary."""

import numpy as np
import pytest
from numpy.typing import NDArray

from functions import FloatArray, Grey, decode_image, process_image, to_data_url
from inkling.data import rendering
from inkling.data.rendering import CANVAS, Rendering, random_rendering, render_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.errors import InvalidInput

LINE = [np.array([[0, 1000], [0, 0]], np.float32)]  # from left to right
CORNER = [np.array([[0, 600, 600], [0, 0, 1000]], np.float32)]
DOT = [np.array([[500], [500]], np.float32)]


def box(paper: Grey) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is at least half ink, right and bottom exclusive."""
    rows, columns = (
        np.nonzero((paper < 128).any(axis=1))[0],
        np.nonzero((paper < 128).any(axis=0))[0],
    )
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def exact(points: FloatArray, width: float, canvas: int) -> NDArray[np.float64]:
    """The same ink by distance: grey levels of a path of points (2, n) given on the canvas."""
    side = (np.arange(canvas * 8) + 0.5) / 8
    at = np.stack(np.meshgrid(side, side))
    nearest = np.full(at.shape[1:], np.inf)
    for start, end in zip(points.T[:-1], points.T[1:], strict=True):
        along = end - start
        t = np.clip(np.tensordot(along, at - start[:, None, None], 1) / (along @ along), 0, 1)
        foot = start[:, None, None] + along[:, None, None] * t
        nearest = np.minimum(nearest, np.hypot(*(at - foot)))
    ink = (nearest <= width / 2).reshape(canvas, 8, canvas, 8).mean(axis=(1, 3))
    return np.asarray(255 * (1 - ink))


@pytest.mark.parametrize("canvas", [28, 280, 301])
def test_paper_is_white_and_ink_black(canvas: int) -> None:
    place = (canvas / 2, canvas / 2)
    paper = render_strokes(CORNER, size=canvas * 0.7, width=canvas / 10, place=place, canvas=canvas)
    assert paper.shape == (canvas, canvas)
    assert paper.dtype == np.uint8
    assert set(paper[[0, -1], :].ravel()) == {255}
    assert paper.min() == 0


@pytest.mark.parametrize("width", [3, 8, 20, 40])
@pytest.mark.parametrize("place", [(60.3, 71.8), (50, 50)])
def test_ink_is_what_lies_within_half_a_width_of_the_path(
    width: float, place: tuple[float, float]
) -> None:
    zigzag = np.array([[0, 30, 12, 24, 0], [0, 9, 21, 50, 43]], np.float32)
    paper = render_strokes([zigzag], width=width, size=50, place=place, canvas=120)
    middle = np.array([[15], [25]])
    wanted = exact(zigzag - middle + np.c_[place].T, width, 120)
    off = np.abs(paper - wanted)
    assert off[wanted < 255].mean() < 8  # grey levels
    assert off.max() < 120  # less than half of any one pixel
    assert (255.0 - paper).sum() == pytest.approx((255 - wanted).sum(), rel=0.04)


def test_every_stroke_is_drawn_and_pen_up_leaves_a_gap() -> None:
    both = [np.array([[0, 300], [0, 0]], np.float32), np.array([[700, 1000], [0, 0]], np.float32)]
    row = render_strokes(both, size=200)[140]
    assert row[60] == row[220] == 0
    assert row[140] == 255


def test_a_point_is_a_round_dot_whatever_the_size() -> None:
    small, large = (render_strokes(DOT, width=20, size=size) for size in (42, 280))
    assert (small == large).all()
    assert (255.0 - small).sum() / 255 == pytest.approx(np.pi * 100, rel=0.02)
    assert box(small) == (130, 130, 150, 150)


@pytest.mark.parametrize("size", [42, 200, 240])
@pytest.mark.parametrize("width", [3, 20, 40])
def test_size_is_the_paths_longer_side_and_ink_reaches_half_a_width_further(
    size: float, width: float
) -> None:
    left, top, right, bottom = box(render_strokes(CORNER, width=width, size=size))
    assert bottom - top == pytest.approx(size + width, abs=2)
    assert right - left == pytest.approx(0.6 * size + width, abs=2)


@pytest.mark.parametrize("place", [(140, 140), (70, 200.5), (210, 90)])
def test_place_is_the_middle(place: tuple[float, float]) -> None:
    left, top, right, bottom = box(render_strokes(CORNER, width=10, size=100, place=place))
    assert (left + right) / 2 == pytest.approx(place[0], abs=1)
    assert (top + bottom) / 2 == pytest.approx(place[1], abs=1)


def test_tilt_is_clockwise() -> None:
    paper = render_strokes(LINE, width=10, size=200, tilt=20)
    _, top, _, bottom = box(paper)
    assert bottom - top == pytest.approx(200 * np.sin(np.radians(20)) + 10, abs=2)
    assert (paper[140:, 160:] < 128).any()  # the right end went down
    assert not (paper[:130, 160:] < 128).any()


@pytest.mark.parametrize("place", [(0, 140), (280, 280), (-5000, 140), (140, 5000)])
def test_what_lies_beyond_the_canvas_is_cut_off(place: tuple[float, float]) -> None:
    whole = render_strokes(LINE, size=200)
    cut = render_strokes(LINE, size=200, place=place)
    assert (cut < 255).sum() < (whole < 255).sum()
    assert cut.shape == whole.shape


@pytest.mark.parametrize("nothing", [[], [np.empty((2, 0), np.float32)]])
def test_no_points_are_refused(nothing: list[FloatArray]) -> None:
    with pytest.raises(InvalidInput, match="no points"):
        render_strokes(nothing)


def test_random_renderings_cover_their_ranges_and_stay_on_the_canvas() -> None:
    rng = np.random.default_rng(0)
    width, size, x, y, tilt = np.array(
        [[r.width, r.size, *r.place, r.tilt] for r in (random_rendering(rng) for _ in range(4000))]
    ).T
    for values, low, high in [(width, 3, 40), (size, 42, 280), (tilt, -20, 20)]:
        near = 0.02 * (high - low)
        assert low <= values.min() < low + near
        assert high - near < values.max() <= high
    for middle in (x, y):
        assert (middle - size / 2).min() >= 0
        assert (middle + size / 2).max() <= CANVAS
    assert (width / size).max() <= rendering.WIDEST_OF_SIZE
    assert x.min() < 40
    assert y.max() > 240


def test_a_data_url_is_the_paper_as_the_app_reads_it() -> None:
    paper = render_strokes(CORNER)
    assert (decode_image(to_data_url(paper)) == paper).all()


def some_drawings(count: int) -> list[StrokeDrawing]:
    rng = np.random.default_rng(1)
    paths = rng.uniform(0, 1000, (count, 2, 6)).astype(np.float32)
    return [StrokeDrawing(0, "w", [path[:, :4], path[:, 4:]]) for path in paths]


def test_digits_are_what_process_image_sees_of_random_renderings() -> None:
    drawings = some_drawings(3)
    digits = rendering.digits_from_strokes(drawings, 7)
    assert digits.shape == (3, 28, 28)
    assert digits.dtype == np.float32
    random = random_rendering(np.random.default_rng([2, 7]))
    wanted = process_image(render_strokes(drawings[2].strokes, **random._asdict()))
    assert (digits[2] == wanted).all()


@pytest.mark.parametrize("workers", [1, 2])
def test_digits_depend_on_seed_and_index_alone(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings = some_drawings(5)
    wanted = rendering.digits_from_strokes(drawings, 3)
    monkeypatch.setattr(rendering, "CHUNK", 2)
    assert (rendering.digits_from_strokes(drawings, 3, workers=workers) == wanted).all()
    other = rendering.digits_from_strokes(drawings, 4, workers=1)
    assert (other != wanted).any(axis=(1, 2)).all()


def test_no_drawings_give_no_digits() -> None:
    assert rendering.digits_from_strokes([], 0).shape == (0, 28, 28)


def test_the_defaults_of_rendering_are_those_of_render_strokes() -> None:
    assert (render_strokes(CORNER, **Rendering()._asdict()) == render_strokes(CORNER)).all()
