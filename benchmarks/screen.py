"""What the screen stops of labels that strangers gave on an open web canvas.

`python -m benchmarks.screen WEB_DIGITS` takes what nets say that never saw a picture
(`benchmarks.web_digits`), and how unlike digits it is, and writes docs/images/screen.svg: the
shares of wrong labels, of what is no digit, and of right labels that the screen stops, by how much
a model must believe a label. Which row is what was found by hand (testing/web_digits.py); doubtful
ones count on neither side.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.web_digits import SAID
from functions import FloatArray
from inkling.data.image_folder import image_digits
from inkling.data.picture_file import read_picture_file
from inkling.data.strokes import labels_of
from inkling.learning.screen import DOUBT, EXCESS
from inkling.nets.unlike_digits import read_unlike_digits
from inkling.plots.screen_curve import Points, plot_screen
from inkling.settings import ROOT, load_settings
from testing.web_digits import DOUBTFUL, MISLABELLED, NO_DIGIT

THRESHOLDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
IMAGES = ROOT / "docs" / "images"
Rows = dict[str, NDArray[np.bool_]]


def main(path: Path) -> None:
    """Print a table of thresholds, and draw the curves."""
    images = read_picture_file(path)
    labels = labels_of(images)
    said = np.load(SAID)
    believed = np.max([said[net][np.arange(len(labels)), labels] for net in said.files], axis=0)
    believed[_is_junk(image_digits(images))] = 0.0  # stopped whatever the nets say
    rows = _rows(len(labels))
    print("threshold  " + "  ".join(f"{name} ({found.sum():,})" for name, found in rows.items()))
    for threshold in THRESHOLDS:
        stopped = believed < threshold
        shares = "  ".join(f"{stopped[found].mean():>8.2%}" for found in rows.values())
        print(f"{threshold:>9}  {shares}{'  <- the screen' if threshold == DOUBT else ''}")
    curves = {name: _curve(believed, rows, name) for name in ("wrong labels", "no digits")}
    chosen = dict.fromkeys(curves, THRESHOLDS.index(DOUBT))
    for dark in ("", "-dark"):
        plot_screen(curves, chosen, IMAGES / f"screen{dark}.svg", dark=bool(dark))


def _is_junk(digits: FloatArray) -> NDArray[np.bool_]:
    """Return which digits the screen takes for none (n,)."""
    net = read_unlike_digits(load_settings().models_folder)
    if net is None:
        return np.zeros(len(digits), bool)
    return np.array([net.excess(digit) > EXCESS for digit in digits])


def _rows(count: int) -> Rows:
    """Return which rows are right labels, wrong ones, and no digits (n,)."""
    found = {
        "wrong labels": np.isin(np.arange(count), [*MISLABELLED]),
        "no digits": np.isin(np.arange(count), [*NO_DIGIT]),
    }
    doubtful = np.isin(np.arange(count), DOUBTFUL)
    return {"right labels": ~(found["wrong labels"] | found["no digits"] | doubtful)} | found


def _curve(believed: FloatArray, rows: Rows, name: str) -> Points:
    return [
        (
            float((believed[rows["right labels"]] < t).mean()),
            float((believed[rows[name]] < t).mean()),
        )
        for t in THRESHOLDS
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
