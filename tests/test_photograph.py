"""The ink in a photograph: paper's light, what lies at the borders, and specks are none of it."""

import numpy as np
import pytest

from inkling.photograph import Grey, ink_of_a_photograph

SIDE = 300


def page(light: float = 0.0, noise: float = 2.0) -> Grey:
    """Paper of grain under light that falls off to the right, with an upright stroke on it."""
    levels = 220 * (1 - light * np.arange(SIDE) / SIDE) * np.ones((SIDE, 1))
    levels[100:200, 145:155] *= 0.4
    levels += np.random.default_rng(0).normal(0, noise, levels.shape)
    return np.clip(levels, 0, 255).astype(np.uint8)


def box(ink: Grey) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the ink that is half as dark as the darkest."""
    rows, columns = np.nonzero(ink > ink.max() / 2)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


STROKE = (145, 100, 155, 200)


@pytest.mark.parametrize("light", [0, 0.6])
@pytest.mark.parametrize("noise", [0, 2, 6])
def test_paper_has_no_ink(light: float, noise: float) -> None:
    ink = ink_of_a_photograph(page(light, noise))
    assert np.abs(np.subtract(box(ink), STROKE)).max() <= 1
    outside = ink.copy()
    outside[95:205, 140:160] = 0
    assert outside.max() == 0


@pytest.mark.parametrize("rows", [slice(0, 40), slice(255, 300)])
def test_a_dark_border_and_a_finger_are_no_ink(rows: slice) -> None:
    photo = page()
    photo[:, :25] = 30  # a table
    photo[rows, 220:260] = 100  # a finger from above or from below
    assert np.abs(np.subtract(box(ink_of_a_photograph(photo)), STROKE)).max() <= 1


def test_a_speck_far_from_the_stroke_is_no_ink() -> None:
    photo = page()
    photo[20:26, 20:26] = 60
    assert np.abs(np.subtract(box(ink_of_a_photograph(photo)), STROKE)).max() <= 1


def test_a_stroke_that_touches_the_border_is_ink_where_nothing_else_is() -> None:
    photo = page()
    photo[0:200, 145:155] = 80
    assert box(ink_of_a_photograph(photo))[1] == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (3, 900), (40, 40), (1300, 900)])
def test_noise_alone_of_any_size_is_taken(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    ink = ink_of_a_photograph(noise)
    assert ink.dtype == np.uint8
    assert max(ink.shape) <= 400
