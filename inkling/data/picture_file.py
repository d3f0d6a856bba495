"""Files of labelled pictures: an .npz with `x` (n, height, width), dark on light, and labels `y`.

So collections of drawings come that were small when they were stored. Samples as `inkling sample`
makes them, whose digits are what the nets see, are another thing: `samples.py`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from functions import Grey
from inkling.checkpoints import pack
from inkling.data.image_folder import LabelledImage
from inkling.data.samples import check_there, npz_arrays, wrong_labels
from inkling.data.strokes import labels_of
from inkling.errors import InvalidInput
from inkling.files import write_whole

PICTURES, LABELS = "x", "y"
REMEDY = "Give x (n, height, width) uint8, 0 ink and 255 paper, and y (n,), the digits."


def read_picture_file(path: Path) -> list[LabelledImage]:
    """Return the pictures of an .npz in their order; the row, from 0, stands in each one's path.

    Raises InvalidInput for a file of another kind, OSError for one that cannot be opened.
    """
    arrays = npz_arrays(path, [PICTURES, LABELS])
    check_there(path, arrays, (PICTURES, LABELS), REMEDY)
    pictures, labels = arrays[PICTURES], arrays[LABELS]
    if pictures.dtype != np.uint8 or pictures.ndim != 3 or not pictures.size:
        wrong = f"x is {pictures.dtype} {pictures.shape}"
        raise InvalidInput(f"In {path}, {wrong}.", REMEDY)
    if labels.shape != pictures.shape[:1]:
        raise InvalidInput(f"In {path}, y is {labels.dtype} {labels.shape}.", REMEDY)
    if wrong := wrong_labels(labels):
        raise InvalidInput(f"In {path}, y {wrong}.", REMEDY)
    if _ground(pictures) < 128:
        raise InvalidInput(f"The pictures of {path} are light on dark.", "Invert them: 255 - x.")
    return [
        LabelledImage(int(label), path.with_name(f"{path.name}#{row}"), grey)
        for row, (grey, label) in enumerate(zip(pictures, labels, strict=True))
    ]


def write_picture_file(path: Path, images: Sequence[LabelledImage]) -> None:
    """Write pictures of one size so that `read_picture_file` reads them; the same bytes each time.

    The file appears under its name only when it is whole.
    """
    pictures = np.stack([image.grey for image in images])
    labels = labels_of(images).astype(np.uint8)
    write_whole(path, pack({PICTURES: pictures, LABELS: labels}, compress=True))


def _ground(pictures: Grey) -> float:
    """Return the level that most pixels of most pictures have."""
    return float(np.median(np.median(pictures.reshape(len(pictures), -1), axis=1)))
