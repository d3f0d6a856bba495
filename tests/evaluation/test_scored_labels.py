"""A probability in one byte: near enough, and nearest where nets' probabilities lie."""

import numpy as np
import pytest

from inkling.evaluation.scored_labels import PROBABILITIES, ROW, coded


def test_a_label_takes_ten_bytes() -> None:
    assert ROW.itemsize == 10


def test_codes_rise_with_probabilities_and_tell_none_and_all_exactly() -> None:
    given = np.linspace(0, 1, 100_001)
    told = PROBABILITIES[coded(given)]
    assert (np.diff(told) >= 0).all()
    assert (told[0], told[-1]) == (0, 1)
    assert np.abs(told - given).max() < 0.0031
    sure = given > 0.99
    assert np.abs(told - given)[sure].max() < 0.0007


@pytest.mark.parametrize(("a", "b"), [(200, 0.5), (20, 0.3), (8, 1), (1, 1)])
def test_a_mean_of_a_hundred_is_off_by_less_than_a_thousandth(a: float, b: float) -> None:
    given = np.random.default_rng(4).beta(a, b, (50, 100)).round(5)
    off = PROBABILITIES[coded(given)].mean(axis=1) - given.mean(axis=1)
    assert np.abs(off).max() < 0.001


def test_what_is_no_probability_becomes_the_nearest() -> None:
    assert PROBABILITIES[coded(np.array([-0.5, 1.5]))].tolist() == [0, 1]
