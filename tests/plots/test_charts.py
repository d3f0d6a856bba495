"""Plots: that they show what they are given."""

import base64
import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from functions import augment, process_image
from inkling.errors import InvalidInput
from inkling.evaluation.metrics import NO_ANSWER, Score
from inkling.plots.charts import (
    Training,
    choose_samples,
    model_words,
    plot_confusion,
    plot_history,
    plot_samples,
    plot_variants,
)
from inkling.plots.style import DARK, LIGHT
from testing.pen import draw
from tests.plots.svg import NAMESPACE, root, size, texts

FNN = Training("fnn", 0, [0.9, 0.5, 0.3], [0.62, 0.8, 0.9], [0.7, 0.85, 0.953])
CNN = Training("cnn", 0, [0.25], [0.955], [0.97])


def images(path: Path) -> list[NDArray[np.uint8]]:
    """The pixels, RGBA, of each image in an SVG."""
    found = [element.attrib for element in root(path).iter(f"{NAMESPACE}image")]
    links = [attributes["{http://www.w3.org/1999/xlink}href"] for attributes in found]
    files = [io.BytesIO(base64.b64decode(link.partition(",")[2])) for link in links]
    return [np.asarray(Image.open(file).convert("RGBA")) for file in files]


def confusion(*mistakes: tuple[int, int, int], right: int = 100) -> Score:
    """A score with so many right of each label, and mistakes (label, said, count)."""
    counts = np.zeros((10, NO_ANSWER + 1), np.int64)
    counts[range(10), range(10)] = right
    for label, said, count in mistakes:
        counts[label, said] = count
    return Score(tuple(map(tuple, counts.tolist())))


@pytest.mark.parametrize("dark", [False, True])
def test_a_history_tells_both_curves_and_their_ends(dark: bool, tmp_path: Path) -> None:
    plot_history([FNN], tmp_path / "a.svg", dark=dark)
    found = texts(tmp_path / "a.svg")
    assert {"FNN", "Loss", "Accuracy", "epoch", "training", "validation"} <= set(found)
    assert {"0.300", "90.0 %", "95.3 %"} <= set(found)
    assert {"1", "2", "3", "60 %", "100 %"} <= set(found), "whole epochs, from the least accuracy"
    content = (tmp_path / "a.svg").read_text()
    assert ((DARK if dark else LIGHT).accent in content) is True
    assert ((LIGHT if dark else DARK).accent in content) is False


def test_histories_side_by_side_have_the_same_scales(tmp_path: Path) -> None:
    plot_history([FNN, CNN], tmp_path / "a.svg")
    found = texts(tmp_path / "a.svg")
    assert found.count("60 %") == 2
    assert {"FNN", "CNN", "95.5 %", "97.0 %"} <= set(found), "one epoch is enough"
    plot_history([FNN, CNN], tmp_path / "a.png")
    assert size(tmp_path / "a.png") == (4 * 340, 2 * 440)


def test_two_histories_of_a_net_are_told_apart_by_their_seeds(tmp_path: Path) -> None:
    plot_history([FNN, dataclasses.replace(FNN, seed=7)], tmp_path / "a.svg")
    assert {"FNN, seed 0", "FNN, seed 7"} <= set(texts(tmp_path / "a.svg"))


def test_a_perfect_net_has_a_history_too(tmp_path: Path) -> None:
    plot_history([Training("fnn", 0, [0.0], [1.0], [1.0])], tmp_path / "a.svg")
    assert texts(tmp_path / "a.svg").count("100.0 %") == 2


def test_samples_are_chosen_of_each_digit() -> None:
    labels = np.tile(np.arange(10), 5)
    chosen = choose_samples(labels, 4, 0, Path("f"))
    assert (labels[chosen] == np.arange(10)).all()
    assert len(set(chosen.flat)) == 40, "none twice"
    assert (choose_samples(labels, 4, 0, Path("f")) == chosen).all()
    assert (choose_samples(labels, 4, 1, Path("f")) != chosen).any()


def test_too_few_samples_are_told() -> None:
    with pytest.raises(
        InvalidInput, match=r"^f has 1 samples of a 0, not 2\. Give a lower --count"
    ):
        choose_samples(range(10), 2, 0, Path("f"))


def test_samples_are_shown_pixel_by_pixel(tmp_path: Path) -> None:
    digits = np.random.default_rng(0).random((2, 10, 28, 28)).astype(np.float32)
    plot_samples(digits, tmp_path / "a.svg")
    assert texts(tmp_path / "a.svg") == [str(digit) for digit in range(10)]
    (grid,) = images(tmp_path / "a.svg")
    assert grid.shape == (2 * 31 - 3, 10 * 31 - 3, 4)
    shown = grid[31:59, 4 * 31 : 4 * 31 + 28]
    assert np.abs(shown[..., 0] / 255 - digits[1, 4]).max() < 0.01
    assert (shown[..., 3] == 255).all()
    assert (grid[28:31] == 0).all(), "nothing between digits"


def test_variants_stand_beside_the_digit(tmp_path: Path) -> None:
    digit, variants = process_image(draw(7)), augment(draw(7), 3)
    assert digit is not None
    assert variants is not None
    plot_variants(digit, variants, tmp_path / "a.svg")
    assert texts(tmp_path / "a.svg") == ["The digit", "24 variants"]
    one, grid = images(tmp_path / "a.svg")
    assert np.abs(one[..., 0] / 255 - digit).max() < 0.01
    last = grid[3 * 31 :, 5 * 31 :, 0] / 255
    assert np.abs(last - variants[23]).max() < 0.01


def test_a_confusion_matrix_shows_counts_where_there_are_any(tmp_path: Path) -> None:
    plot_confusion({"MNIST test": {"cnn_retrained": confusion((4, 9, 17))}}, tmp_path / "a.svg")
    found = texts(tmp_path / "a.svg")
    assert {"CNN retrained", "MNIST test: 1,000 of 1,017 right", "label", "said"} <= set(found)
    assert found.count("100") == 10
    assert found.count("17") == 1
    assert "none" not in found
    assert found.count("0") == 2, "in both margins, in no cell"


def test_mistakes_are_red_and_what_is_right_is_not(tmp_path: Path) -> None:
    plot_confusion({"s": {"fnn": confusion()}}, tmp_path / "a.svg")
    assert LIGHT.wrong not in (tmp_path / "a.svg").read_text()
    plot_confusion({"s": {"fnn": confusion((1, 7, 1), (2, 3, 8))}}, tmp_path / "a.svg")
    cells = [path.get("style", "") for path in root(tmp_path / "a.svg").iter(f"{NAMESPACE}path")]
    red = [style for style in cells if LIGHT.wrong in style]
    assert len(red) == 2
    assert "opacity" in red[0], "the rarer mistake is paler"
    assert "opacity" not in red[1], "the most frequent one is as red as can be"


def test_no_answer_has_a_column_and_each_set_a_row(tmp_path: Path) -> None:
    scores = {name: {"fnn": confusion(), "answer": confusion((3, 10, 2))} for name in ("a", "b")}
    scores["a"]["cnn"] = confusion()
    plot_confusion(scores, tmp_path / "a.svg")
    found = texts(tmp_path / "a.svg")
    assert found.count("none") == found.count("The app’s answer") == 2
    plot_confusion(scores, tmp_path / "a.png")
    assert size(tmp_path / "a.png") == (2 * 2 * (64 + 11 * 28), 2 * 3 * 420)


def test_models_have_the_pages_names() -> None:
    names = ["fnn", "cnn_retrained", "answer"]
    assert list(map(model_words, names)) == ["FNN original", "CNN retrained", "The app’s answer"]
