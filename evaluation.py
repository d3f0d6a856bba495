"""How good the four models and the app are, on MNIST and on drawings as pages send them."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray, decode_image, process_image, select_answer, to_data_url
from recognizer import MODELS, Recognizer
from strokes import StrokeDrawing, render_strokes

ANSWER = "answer"  # the app's own, beside the models' names
UNSURE = -1  # where the app gives no answer: never right

Labels = NDArray[np.int64]


def pipeline_digits(drawings: Iterable[StrokeDrawing], width: float = 20) -> FloatArray:
    """What the nets see, (n, 28, 28), of drawings that went through the app as PNG data URLs.

    Each is drawn on the page's canvas, its longer side 200 of 280 pixels, with a pen this wide.
    """
    digits = []
    for drawing in drawings:
        paper = render_strokes(drawing.strokes, width=width)
        digit = process_image(decode_image(to_data_url(paper)))
        if digit is None:
            raise ValueError(f"A drawing of {drawing.writer!r} shows no ink. Leave it out.")
        digits.append(digit)
    return np.stack(digits)


def guesses(recognizer: Recognizer, digits: FloatArray) -> dict[str, Labels]:
    """The digit (n,) that each model, and the app as `answer`, sees in digits (n, 28, 28)."""
    said: dict[str, list[int]] = {name: [] for name in (*MODELS, ANSWER)}
    for digit in digits:
        probabilities = recognizer.predict(digit).probabilities
        for name in MODELS:
            said[name].append(int(probabilities[name].argmax()))
        answer = select_answer(probabilities["fnn_retrained"], probabilities["cnn_retrained"])
        said[ANSWER].append(UNSURE if answer is None else answer)
    return {name: np.array(found, dtype=np.int64) for name, found in said.items()}


def accuracies(
    recognizer: Recognizer, digits: FloatArray, labels: Labels | Sequence[int]
) -> dict[str, float]:
    """The share in [0, 1] that each model and the app get right of digits (n, 28, 28)."""
    said = guesses(recognizer, digits)
    return {name: float((found == np.asarray(labels)).mean()) for name, found in said.items()}
