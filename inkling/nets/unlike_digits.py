"""How unlike digits a drawing is: a small convolutional net in numpy, of ten digits and junk.

Conv 5×5×16, stride 2, ReLU, conv 5×5×48, stride 2, ReLU, dense 96, ReLU, dense 11. It has learned
from digits and from drawings that are none. No TensorFlow is needed to ask it.
"""

import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from inkling.errors import InvalidInput
from two_layer_net import FloatArray

log = logging.getLogger("inkling.unlike_digits")

FILE = "unlike-digits.npz"  # within the models folder
CLASSES, STRIDE = 11, 2
LAYERS = {  # dense kernels lie as (outputs, inputs)
    "conv1_kernel": (5, 5, 1, 16),
    "conv1_bias": (16,),
    "conv2_kernel": (5, 5, 16, 48),
    "conv2_bias": (48,),
    "dense_kernel": (96, 768),
    "dense_bias": (96,),
    "output_kernel": (CLASSES, 96),
    "output_bias": (CLASSES,),
}
SHAPES = LAYERS | {"threshold": ()}  # a digit's score is at most this


class UnlikeDigits:
    """The net with its weights. It keeps nothing of what it is asked: safe for many threads."""

    def __init__(self, arrays: Mapping[str, FloatArray]) -> None:
        """Take float32 arrays of SHAPES. Raises InvalidInput where they are others."""
        for name, shape in SHAPES.items():
            array = arrays.get(name)
            if array is None or array.shape != shape or array.dtype != np.float32:
                problem = f"The array {name} is missing, or no float32 {shape}."
                raise InvalidInput(problem, f"Put another {FILE} into MODELS_FOLDER.")
        self._arrays = {name: arrays[name] for name in SHAPES}
        self.threshold = float(arrays["threshold"])

    def score(self, digit: FloatArray) -> float:
        """Return the log-odds that a digit (28, 28), float32 in [0, 1], is none."""
        values = self._convolved(self._convolved(digit[..., np.newaxis], "conv1"), "conv2")
        hidden = np.maximum(0, self._dense(values.ravel(), "dense"))
        scores = self._dense(hidden, "output")  # ten digits, then junk
        return float(scores[10] - np.logaddexp.reduce(scores[:10]))

    def excess(self, digit: FloatArray) -> float:
        """Return by how much a digit (28, 28) scores more than a digit should; 0 or less: fine."""
        return self.score(digit) - self.threshold

    def is_digit(self, digit: FloatArray) -> bool:
        """Whether a digit (28, 28), float32 in [0, 1], scores at most the threshold."""
        return self.excess(digit) <= 0

    def _convolved(self, values: FloatArray, layer: str) -> FloatArray:
        """Return (h', w', out) of values (h, w, in): windows at every other place, then ReLU."""
        kernel = self._arrays[f"{layer}_kernel"]  # (5, 5, in, out)
        windows = values.ravel()[_windows(values.shape, kernel.shape[:2])]
        found = windows @ kernel.reshape(-1, kernel.shape[3])
        return np.asarray(np.maximum(0, found + self._arrays[f"{layer}_bias"]))

    def _dense(self, values: FloatArray, layer: str) -> FloatArray:
        found = self._arrays[f"{layer}_kernel"] @ values + self._arrays[f"{layer}_bias"]
        return np.asarray(found)


@cache
def _windows(shape: tuple[int, ...], kernel: tuple[int, ...]) -> NDArray[np.intp]:
    """Return where the values (h, w, in) of each window lie, (h', w', values), row by row."""
    places = np.arange(np.prod(shape)).reshape(shape)
    windows = sliding_window_view(places, kernel, axis=(0, 1))[::STRIDE, ::STRIDE]
    windows = np.moveaxis(windows, 2, -1)  # (h', w', 5, 5, in), as a kernel lies
    return windows.reshape(*windows.shape[:2], -1)


def read_unlike_digits(models_folder: Path) -> UnlikeDigits | None:
    """Return the net of a models folder; None where it has none: then everything is a digit.

    Raises InvalidInput for a damaged file.
    """
    arrays = read_arrays(models_folder)
    if arrays is None:
        log.warning("There is no %s: whatever is drawn is a digit.", models_folder / FILE)
        return None
    return UnlikeDigits(arrays)


def read_arrays(models_folder: Path) -> dict[str, FloatArray] | None:
    """Return the arrays of the net's file; None where there is none.

    Raises InvalidInput for a damaged file.
    """
    path = models_folder / FILE
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except Exception as error:  # zipfile and numpy raise a dozen kinds for a broken file
        problem = f"{path} cannot be read ({error})."
        raise InvalidInput(problem, f"Put another {FILE} there.") from error
