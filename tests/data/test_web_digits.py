"""The list of web digits that are not what they are labelled agrees with the file."""

import numpy as np
import pytest

from testing.data import WEB_DIGITS, needs_web_digits
from testing.web_digits import DOUBTFUL, MISLABELLED, NO_DIGIT


@pytest.mark.data
@needs_web_digits
def test_each_row_is_named_once_and_its_label_is_another_digit() -> None:
    labels = np.load(WEB_DIGITS)["y"]
    rows = [*MISLABELLED, *NO_DIGIT, *DOUBTFUL]
    assert len(set(rows)) == len(rows)
    assert max(rows) < len(labels) == 4705
    assert all(labels[row] != digit for row, digit in MISLABELLED.items())
