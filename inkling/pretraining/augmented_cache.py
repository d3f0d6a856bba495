"""Training digits varied ahead of time, on disk: every epoch picks from them.

To render or warp takes longer than to learn, so a number of variations is made once, on all
processors, and used in turn.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkling.data.rendering import digits_from_strokes
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.files import whole_file
from inkling.parallel import process_pool
from inkling.pretraining.augmentation import training_rendering, warp_digits
from inkling.pretraining.fit import Epoch, FloatArray, Recipe
from inkling.pretraining.wear import vary_strokes, wear_page
from two_layer_net import one_hot

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int64]
Teacher = Callable[[FloatArray], FloatArray]
Progress = Callable[[int, int], None]

WARPINGS, RENDERINGS = 40, 30  # variations of digits and of drawings


@dataclass(frozen=True)
class Material:
    """What is varied: digits (n, 28, 28) uint8 with labels (n,), and pen drawings."""

    digits: Bytes
    labels: Labels
    drawings: Sequence[StrokeDrawing]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything, the same for the same material."""
        found = hashlib.sha256(self.digits.tobytes() + self.labels.tobytes())
        for drawing in self.drawings:
            found.update(bytes([drawing.digit]) + drawing.writer.encode())
            for stroke in drawing.strokes:
                found.update(stroke.tobytes())
        return found.hexdigest()[:16]

    @cached_property
    def drawn_labels(self) -> Labels:
        """The drawings' labels (m,)."""
        return labels_of(self.drawings)


class Variations:
    """Variations of one material, in a folder; those that are there already are used again."""

    def __init__(self, material: Material, folder: Path, seed: int) -> None:
        self._material, self._seed = material, seed
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)

    def make(self, recipe: Recipe, progress: Progress = lambda done, of: None) -> None:
        """Make what epochs of this recipe need; call `progress(done, of)` after each file."""
        warpings = [self._warped(n, recipe.warping) for n in range(self._warpings(recipe))]
        renderings = [self._rendered(n) for n in range(self._renderings(recipe))]
        total = len(warpings) + len(renderings)
        made = chain(self._warp(warpings, recipe.warping), self._render(renderings))
        for done, _ in enumerate(made, 1):
            progress(done, total)

    def _warp(self, paths: Sequence[Path], strength: float) -> Iterator[Path]:
        """Warp the digits into those of these files that are missing, several at once."""
        if not paths:
            return
        source = self.folder / "digits.npy"
        if not source.exists():
            _save(source, self._material.digits)
        with process_pool() as pool:
            jobs = {
                path: pool.submit(_warp_file, source, path, strength, (self._seed, number))
                for number, path in enumerate(paths)
                if not path.exists()
            }
            for path in paths:
                if path in jobs:
                    jobs[path].result()
                yield path

    def _render(self, paths: Sequence[Path]) -> Iterator[Path]:
        """Render the drawings into those of these files that are missing, one after another."""
        for number, path in enumerate(paths):
            if not path.exists():
                digits = digits_from_strokes(
                    self._material.drawings,
                    (self._seed, number),
                    vary=vary_strokes,
                    rendering=training_rendering,
                    vary_page=wear_page,
                )
                _save(path, np.rint(digits * 255).astype(np.uint8))
            yield path

    def _warpings(self, recipe: Recipe) -> int:
        """Return how many variations of the digits a recipe needs."""
        return min(WARPINGS, recipe.epochs) if len(self._material.labels) else 0

    def _renderings(self, recipe: Recipe) -> int:
        """Return how many variations of the drawings a recipe needs."""
        if not self._material.drawings:
            return 0
        return min(RENDERINGS, recipe.epochs * recipe.renderings)

    def _warped(self, number: int, strength: float) -> Path:
        return self.folder / f"warped-{strength:g}-{number}.npy"

    def _rendered(self, number: int) -> Path:
        return self.folder / f"rendered-{number}.npy"

    def epoch(self, number: int, recipe: Recipe, teacher: "Taught | None" = None) -> Epoch:
        """Return an epoch's digits: one warping of each digit, a few renderings of each drawing.

        Targets are the labels, or what a teacher says of the varied digit.
        """
        paths: list[Path] = []
        labels: list[Labels] = []
        if warpings := self._warpings(recipe):
            paths.append(self._warped(number % warpings, recipe.warping))
            labels.append(self._material.labels)
        available = self._renderings(recipe)
        for rendering in range(recipe.renderings if available else 0):
            paths.append(self._rendered((number * recipe.renderings + rendering) % available))
            labels.append(self._material.drawn_labels)
        said = np.concatenate(labels)
        return Epoch(
            np.concatenate([np.load(path) for path in paths]),
            said,
            np.concatenate([teacher(path) for path in paths]) if teacher else one_hot(said),
        )


class Taught:
    """What a teacher says of the digits in files of `Variations`: computed once, kept beside them.

    Distillation as in Hinton, Vinyals and Dean (2015), at temperature 1: a net that is too small
    to find a rule by itself learns better from a better net's doubts than from labels.
    """

    def __init__(self, teacher: Teacher, name: str) -> None:
        """Take a teacher that gives probabilities (n, 10) for digits (n, 28, 28), and its name."""
        self._teacher, self.name = teacher, name

    def __call__(self, path: Path) -> FloatArray:
        """Return probabilities (n, 10), float32, for the digits in a file."""
        kept = path.with_name(f"{path.stem}-{self.name}.npy")
        if not kept.exists():
            digits = np.load(path) * np.float32(1 / 255)
            _save(kept, self._teacher(digits).astype(np.float32))
        return np.asarray(np.load(kept))


def _warp_file(source: Path, target: Path, strength: float, seed: Iterable[int]) -> None:
    """Warp the digits in one file into another; runs in a process of its own."""
    digits = np.load(source) * np.float32(1 / 255)
    warped = warp_digits(digits, np.random.default_rng(list(seed)), strength)
    _save(target, np.rint(warped * 255).astype(np.uint8))


def _save(path: Path, array: NDArray[np.generic]) -> None:
    with whole_file(path, wait=True, lasting=False) as file:  # several searches share a folder
        np.save(file, array)
