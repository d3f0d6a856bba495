"""How well nets read what strangers drew on a web canvas, by cross-validation.

`python -m benchmarks.web_digits PICTURES CLEANED MNIST DRAWINGS` trains both nets five times, each
time without a fifth of PICTURES, as `inkling clean` cuts them, and asks them about that fifth. They
learn MNIST, DRAWINGS, what is generated, and the pictures of the other fifths that are in CLEANED
too. The CNN learns labels, the FNN what the CNN says: the teacher of the shipped originals has seen
all pictures. Trainings are shorter than those of the originals. Rows that are no digits, or whose
label names another digit (testing/web_digits.py, found by hand), do not count. What was said of
every row is kept in tmp/web-digits-said.npz, for `benchmarks.screen`.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray
from inkling.cli.options import read_material_of
from inkling.data.image_folder import image_digits
from inkling.data.picture_file import read_picture_file
from inkling.data.strokes import labels_of
from inkling.evaluation.metrics import score, score_answer
from inkling.pretraining.augmented_cache import Variations
from inkling.pretraining.calibration import at_temperature, best_temperature
from inkling.pretraining.cleaning import FOLDS, EpochsWithImages, folds_of
from inkling.pretraining.fit import Epoch, History, fit
from inkling.pretraining.generated_drawings import COUNT, generated_drawings
from inkling.pretraining.learners import learner
from inkling.pretraining.recipes import RECIPES
from inkling.pretraining.train import TrainingSet, training_set, variations_folder
from inkling.settings import ROOT, load_settings
from testing.web_digits import DOUBTFUL, MISLABELLED, NO_DIGIT

EPOCHS = {"cnn": 12, "fnn": 10}
SEED = 0
SAID = ROOT / "tmp" / "web-digits-said.npz"  # probabilities (n, 10) of every row, by net

Answer = Callable[[FloatArray], FloatArray]  # from digits (n, 28, 28): probabilities (n, 10)


@dataclass(frozen=True)
class Taught:
    """Epochs whose targets are what a net says."""

    epochs: Callable[[int], Epoch]
    teacher: Answer

    def __call__(self, number: int) -> Epoch:
        """Return an epoch by its number, from 0."""
        found = self.epochs(number)
        targets = self.teacher(found.digits * np.float32(1 / 255))
        return replace(found, targets=targets)


def main(pictures: Path, cleaned: Path, mnist: Path, drawings: Path) -> None:
    """Train ten nets, and print what the pairs read of the fifths that they never saw."""
    images = read_picture_file(pictures)
    digits, labels = image_digits(images), labels_of(images)
    kept = {image.grey.tobytes() for image in read_picture_file(cleaned)}
    learned = np.array([image.grey.tobytes() in kept for image in images])
    scanned, pen, _ = read_material_of(mnist, [drawings])
    data = training_set(scanned, pen, generated=generated_drawings(COUNT))
    folds = folds_of(labels)
    said = {net: np.empty((len(labels), 10), np.float32) for net in ("fnn", "cnn")}
    for fold in range(FOLDS):
        others, own = (folds != fold) & learned, folds == fold
        for net, answer in _pair(data, digits[others], labels[others], fold).items():
            said[net][own] = answer(digits[own])
    np.savez(SAID, fnn=said["fnn"], cnn=said["cnn"])
    _tell(said, labels)


def _pair(
    data: TrainingSet, digits: FloatArray, labels: NDArray[np.int64], fold: int
) -> dict[str, Answer]:
    """Return both nets, trained on the data and on these pictures."""
    cnn = _train("cnn", data, digits, labels, fold, None)
    return {"cnn": cnn, "fnn": _train("fnn", data, digits, labels, fold, cnn)}


def _train(
    net: str,
    data: TrainingSet,
    digits: FloatArray,
    labels: NDArray[np.int64],
    fold: int,
    teacher: Answer | None,
) -> Answer:
    recipe = replace(RECIPES[net], epochs=EPOCHS[net])
    work = load_settings().tmp_folder
    variations = Variations(data.material, variations_folder(data, work, SEED), SEED)
    variations.make(recipe)
    untrained = learner(net, recipe, SEED)
    epochs = EpochsWithImages(variations, recipe, digits, labels, (SEED, fold))

    def report(epoch: int, history: History) -> None:
        print(net, f"fold {fold} epoch {epoch + 1}: {history.validation_accuracy[-1]:.2%}")

    state, _ = fit(
        untrained.start,
        untrained.gradients,
        untrained.probabilities,
        recipe,
        Taught(epochs, teacher) if teacher else epochs,
        data.validation,
        seed=SEED,
        report=report,
    )
    watched, right = data.validation
    said = untrained.probabilities(state, watched)
    calibrated = at_temperature(state, best_temperature(said, right, data.importance()))
    return lambda asked: untrained.probabilities(calibrated, asked)


def _tell(said: dict[str, FloatArray], labels: NDArray[np.int64]) -> None:
    """Print the accuracies on rows whose labels are right, with and without the doubtful ones."""
    rows = np.arange(len(labels))
    right = ~np.isin(rows, [*MISLABELLED, *NO_DIGIT])
    for name, counted in (
        ("right labels", right),
        ("and not doubtful", right & ~np.isin(rows, DOUBTFUL)),
    ):
        found = {net: score(said[net][counted], labels[counted]) for net in said}
        found["answer"] = score_answer(said["fnn"][counted], said["cnn"][counted], labels[counted])
        accuracies = ", ".join(f"{net} {each.accuracy:.2%}" for net, each in found.items())
        errors = ", ".join(f"{found[net].calibration_error:.2%}" for net in said)
        print(f"{name} ({counted.sum():,}): {accuracies}; calibration errors {errors}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
