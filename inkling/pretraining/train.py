"""Originals from scratch: what is learned from, how, and the files that come of it."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions import SIDE
from inkling import checkpoints
from inkling.data.datasets import Mnist, held_out, validation
from inkling.data.image_folder import LabelledImage, image_digits
from inkling.data.rendering import digits_from_strokes
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.errors import InvalidInput
from inkling.files import write_whole
from inkling.nets.lite_conv_net import CONVOLUTIONS
from inkling.nets.litert import placeholders
from inkling.pretraining.augmentation import training_rendering
from inkling.pretraining.augmented_cache import Labels, Material, Progress, Taught, Variations
from inkling.pretraining.calibration import at_temperature, best_temperature
from inkling.pretraining.fit import (
    Epoch,
    FloatArray,
    History,
    Probabilities,
    Recipe,
    Report,
    Weights,
    fit,
)
from inkling.pretraining.generated_drawings import WRITER as GENERATED
from inkling.pretraining.junk_epochs import EpochsWithJunk, odds, threshold
from inkling.pretraining.learners import UNLIKE_DIGITS, learner, taught_by
from inkling.pretraining.recipes import RECIPES
from inkling.pretraining.wear import vary_strokes, wear_page

MNIST_VALIDATION = 5_000  # the last digits of MNIST's train split
VALIDATION_SEED, WORN_SEED = 999, 998  # of the watched pen drawings' renderings
VALIDATION_IMAGES_ONE_IN = 10
CHECKPOINT = ".checkpoint.npz"  # how the names of checkpoints end
NOTHING: tuple[FloatArray, Labels] = np.empty((0, SIDE, SIDE), np.float32), np.empty(0, np.int64)


@dataclass(frozen=True)
class TrainingSet:
    """What originals learn from, and what they are watched on; nothing of it is held out."""

    material: Material
    validation: tuple[FloatArray, Labels]  # (n, 28, 28) in [0, 1], (n,)
    is_drawing: NDArray[np.bool_]  # (n,): which of the validation digits are pen drawings
    # Which of the material's digits are labelled images
    pictures: slice = field(default_factory=lambda: slice(0))
    # The watched drawings once more, worn and beyond the limits, as a net must be sure of less
    worn: tuple[FloatArray, Labels] = NOTHING

    def importance(self) -> FloatArray:
        """Return how much each validation digit counts: drawings as much as all others together."""
        drawings = int(self.is_drawing.sum())
        others = len(self.is_drawing) - drawings
        ratio = others / drawings if drawings and others else 1.0
        return np.where(self.is_drawing, ratio, 1.0)

    def counts(self) -> dict[str, int]:
        """Return how much there is of everything."""
        drawings = [d for d in self.material.drawings if d.writer != GENERATED]
        return {
            "digits": len(self.material.labels),
            "drawings": len(drawings),
            "writers": len({drawing.writer for drawing in drawings}),
            "generated": len(self.material.drawings) - len(drawings),
            "validation": len(self.validation[1]),
        }


def training_set(
    mnist: Mnist | None,
    drawings: Sequence[StrokeDrawing],
    images: Sequence[LabelledImage] = (),
    generated: Sequence[StrokeDrawing] = (),
) -> TrainingSet:
    """Return MNIST's train split, drawings of writers not held out, images, and what is generated.

    For validation are kept: the last 5,000 of MNIST, one writer in ten, one image in ten. Any of
    the first three may be missing.

    Raises InvalidInput where nothing is left to learn from, or to watch.
    """
    scanned = NOTHING if mnist is None else (mnist.train_digits, mnist.train_labels)
    allowed = [d for d in drawings if not held_out(d.writer)]
    watched = [d for d in allowed if validation(d.writer)]
    learned = [d for d in allowed if not validation(d.writer)]
    pictured = image_digits(images), labels_of(images)
    is_watched = np.arange(len(images)) % VALIDATION_IMAGES_ONE_IN == 0
    digits = [scanned[0][:-MNIST_VALIDATION], pictured[0][~is_watched]]
    labels = [scanned[1][:-MNIST_VALIDATION], pictured[1][~is_watched]]
    worn = digits_from_strokes(
        watched,
        WORN_SEED,
        vary=vary_strokes,
        rendering=training_rendering,
        vary_page=wear_page,
    )
    seen = [
        scanned[0][-MNIST_VALIDATION:],
        digits_from_strokes(watched, VALIDATION_SEED),
        pictured[0][is_watched],
    ]
    said = [scanned[1][-MNIST_VALIDATION:], labels_of(watched), pictured[1][is_watched]]
    _check_enough(sum(map(len, labels)) + len(learned), sum(map(len, said)))
    return TrainingSet(
        Material(
            np.rint(np.concatenate(digits) * 255).astype(np.uint8),
            np.concatenate(labels),
            [*learned, *generated],
        ),
        (np.concatenate(seen), np.concatenate(said)),
        np.repeat([False, True, False], [len(part) for part in said]),
        slice(len(labels[0]), sum(map(len, labels))),
        (worn, labels_of(watched)),
    )


def _check_enough(learned: int, watched: int) -> None:
    for count, what in ((learned, "learn from"), (watched, "watch the training on")):
        if not count:
            raise InvalidInput(
                f"Nothing is left to {what}: one writer in six is held out, one in ten of the "
                "others and one image in ten are only watched.",
                "Name drawings by more writers, more images, or --mnist.",
            )


def variations_folder(data: TrainingSet, work: Path, seed: int) -> Path:
    """Return where variations and checkpoints of this material and seed lie in `work`."""
    return work / f"training-{data.material.fingerprint}-{seed}"


def remove_variations(data: TrainingSet, work: Path, seed: int) -> None:
    """Remove the variations, unless a checkpoint beside them says that another net needs them."""
    folder = variations_folder(data, work, seed)
    if not any(folder.glob(f"*{CHECKPOINT}")):
        shutil.rmtree(folder)


def train_original(
    net: str,
    data: TrainingSet,
    out: Path,
    work: Path,
    *,
    recipe: Recipe | None = None,
    seed: int = 0,
    teacher: Path | None = None,
    prepared: Progress = lambda done, of: None,
    report: Report = lambda epoch, history: None,
) -> History:
    """Train a net of RECIPES; write `<net>.npz` and `<net>.history.json` to `out`.

    The folder `work` holds the variations, and a checkpoint: the same call after a kill goes on
    from there. `teacher` is a folder whose `learners.taught_by` gives probabilities in the labels'
    place.
    """
    recipe = recipe or RECIPES[net]
    out.mkdir(parents=True, exist_ok=True)
    variations = Variations(data.material, variations_folder(data, work, seed), seed)
    variations.make(recipe, prepared)
    taught = taught_by(teacher) if teacher else None
    epoch_of: Callable[[int], Epoch] = partial(variations.epoch, recipe=recipe, teacher=taught)
    if net == UNLIKE_DIGITS:
        epoch_of = junk = EpochsWithJunk(variations, recipe, seed, data.pictures)
        junk.make(prepared)
    untrained = learner(net, recipe, seed)
    name = f"{net}-{_fingerprint(recipe, taught)}{CHECKPOINT}"
    checkpoint = variations.folder / name
    state, history = fit(
        untrained.start,
        untrained.gradients,
        untrained.probabilities,
        recipe,
        epoch_of,
        data.validation,
        seed=seed,
        checkpoint=checkpoint,
        report=report,
    )
    finished, found = _finished(net, state, untrained.probabilities, data)
    write_whole(out / f"{net}.npz", checkpoints.pack(finished))
    facts = {
        "net": net,
        "seed": seed,
        "recipe": recipe.to_json(),
        "teacher": taught.name if taught else None,
        **found,
        "data": data.counts(),
    }
    _write_history(out / f"{net}.history.json", facts, history)
    checkpoint.unlink()
    return history


def _finished(
    net: str, state: Weights, answer: Probabilities, data: TrainingSet
) -> tuple[Weights, dict[str, float]]:
    """Return the weights to write, and the one number that validation digits decide in the end.

    The temperature is judged on worn drawings as well: a net that is sure of what it cannot read
    outvotes the other one.
    """
    digits, labels = data.validation
    said = answer(state, digits)
    if net == UNLIKE_DIGITS:
        least = threshold(odds(said), data.is_drawing)
        return state | {"threshold": np.array(least, np.float32)}, {"threshold": round(least, 4)}
    importance = data.importance()
    if len(data.worn[1]):
        said = np.concatenate([said, answer(state, data.worn[0])])
        labels = np.concatenate([labels, data.worn[1]])
        importance = np.concatenate([importance, importance[data.is_drawing]])
    temperature = best_temperature(said, labels, importance)
    return at_temperature(state, temperature), {"temperature": round(temperature, 4)}


def _fingerprint(recipe: Recipe, taught: Taught | None) -> str:
    """Return what a checkpoint must agree in, beside material and seed, to be continued."""
    words = json.dumps(recipe.to_json()) + (taught.name if taught else "")
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _write_history(path: Path, facts: Mapping[str, Any], history: History) -> None:
    curves = {name: [round(v, 6) for v in values] for name, values in asdict(history).items()}
    write_whole(path, json.dumps({**facts, **curves}, indent=1) + "\n")


def write_serving_graph(out: Path) -> None:
    """Write the graph that serves every version of the CNN, `cnn.tflite`, to the folder `out`."""
    import conv_net  # TensorFlow comes with it: 4 s

    shapes = {name: conv_net.SHAPES[name] for name in CONVOLUTIONS}
    write_whole(out / "cnn.tflite", conv_net.convolutions_graph(placeholders(shapes)))
