"""How good the models are on the same drawings with another pen, size, place and tilt."""

from collections.abc import Sequence
from functools import partial
from itertools import repeat

import numpy as np

from inkling.data.rendering import AS_THE_PAGE_DRAWS, CANVAS, Rendering, random_rendering
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.evaluation.evaluate import Probabilities, pipeline_digits, probabilities, score_models
from inkling.evaluation.metrics import Scores
from inkling.evaluation.models import Models
from inkling.nets.registry import MODELS
from inkling.parallel import Done, ignore, in_chunks

CHUNK = 128  # drawings that a process is given at once: some 0.4 s
BASE = "as the page draws"  # the row that the others are compared with
AT_RANDOM = "all of it at random"

Drawn = tuple[StrokeDrawing, Rendering]


def renderings() -> dict[str, Rendering]:
    """Return the rows of the table but its last: how a drawing lies on the canvas, by name."""
    rows = {BASE: AS_THE_PAGE_DRAWS}
    rows |= {f"pen {width}": Rendering(width=width) for width in (3, 8, 30, 40)}
    for size in (42, 70, 140, 280):
        rows[f"size {size}, pen {size / 10:g}"] = Rendering(size / 10, size)
    rows |= {f"size 42, pen {width}": Rendering(width, 42) for width in (8, 16)}
    near, far = 55, CANVAS - 55  # a drawing of 100 with a pen of 10 reaches the canvas's edges
    for down, y in (("upper", near), ("lower", far)):
        for across, x in (("left", near), ("right", far)):
            rows[f"size 100, {down} {across}"] = Rendering(10, 100, (x, y))
    return rows | {f"tilt {tilt}": Rendering(tilt=tilt) for tilt in (-20, -10, 10, 20)}


def row_names() -> list[str]:
    """Return the names of all rows in their order."""
    return [*renderings(), AT_RANDOM]


def robustness(
    models: Models,
    drawings: Sequence[StrokeDrawing],
    seed: int = 0,
    *,
    workers: int | None = None,
    done: Done = ignore,
) -> Scores:
    """Return the scores on drawings by row: one for each of `renderings`, and one at random.

    What is random goes by the seed and a drawing's index. `done` hears of as many drawings as
    there are rows times drawings.
    """
    rows = _drawn(drawings, seed)
    work = partial(_probabilities_of_chunk, models)
    # All rows at once: starting processes takes longer than a row of a few hundred drawings.
    drawn = [pair for pairs in rows.values() for pair in pairs]
    parts = in_chunks(work, drawn, CHUNK, workers=workers, done=done)
    labels = labels_of(drawings)
    if not parts:
        return {}
    said = {model: np.concatenate([part[model] for part in parts]) for model in MODELS}
    split = {model: np.split(found, len(rows)) for model, found in said.items()}
    return {
        name: score_models({model: split[model][row] for model in MODELS}, labels)
        for row, name in enumerate(rows)
    }


def _drawn(drawings: Sequence[StrokeDrawing], seed: int) -> dict[str, list[Drawn]]:
    """Return every drawing with its rendering, by row."""
    rows = {name: list(zip(drawings, repeat(row))) for name, row in renderings().items()}
    rngs = (np.random.default_rng([index, seed]) for index in range(len(drawings)))
    return rows | {AT_RANDOM: list(zip(drawings, map(random_rendering, rngs), strict=True))}


def _probabilities_of_chunk(models: Models, drawn: Sequence[Drawn], start: int) -> Probabilities:
    drawings, each = zip(*drawn, strict=True)
    return probabilities(models, pipeline_digits(drawings, each, workers=1), workers=1)
