"""The contact sheet of `inkling review`: digits with captions that say why they are on it."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from functions import SIDE, FloatArray, decode_png, process_image
from inkling.history.review import Reviewed
from inkling.plots.contact_sheet import contact_sheet
from inkling.records import NOT_A_DIGIT, Drawing

LINE = 17  # characters of a caption that fit beneath a digit
REASON_LINES = 3  # lines of a caption that the reason may take


def review_sheet(reviewed: Sequence[Reviewed]) -> Image.Image:
    """Draw all of them on one picture, with captions. Raises ValueError where there is none."""
    digits = [_digit(one.drawing) for one in reviewed]
    return contact_sheet(digits, [caption(one) for one in reviewed])


def _digit(drawing: Drawing) -> FloatArray:
    """Return what the nets saw; an empty square where nothing can be seen: perhaps that is why."""
    seen = drawing.seen()
    if seen is None:
        try:
            seen = process_image(decode_png(drawing.png))
        except (OSError, ValueError):
            seen = None
    return np.zeros((SIDE, SIDE), np.float32) if seen is None else seen


def caption(one: Reviewed) -> str:
    """Return lines that fit: label, the first of the id, what the models said, the reason.

    `FNN 4:99 9:51` is the original's digit and per cent, then the retrained net's.
    """
    label = "no digit" if one.drawing.label == NOT_A_DIGIT else f"a {one.drawing.label}"
    lines = [f"{label}  {one.drawing.id[:8]}"]
    for net in ("fnn", "cnn"):
        pair = [one.said.get(name) for name in (net, f"{net}_retrained")]
        words = [f"{p[0]}:{100 * p[1]:.0f}" if p else "-" for p in pair]
        lines.append(f"{net.upper()} {' '.join(words)}")
    words = ["suspicious"] * one.suspicious + [one.reason] * one.rejected
    return "\n".join([*lines, *_wrapped(": ".join(words))])


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= LINE:
            lines[-1] = longer
        else:
            lines.append(word[:LINE])
    shown = [line for line in lines if line][:REASON_LINES]
    cut = len(shown) < len([line for line in lines if line])
    return [*shown[:-1], shown[-1][: LINE - 1] + "…"] if cut else shown
