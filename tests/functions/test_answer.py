"""From probabilities to the three likeliest digits and the one answer."""

import json

import numpy as np
import pytest

from functions import FloatArray, select_answer, top_3


def said(**probabilities: float) -> FloatArray:
    """Probabilities (10,) by digit (`d7=0.5`); the others share what is left."""
    rest = (1 - sum(probabilities.values())) / (10 - len(probabilities))
    return np.array([probabilities.get(f"d{digit}", rest) for digit in range(10)], np.float32)


def test_top_3_are_the_likeliest_surest_first() -> None:
    found = top_3(said(d7=0.61234, d1=0.2, d9=0.1))
    assert found == [
        {"digit": 7, "probability": 0.6123},
        {"digit": 1, "probability": 0.2},
        {"digit": 9, "probability": 0.1},
    ]
    assert json.loads(json.dumps(found)) == found


def test_top_3_puts_the_lower_digit_first_where_two_are_as_likely() -> None:
    assert [row["digit"] for row in top_3(said(d8=0.3, d5=0.3))] == [5, 8, 0]
    assert [row["digit"] for row in top_3(said())] == [0, 1, 2]


@pytest.mark.parametrize(
    ("fnn", "cnn", "answer"),
    [
        (said(d3=0.9), said(d3=0.8), 3),
        (said(d3=0.2), said(d3=0.3), 3),  # they agree, however unsure they are
        (said(d3=0.49), said(d5=0.48), None),
        (said(d3=0.2), said(d5=0.3), None),
        (said(d3=0.9), said(d5=0.6), 3),
        (said(d3=0.6), said(d5=0.9), 5),
        (said(d3=0.55), said(d5=0.3), 3),
        (said(d3=0.3), said(d5=0.55), 5),
        (said(d3=0.5), said(d5=0.3), 3),  # 50 % is not under 50 %
        (said(d3=0.3), said(d5=0.5), 5),
        (said(d3=0.75), said(d5=0.75), 5),  # as sure as each other: the better net
        (said(d0=0.9), said(d5=0.6), 0),
    ],
)
def test_select_answer(fnn: FloatArray, cnn: FloatArray, answer: int | None) -> None:
    assert select_answer(fnn, cnn) == answer
