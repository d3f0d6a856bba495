"""What the net that tells digits from junk learns: the originals' varied digits, and junk.

Its threshold is what a share of the validation digits exceeds: nothing of it is chosen on junk.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray
from inkling.nets.unlike_digits import CLASSES
from inkling.parallel import process_pool
from inkling.pretraining.augmented_cache import Progress, Variations
from inkling.pretraining.drawn_junk import write_junk
from inkling.pretraining.fit import Epoch, Recipe

FILES, EACH = 5, 400  # variations of junk, and how much of each kind is in one
REFUSED = 0.006  # of validation drawings, at any pen, size and tilt, or of scans, may score more
JUNK = CLASSES - 1


def odds(probabilities: FloatArray) -> FloatArray:
    """Return the log-odds (n,) of junk, of probabilities (n, 11)."""
    junk = probabilities[:, JUNK].astype(np.float64).clip(1e-12, 1 - 1e-12)
    return np.asarray(np.log(junk / (1 - junk)))


def threshold(scores: FloatArray, is_drawing: NDArray[np.bool_], refused: float = REFUSED) -> float:
    """Return the least threshold that refuses no more of scanned digits, nor of drawings."""
    groups = (scores[is_drawing], scores[~is_drawing])
    return max(float(np.quantile(group, 1 - refused)) for group in groups if len(group))


@dataclass(frozen=True)
class EpochsWithJunk:
    """Epochs of varied digits, each with junk beside them; the junk lies in the same folder."""

    variations: Variations
    recipe: Recipe
    seed: int
    pictures: slice  # which of an epoch's digits are labelled images: strangers' hold junk

    def make(self, progress: Progress = lambda done, of: None) -> None:
        """Draw the junk that is missing, several files at once."""
        paths = [*self._paths()]
        with process_pool() as pool:
            jobs = [
                pool.submit(write_junk, path, EACH, (self.seed << 8) + number)
                for number, path in enumerate(paths)
                if not path.exists()
            ]
            for done, job in enumerate(jobs, 1):
                job.result()
                progress(done, len(jobs))

    def _paths(self) -> Iterator[Path]:
        return (self.variations.folder / f"junk-{number}.npy" for number in range(self._files))

    @property
    def _files(self) -> int:
        return min(FILES, self.recipe.epochs)

    def __call__(self, number: int) -> Epoch:
        """Return an epoch by its number, from 0; targets are (n, 11)."""
        found = self.variations.epoch(number, self.recipe)
        junk = np.load(self.variations.folder / f"junk-{number % self._files}.npy")
        digits = np.concatenate([np.delete(found.digits, self.pictures, axis=0), junk])
        known = np.delete(found.labels, self.pictures)
        labels = np.concatenate([known, np.full(len(junk), JUNK)])
        return Epoch(digits, labels, np.eye(CLASSES, dtype=np.float32)[labels])
