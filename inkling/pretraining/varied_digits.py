"""What a network learns beside a sample: its digits warped, and pen drawings rendered anew."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inkling.data.datasets import held_out, validation
from inkling.data.rendering import digits_from_strokes
from inkling.data.samples import Digits
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.errors import InvalidInput
from inkling.pretraining import fit
from inkling.pretraining.augmented_cache import Material, Progress, Variations
from inkling.pretraining.train import CHECKPOINT, VALIDATION_SEED

WARPING, RENDERINGS = 0.7, 2  # how much digits are warped; renderings of a drawing an epoch


@dataclass(frozen=True)
class VariedDigits:
    """Variations of a sample and of drawings by writers who are not held out.

    watched: drawings of the validation writers, if there are any. told: what a network's
    description says of all this.
    """

    epoch: Callable[[int], Digits]  # by its number, from 0
    watched: Digits | None
    fingerprint: str
    told: dict[str, Any]
    folder: Path

    def remove(self) -> None:
        """Delete the files, unless a checkpoint beside them says that another training goes on."""
        if not any(self.folder.glob(f"*{CHECKPOINT}")):
            shutil.rmtree(self.folder, ignore_errors=True)


def vary(
    learned: Digits,
    drawings: Sequence[StrokeDrawing],
    work: Path,
    *,
    epochs: int,
    seed: int,
    progress: Progress = lambda done, of: None,
) -> VariedDigits:
    """Return a sample varied with drawings; make files in the folder `work`, or use those there.

    Raises InvalidInput where no drawing may be learned from.
    """
    allowed = [drawing for drawing in drawings if not held_out(drawing.writer)]
    pen = [drawing for drawing in allowed if not validation(drawing.writer)]
    watched = [drawing for drawing in allowed if validation(drawing.writer)]
    if not pen:
        raise InvalidInput(
            "No drawing may be learned from: their writers are held out or only watched.",
            "Name --drawings by more writers.",
        )
    material = Material(learned.digits, learned.labels, pen)
    folder = work / f"network-{material.fingerprint}-{seed}"
    variations = Variations(material, folder, seed)
    recipe = fit.Recipe(
        epochs=epochs,
        batch_size=0,
        learning_rate=0,
        averaging=0,
        warping=WARPING,
        renderings=RENDERINGS,
    )
    variations.make(recipe, progress)

    def epoch(number: int) -> Digits:
        found = variations.epoch(number, recipe)
        return Digits(found.digits, found.labels.astype(np.int64))

    told = {
        "drawings": len(pen),
        "writers": len({drawing.writer for drawing in pen}),
        "warping": WARPING,
        "renderings": RENDERINGS,
        "watched": f"{len(watched)} drawings of validation writers",
    }
    return VariedDigits(epoch, _rendered(watched), material.fingerprint, told, folder)


def _rendered(drawings: Sequence[StrokeDrawing]) -> Digits | None:
    if not drawings:
        return None
    digits = np.rint(digits_from_strokes(drawings, VALIDATION_SEED) * 255).astype(np.uint8)
    return Digits(digits, labels_of(drawings))
