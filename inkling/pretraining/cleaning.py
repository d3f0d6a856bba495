"""Labels that nets which never saw them do not believe: found by cross-validation, left out.

Labelled images by strangers hold wrong labels and things that are no digits. They are cut into
folds, a net is trained from scratch without one fold at a time, beside everything else, and a row
of that fold whose label the net gives less than 1 % is dropped. Folds are runs of neighbouring
rows: neighbours may be one person's. (Confident learning without its counts: C. G. Northcutt,
L. Jiang and I. L. Chuang, Journal of Artificial Intelligence Research 70, 2021.)
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkling.pretraining.augmentation import warp_digits
from inkling.pretraining.augmented_cache import Variations
from inkling.pretraining.fit import Epoch, FloatArray, History, Recipe, fit
from inkling.pretraining.learners import learner
from inkling.pretraining.recipes import RECIPES
from inkling.pretraining.train import TrainingSet, variations_folder
from two_layer_net import one_hot

FOLDS, EPOCHS = 5, 3
LEAST = 0.01  # the probability below which a label is dropped
NET = "cnn"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cleaned:
    """What nets that never saw them say of images: the probability of each one's label (n,)."""

    believed: FloatArray
    labels: NDArray[np.int64]

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which images stay (n,)."""
        return self.believed >= LEAST

    def dropped(self) -> dict[int, int]:
        """Return how many are dropped, by label, where any are."""
        counts = np.bincount(self.labels[~self.kept], minlength=10)
        return {label: int(count) for label, count in enumerate(counts) if count}


def recipe_of(epochs: int = EPOCHS) -> Recipe:
    """Return how the nets are trained: as the original, for fewer epochs."""
    return replace(RECIPES[NET], epochs=epochs)


def folds_of(labels: NDArray[np.int64], count: int = FOLDS) -> NDArray[np.int64]:
    """Return which fold each row is in (n,): of each label as many runs of neighbours as folds."""
    found = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        found[rows] = np.arange(len(rows)) * count // len(rows)
    return found


def clean(
    data: TrainingSet,
    digits: FloatArray,
    labels: NDArray[np.int64],
    work: Path,
    *,
    recipe: Recipe,
    seed: int = 0,
    prepared: Progress = lambda done, of: None,
    progress: Progress = lambda done, of: None,
) -> Cleaned:
    """Return what is believed of images by nets that learn the data and the other folds' images.

    digits: the images as nets see them, (n, 28, 28) in [0, 1]; labels (n,). The folder `work`
    holds the data's variations, as with training. `progress` hears of each epoch.
    """
    variations = Variations(data.material, variations_folder(data, work, seed), seed)
    variations.make(recipe, prepared)
    folds = folds_of(labels)
    believed = np.empty(len(labels))
    for fold in range(FOLDS):
        net = learner(NET, recipe, seed)
        own, others = folds == fold, folds != fold
        epochs = EpochsWithImages(variations, recipe, digits[others], labels[others], (seed, fold))

        def report(epoch: int, history: History, done: int = fold * recipe.epochs) -> None:
            progress(done + epoch + 1, FOLDS * recipe.epochs)

        state, _ = fit(
            net.start,
            net.gradients,
            net.probabilities,
            recipe,
            epochs,
            data.validation,
            seed=seed,
            report=report,
        )
        said = net.probabilities(state, digits[own])
        believed[own] = said[np.arange(len(said)), labels[own]]
    return Cleaned(believed, labels)


@dataclass(frozen=True)
class EpochsWithImages:
    """The data's epochs, each with some images more, warped anew."""

    variations: Variations
    recipe: Recipe
    digits: FloatArray
    labels: NDArray[np.int64]
    seed: tuple[int, ...]

    def __call__(self, number: int) -> Epoch:
        """Return an epoch by its number, from 0."""
        found = self.variations.epoch(number, self.recipe)
        rng = np.random.default_rng([*self.seed, number])
        warped = warp_digits(self.digits, rng, self.recipe.warping)
        return Epoch(
            np.concatenate([found.digits, np.rint(warped * 255).astype(np.uint8)]),
            np.concatenate([found.labels, self.labels]),
            np.concatenate([found.targets, one_hot(self.labels)]),
        )
