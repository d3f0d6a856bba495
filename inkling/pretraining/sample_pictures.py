"""The sample pictures that inkling/client.py sends where no picture is named: one of each digit.

`python -m inkling.pretraining.sample_pictures` draws them anew, as they are: the seeds decide.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from functions import Grey
from inkling.data.rendering import Rendering, render_strokes
from inkling.files import write_whole
from inkling.pretraining.augmentation import distort_strokes
from inkling.pretraining.synthetic_digits import shape
from inkling.settings import ROOT

FOLDER = ROOT / "inkling" / "samples"
SEED = 2
REDUCED = 4  # the canvas by this: 70 pixels a side, some 600 bytes


def sample_picture(digit: int) -> Grey:
    """Return a digit in some hand, dark ink on light paper: uint8 (70, 70)."""
    rng = np.random.default_rng((SEED, digit))
    strokes = distort_strokes(shape(digit, rng), rng)
    paper = render_strokes(strokes, **Rendering(width=18)._asdict())
    return np.asarray(Image.fromarray(paper).reduce(REDUCED))


def write_samples(folder: Path = FOLDER) -> None:
    """Write `0.png` to `9.png`: the first character of a name is its digit."""
    for digit in range(10):
        content = io.BytesIO()
        Image.fromarray(sample_picture(digit)).save(content, "PNG", optimize=True)
        write_whole(folder / f"{digit}.png", content.getvalue())


if __name__ == "__main__":
    write_samples()
