"""The labelled digits that the retrained nets are measured on, prepared a little at a time."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions import Grey
from inkling.data.datasets import each_drawing, held_out, read_mnist_test
from inkling.data.rendering import seen_digit
from inkling.errors import InvalidInput
from inkling.evaluation.metrics import MNIST_TEST, VALIDATION_WRITERS

RENDERED_A_STEP, READ_A_STEP = 10, 50  # drawings; either takes some 20 ms

TestSet = tuple[Grey, NDArray[np.int64]]  # digits (n, 28, 28) uint8, 255 ink; labels (n,)


class TestSets:
    """Digits and labels by the name of their set, made from files when they are first wanted.

    Digits are kept as uint8, a quarter of what the nets' float32 would take; the steps of 1/255
    are those of MNIST itself.
    """

    __test__ = False  # no test, whatever pytest thinks of the name

    def __init__(self, mnist: Path | None = None, drawings: Path | None = None) -> None:
        """Take MNIST's file or folder, a stroke file whose held-out writers are used, or None.

        Nothing is read yet. Raises InvalidInput where a file is missing.
        """
        for name, path, is_there in (
            ("TEST_MNIST", mnist, Path.exists),  # MNIST may be a folder of its four files
            ("TEST_DRAWINGS", drawings, Path.is_file),
        ):
            if path and not is_there(path):
                raise InvalidInput(
                    f"{name} is '{path}', which is no file.", "Name one, or set nothing."
                )
        self._files = {n: p for n, p in ((MNIST_TEST, mnist), (VALIDATION_WRITERS, drawings)) if p}
        self._found: dict[str, TestSet] = {}
        self._steps = self._prepare()
        self.ready = False

    @property
    def names(self) -> list[str]:
        """The names of the sets that there are files for."""
        return [*self._files]

    @property
    def sets(self) -> Mapping[str, TestSet]:
        """The sets by name, all of them once `ready`."""
        return self._found

    def prepare(self) -> None:
        """Take one short step towards `ready`. Raises InvalidInput or OSError for a bad file."""
        if next(self._steps, None) is None:
            self.ready = True

    def _prepare(self) -> Iterator[bool]:
        if MNIST_TEST in self._files:
            self._found[MNIST_TEST] = read_mnist_test(self._files[MNIST_TEST])
            yield True
        if VALIDATION_WRITERS in self._files:
            yield from self._render(self._files[VALIDATION_WRITERS])

    def _render(self, path: Path) -> Iterator[bool]:
        digits, labels = [], []
        for number, drawing in enumerate(each_drawing(path), 1):
            rendered = held_out(drawing.writer)
            if rendered:
                digits.append(np.rint(seen_digit(drawing) * 255).astype(np.uint8))
                labels.append(drawing.digit)
            if number % READ_A_STEP == 0 or (rendered and len(digits) % RENDERED_A_STEP == 0):
                yield True
        if not digits:
            raise InvalidInput(f"{path} has no held-out writers.", "Name a file with more writers.")
        self._found[VALIDATION_WRITERS] = np.stack(digits), np.array(labels, np.int64)
