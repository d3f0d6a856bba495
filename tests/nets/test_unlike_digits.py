"""The score of how unlike digits a drawing is: its arithmetic, and what a bad file is told."""

from pathlib import Path

import numpy as np
import pytest

from inkling.checkpoints import pack
from inkling.errors import InvalidInput
from inkling.nets.unlike_digits import FILE, SHAPES, UnlikeDigits, read_unlike_digits
from two_layer_net import Weights


def random_arrays() -> Weights:
    rng = np.random.default_rng(0)
    return {n: np.asarray(rng.normal(0, 0.1, shape), np.float32) for n, shape in SHAPES.items()}


def by_hand(values: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolve with loops: stride 2, no padding, ReLU."""
    side = (len(values) - 5) // 2 + 1
    found = np.empty((side, side, kernel.shape[3]), np.float32)
    for row, column in np.ndindex(side, side):
        window = values[2 * row : 2 * row + 5, 2 * column : 2 * column + 5]
        found[row, column] = (window[..., np.newaxis] * kernel).sum(axis=(0, 1, 2)) + bias
    return np.asarray(np.maximum(0, found))


def test_a_score_is_the_log_odds_of_the_eleventh_class() -> None:
    arrays = random_arrays()
    digit = np.random.default_rng(1).random((28, 28), np.float32)
    values = digit[..., np.newaxis]
    for layer in ("conv1", "conv2"):
        values = by_hand(values, arrays[f"{layer}_kernel"], arrays[f"{layer}_bias"])
    hidden = np.maximum(0, arrays["dense_kernel"] @ values.ravel() + arrays["dense_bias"])
    scores = arrays["output_kernel"] @ hidden + arrays["output_bias"]
    junk = np.exp(scores[10]) / np.exp(scores).sum()
    net = UnlikeDigits(arrays)
    assert net.score(digit) == pytest.approx(np.log(junk / (1 - junk)), abs=1e-4)
    assert net.excess(digit) == net.score(digit) - arrays["threshold"]


def test_a_digit_scores_at_most_the_threshold() -> None:
    digit = np.random.default_rng(1).random((28, 28), np.float32)
    score = UnlikeDigits(random_arrays()).score(digit)
    for threshold, is_digit in ((score + 0.01, True), (score - 0.01, False)):
        arrays = random_arrays() | {"threshold": np.array(threshold, np.float32)}
        assert UnlikeDigits(arrays).is_digit(digit) is is_digit


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(pack(random_arrays()))
    digit = np.zeros((28, 28), np.float32)
    found = read_unlike_digits(tmp_path)
    assert found is not None
    assert found.score(digit) == UnlikeDigits(random_arrays()).score(digit)


@pytest.mark.parametrize(
    "content", [b"", b"no zip", pack(random_arrays())[:5000], pack({"threshold": np.zeros(())})]
)
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InvalidInput, match=FILE):
        read_unlike_digits(tmp_path)


def test_a_folder_without_the_file_is_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_unlike_digits(tmp_path) is None
    assert FILE in caplog.text
