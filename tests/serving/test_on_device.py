"""What a page computes on the device is what the server computes: pictures, models, answers."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from functions import FloatArray, Grey, process_image
from inkling import checkpoints
from inkling.data.datasets import read_mnist_test
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.nets.registry import MODELS
from inkling.serving.recognizer import Recognizer
from inkling.serving.weight_packs import WeightPacks
from inkling.settings import ROOT, Settings
from inkling.storage.folder import FolderStore
from testing.data import MNIST, needs_data
from testing.node import NODE, needs_node
from testing.pen import draw
from tests.serving.versions import publish

pytestmark = needs_node

SIDE = 280
NO_DIGIT, NO_ANSWER = -2, -1

Check = Callable[[FloatArray, str | None], None]


def ran(tmp_path: Path, what: str, given: bytes, *packs: bytes) -> FloatArray:
    """What tests/node/digits.mjs writes of this."""
    files = [tmp_path / f"{n}.bin" for n in range(1 + len(packs))]
    for file, content in zip(files, (given, *packs), strict=True):
        file.write_bytes(content)
    scripts = tmp_path / "js"
    if not scripts.exists():  # Node takes them for modules where a package says so
        shutil.copytree(ROOT / "static" / "js", scripts)
        (scripts / "package.json").write_text('{"type": "module"}')
    words = ["node", NODE / "digits.mjs", scripts, what, *files]
    done = subprocess.run([*map(str, words)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return np.frombuffer(done.stdout, np.float32)


def pen_drawings(count: int, seed: int = 1) -> list[Grey]:
    """Drawings of every digit, with pens and sizes from hardly any to nearly all of the canvas."""
    rng = np.random.default_rng(seed)
    return [
        draw(n % 10, width=int(rng.integers(3, 40)), size=int(rng.integers(20, 270)))
        for n in range(count)
    ]


def page(*boxes: tuple[int, int, int, int, int]) -> Grey:
    """A white page with boxes of a grey level: top, left, height, width, level."""
    grey = np.full((SIDE, SIDE), 255, np.uint8)
    for top, left, height, width, level in boxes:
        grey[top : top + height, left : left + width] = level
    return grey


ODD = {
    "nothing": page(),
    "too pale": page((10, 10, 50, 50, 240)),
    "just dark enough": page((10, 10, 50, 50, 239)),
    "a dot": page((100, 100, 1, 1, 0)),
    "a dot in a corner": page((279, 279, 1, 1, 0)),
    "a line across": page((140, 0, 1, 280, 0)),
    "a line down": page((0, 140, 280, 1, 0)),
    "a broad line": page((100, 3, 20, 270, 30)),
    "half the page": page((0, 0, 139, 280, 0)),
    "over half the page": page((0, 0, 141, 280, 0)),
    "pale beside dark": page((50, 50, 100, 100, 0), (160, 160, 50, 50, 200)),
    "an odd box": page((7, 11, 213, 61, 0)),
    "a small one": page((7, 11, 13, 17, 90)),
}


def digits_here(tmp_path: Path, pictures: list[Grey]) -> FloatArray:
    given = b"".join(picture.tobytes() for picture in pictures)
    return ran(tmp_path, "pictures", given).reshape(-1, 28, 28)


@pytest.mark.parametrize("count", [300, pytest.param(2000, marks=pytest.mark.long)])
def test_a_drawing_is_the_same_digit_here_and_there(tmp_path: Path, count: int) -> None:
    drawings = pen_drawings(count)
    found = digits_here(tmp_path, drawings)
    for drawing, digit in zip(drawings, found, strict=True):
        expected = process_image(drawing)
        assert expected is not None
        assert np.abs(digit - expected).max() < 1e-5


def test_odd_pages_are_the_same_here_and_there(tmp_path: Path) -> None:
    found = digits_here(tmp_path, [*ODD.values()])
    for (name, drawing), digit in zip(ODD.items(), found, strict=True):
        if name == "over half the page":  # a photograph for the server, which is asked then
            assert np.isinf(digit).all()
            continue
        expected = process_image(drawing)
        assert (expected is None) == np.isnan(digit).all(), name
        assert expected is None or np.abs(digit - expected).max() < 1e-5, name


def answers_here(tmp_path: Path, digits: FloatArray, *packs: bytes) -> FloatArray:
    """Four models' probabilities, then the answer: (n, 41)."""
    given = np.asarray(digits, "<f4").tobytes()
    return ran(tmp_path, "answers", given, *packs).reshape(len(digits), -1)


def learned(settings: Settings, moving: str) -> dict[str, checkpoints.Arrays]:
    """The originals, of which the arrays that are named so have moved a little."""
    rng = np.random.default_rng(5)
    return {
        net: {
            name: array + np.float32(0.02) * rng.standard_normal(array.shape, np.float32)
            if any(part in name for part in moving.split())
            else array
            for name, array in arrays.items()
        }
        for net, arrays in checkpoints.originals(settings.models_folder).items()
    }


@pytest.fixture
def check(tmp_path: Path, settings: Settings, journal: Journal, store: FolderStore) -> Check:
    def check(digits: FloatArray, moving: str | None) -> None:
        """The device says what the server says; `moving`: after learning, which moves these."""
        outbox = Outbox(journal, store)
        packs = WeightPacks(settings.models_folder, outbox, fresh=0)
        if moving is not None:
            publish(journal, store, 1, learned(settings, moving))
        recognizer = Recognizer(settings.models_folder, outbox)
        assert recognizer.version == packs.newest() == (moving is not None)
        given = [packs.originals, *([packs.of(1)] if moving is not None else [])]
        found = answers_here(tmp_path, digits, *(pack.content for pack in given))
        for digit, said in zip(digits, found, strict=True):
            expected = recognizer.predict(digit)
            there = np.concatenate([expected.probabilities[model] for model in MODELS])
            assert np.abs(said[:40] - there).max() < 1e-4
            answer = NO_ANSWER if expected.answer is None else expected.answer
            assert said[40] == (answer if expected.is_digit else NO_DIGIT)

    return check


# As shipped; what learning moves; all, as after a training of other originals; one net alone.
@pytest.mark.parametrize("moving", [None, "hidden dense output", "kernel bias", "hidden"])
def test_all_models_say_the_same_here_and_there(check: Check, moving: str | None) -> None:
    rng = np.random.default_rng(7)
    found = [process_image(drawing) for drawing in pen_drawings(100, seed=2)]
    drawn = [digit for digit in found if digit is not None]
    noise = rng.random((20, 28, 28), np.float32) * rng.integers(0, 2, (20, 28, 28))
    check(np.stack([*drawn, *noise.astype(np.float32)]), moving)


@pytest.mark.long
@needs_data
@pytest.mark.parametrize("moving", [None, "hidden dense output"])
def test_all_models_say_the_same_of_mnist(check: Check, moving: str | None) -> None:
    digits, _ = read_mnist_test(MNIST)
    assert len(digits) == 10_000
    check(digits.astype(np.float32) / np.float32(255), moving)
