"""The app's way from a picture to 28×28 beside the one of many small servers: a table.

`python -m benchmarks.crops MNIST DRAWINGS` measures the shipped originals' accuracy on pictures
that both ways prepare: MNIST's test digits on larger white paper, and the drawings of held-out
writers as the page draws them.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions import SIDE, FloatArray, Grey, process_image
from inkling.data.datasets import held_out, read_mnist_test, read_strokes
from inkling.data.rendering import render_strokes
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.evaluation.evaluate import probabilities
from inkling.evaluation.models import load_models
from inkling.nets.registry import NETWORKS
from inkling.parallel import Sliceable, in_chunks
from inkling.settings import load_settings

CHUNK = 256  # pictures that a process prepares at once
DARK = 128  # grey levels; what is darker is ink to the small servers
BORDER = 3  # pixels around the square crop
SEED = 0
Way = Callable[[Grey], FloatArray | None]


def square_crop(grey: Grey) -> FloatArray | None:
    """Return a digit (28, 28) in [0, 1] the way small servers do; None where nothing is dark.

    The ink's box is cropped, squared by its longer side, given a border of 3 pixels, and all of it
    is resized to 28×28. So the ink reaches the closer to the edge the larger the picture was.
    """
    square = _squared(grey)
    return None if square is None else _resized(np.pad(square, BORDER), SIDE)


def square_crop_then_border(grey: Grey) -> FloatArray | None:
    """Return the same with the border added last: the ink resized to 22, then 3 pixels around."""
    square = _squared(grey)
    if square is None:
        return None
    return np.pad(_resized(square, SIDE - 2 * BORDER), BORDER)


def _squared(grey: Grey) -> Grey | None:
    """Return the ink's box as a square, 255 ink on 0, the ink in its middle."""
    rows, columns = np.nonzero(grey < DARK)
    if not len(rows):
        return None
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    ink = 255 - grey[top:bottom, left:right]
    height, width = ink.shape
    side = max(height, width)
    above, before = (side - height) // 2, (side - width) // 2
    return np.pad(ink, ((above, side - height - above), (before, side - width - before)))


def _resized(square: Grey, side: int) -> FloatArray:
    image = Image.fromarray(square).resize((side, side), Image.Resampling.BOX)
    return np.asarray(image, dtype=np.float32) / np.float32(255)


WAYS: dict[str, Way] = {
    "the app's: longer side 20, centred": process_image,
    "crop, square, border of 3, to 28": square_crop,
    "crop, square, to 22, border of 3": square_crop_then_border,
}


def on_paper(digit: Grey, scale: int, side: int, rng: np.random.Generator) -> Grey:
    """Return a digit (28, 28), 255 ink, enlarged, anywhere on white paper (side, side)."""
    large = Image.fromarray(255 - digit).resize((SIDE * scale,) * 2, Image.Resampling.BICUBIC)
    paper = np.full((side, side), 255, np.uint8)
    top, left = rng.integers(0, side - SIDE * scale + 1, 2)
    paper[top : top + SIDE * scale, left : left + SIDE * scale] = np.asarray(large)
    return paper


class Pictures(NamedTuple):
    """Pictures of digits that are made one after another: from what, how, and their labels (n,)."""

    items: Sliceable
    make: Callable[..., Grey]
    labels: NDArray[np.int64]


def _paper_of(digit: Grey, number: int, scale: int, side: int) -> Grey:
    return on_paper(digit, scale, side, np.random.default_rng([SEED, number]))


def _drawn(drawing: StrokeDrawing, number: int, width: float) -> Grey:
    return render_strokes(drawing.strokes, width=width)


def pictures(mnist: Path, drawings: Path) -> dict[str, Pictures]:
    """Return what is measured, by its name."""
    digits, labels = read_mnist_test(mnist)
    pens = [drawing for drawing in read_strokes(drawings) if held_out(drawing.writer)]
    found = {
        f"MNIST, {SIDE * scale} px on {side}": Pictures(
            digits, partial(_paper_of, scale=scale, side=side), labels
        )
        for scale, side in ((1, 100), (4, 280), (10, 500))
    }
    for width in (20, 8):
        name = f"pen drawings, {width} px wide on 280"
        found[name] = Pictures(pens, partial(_drawn, width=width), labels_of(pens))
    return found


def _prepared_chunk(
    items: Sequence[Any], start: int, make: Callable[..., Grey], way: str
) -> FloatArray:
    nothing = np.zeros((SIDE, SIDE), np.float32)
    seen = (WAYS[way](make(item, start + n)) for n, item in enumerate(items))
    return np.stack([nothing if digit is None else digit for digit in seen])


def rows(sets: dict[str, Pictures]) -> Iterator[list[str]]:
    """Yield the table's rows: pictures, way, and each net's accuracy in per cent."""
    models = load_models(load_settings(), "original")
    for name, found in sets.items():
        for way in WAYS:
            work = partial(_prepared_chunk, make=found.make, way=way)
            seen = np.concatenate(in_chunks(work, found.items, CHUNK))
            said = probabilities(models, seen)
            right = [(said[net].argmax(axis=1) == found.labels).mean() for net in NETWORKS]
            yield [f"{name} ({len(seen):,})", way, *(f"{100 * share:.2f}" for share in right)]


def main(mnist: Path, drawings: Path) -> None:
    """Print the table, a row when it is measured."""
    head = ["pictures", "way to 28×28", *(f"{NETWORKS[net].title}, %" for net in NETWORKS)]
    for line in (head, ["---", "---", *["--:"] * len(NETWORKS)]):
        print("| " + " | ".join(line) + " |")
    for row in rows(pictures(mnist, drawings)):
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
