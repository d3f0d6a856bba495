"""Accuracy by writer, and its intervals: worked out by hand, and beside the plain formula."""

import json

import numpy as np
import pytest

from inkling.evaluation.by_writer import ByWriter, WriterTally, by_writer


def test_each_writer_has_the_same_weight_in_the_mean() -> None:
    right = np.array([True, True, True, False, False, True])
    found = by_writer(right, ["anna", "anna", "anna", "anna", "bela", "cleo"])
    assert found.writers == 3
    assert found.mean == pytest.approx((3 / 4 + 0 + 1) / 3, abs=1e-6)


def test_the_worst_have_most_mistakes_and_some() -> None:
    names = ["a"] * 4 + ["b"] * 4 + ["c"] * 2 + ["d"] * 9
    right = np.array([True] * 19)
    right[[0, 4, 5, 8]] = False
    assert by_writer(right, names).worst == (
        WriterTally("b", 2, 4),
        WriterTally("c", 1, 2),  # as many mistakes as a, of fewer digits
        WriterTally("a", 3, 4),
    )
    assert by_writer(np.array([True] * 19), names).worst == ()


def test_one_writer_says_nothing_of_others() -> None:
    found = by_writer(np.array([True, False]), ["a", "a"])
    assert found.mean_interval == found.accuracy_interval == (0.5, 0.5)


def test_the_interval_is_the_one_of_writers_not_of_digits() -> None:
    """Half of 400 writers get all right, half none: the standard error is 1/2 / sqrt(400)."""
    names = np.repeat([f"w{n:03}" for n in range(400)], 10)
    right = np.repeat(np.arange(400) % 2 == 0, 10)
    found = by_writer(right, list(names))
    for low, high in (found.mean_interval, found.accuracy_interval):
        assert [low, high] == pytest.approx([0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025], abs=0.005)
    apart = by_writer(right, [f"{n}" for n in range(4000)])  # as if each digit were somebody else's
    low, high = apart.accuracy_interval
    assert high - low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(4000), rel=0.1)


def test_a_writer_of_many_digits_weighs_in_the_accuracy_alone() -> None:
    names = ["many"] * 98 + ["one", "two"]
    found = by_writer(np.array([True] * 98 + [False, False]), names)
    assert found.mean == pytest.approx(1 / 3, abs=1e-6)
    assert found.accuracy_interval == (0, 1)
    assert found.mean_interval[0] == 0


def test_it_is_the_same_again_and_through_json() -> None:
    right, names = np.arange(60) % 7 > 0, [f"w{n % 8}" for n in range(60)]
    found = by_writer(right, names)
    assert by_writer(right, names) == found
    assert ByWriter.from_json(json.loads(json.dumps(found.to_json()))) == found
