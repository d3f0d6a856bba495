"""The shipped net that tells digits from junk, on kinds of junk that it never learned from."""

import numpy as np
import pytest

from functions import FloatArray, process_image
from inkling.data.datasets import held_out, read_mnist_test, read_strokes
from inkling.evaluation.evaluate import pipeline_digits
from inkling.nets.unlike_digits import UnlikeDigits, read_unlike_digits
from inkling.pretraining import drawn_junk, hand_letters
from inkling.settings import load_settings
from testing import junk
from testing.data import MNIST, PEN_DIGITS, needs_data
from testing.pen import draw

LEAST_REFUSED, MOST_REFUSED = 0.8, 0.005  # of junk; of digits
EACH, EVERY = 20, 4


@pytest.fixture(scope="module")
def net() -> UnlikeDigits:
    found = read_unlike_digits(load_settings({}).models_folder)
    assert found is not None
    return found


def refused(net: UnlikeDigits, digits: FloatArray) -> float:
    return float(np.mean([not net.is_digit(digit) for digit in digits]))


def test_no_letter_that_it_is_judged_by_was_learned() -> None:
    assert not {*junk.CAPITALS, *junk.SMALL, *junk.HANDWRITTEN} & {*drawn_junk.LETTERS}
    assert not {*junk.CAPITALS, *junk.SMALL, *junk.HANDWRITTEN} & {*hand_letters.LETTERS}


def test_junk_of_kinds_that_it_never_learned_from_is_refused(net: UnlikeDigits) -> None:
    drawn = {kind: junk.seen(kind, EACH, seed=2) for kind in junk.REPORTED}
    shares = [refused(net, digits) for digits in drawn.values() if len(digits)]
    assert len(shares) >= len(junk.REPORTED) - 1  # photographs of nothing may count as empty
    assert np.mean(shares) >= LEAST_REFUSED


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("width", [6, 14, 30])
def test_plain_digits_are_digits(net: UnlikeDigits, digit: int, width: int) -> None:
    seen = process_image(draw(digit, width=width))
    assert seen is not None
    assert net.is_digit(seen)


@pytest.mark.data
@needs_data
def test_of_people_s_digits_few_are_refused(net: UnlikeDigits) -> None:
    """A quarter of MNIST's test digits and of the validation writers' drawings."""
    scanned = read_mnist_test(MNIST)[0][::EVERY].astype(np.float32) / np.float32(255)
    drawn = [d for d in read_strokes(PEN_DIGITS) if held_out(d.writer)][::EVERY]
    assert refused(net, scanned) <= MOST_REFUSED
    assert refused(net, pipeline_digits(drawn, workers=1)) <= MOST_REFUSED + 0.002  # luck
