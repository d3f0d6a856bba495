"""Diagrams: every number in them is the shipped weights'."""

from pathlib import Path

import numpy as np
import pytest

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.plots.diagrams import cnn_layers, fnn_layers, plot_diagram
from inkling.settings import ROOT
from tests.plots.svg import NAMESPACE, root, size, texts

ORIGINALS = checkpoints.originals(ROOT / "models")
LAYERS = {"fnn": fnn_layers, "cnn": cnn_layers}


@pytest.mark.parametrize("net", ["fnn", "cnn"])
def test_all_parameters_are_counted(net: str) -> None:
    layers = LAYERS[net](ORIGINALS[net])
    counted = sum(layer.step.parameters for layer in layers if layer.step)
    assert counted == sum(array.size for array in ORIGINALS[net].values())


def test_the_fnns_layers() -> None:
    assert [(layer.name, layer.shape) for layer in fnn_layers(ORIGINALS["fnn"])] == [
        ("Input", "28 × 28"),
        ("Hidden", "100"),
        ("Output", "10"),
    ]


def test_the_cnns_layers() -> None:
    assert [(layer.name, layer.shape) for layer in cnn_layers(ORIGINALS["cnn"])] == [
        ("Input", "28 × 28"),
        ("Conv 4 × 4", "28 × 28 × 16"),
        ("Max-pool", "14 × 14 × 16"),
        ("Conv 4 × 4", "14 × 14 × 32"),
        ("Max-pool", "7 × 7 × 32"),
        ("Dense", "625"),
        ("Output", "10"),
    ]


def test_the_fnns_diagram_tells_everything(tmp_path: Path) -> None:
    out = tmp_path / "fnn.svg"
    plot_diagram("fnn", fnn_layers(ORIGINALS["fnn"]), out)
    found = texts(out)
    assert {"FNN", "feed-forward net, 79,510 parameters"} <= set(found)
    assert {"28 × 28", "784 pixels", "Hidden, ReLU", "100", "78,500 parameters"} <= set(found)
    assert {"Output, softmax", "10", "1,010 parameters", *"0123456789"} <= set(found)
    assert not [words for words in found if "ropout" in words]


def test_the_cnns_diagram_tells_everything(tmp_path: Path) -> None:
    out = tmp_path / "cnn.svg"
    plot_diagram("cnn", cnn_layers(ORIGINALS["cnn"]), out)
    found = texts(out)
    assert {"CNN", "convolutional net, 995,381 parameters"} <= set(found)
    assert {"272 parameters", "8,224 parameters", "980,625 parameters"} <= set(found)
    dropouts = [words for words in found if words.startswith("dropout")]
    assert dropouts == ["dropout 0.1", "dropout 0.2", "dropout 0.4"]
    assert "Dropout: only while training from scratch" in found


def test_dropout_that_was_none_is_not_told(tmp_path: Path) -> None:
    plot_diagram("cnn", cnn_layers(ORIGINALS["cnn"], (0, 0.25, 0)), tmp_path / "a.svg")
    found = [words for words in texts(tmp_path / "a.svg") if "ropout" in words]
    assert found == ["dropout 0.25", "Dropout: only while training from scratch"]
    plot_diagram("cnn", cnn_layers(ORIGINALS["cnn"], (0, 0, 0)), tmp_path / "a.svg")
    assert not [words for words in texts(tmp_path / "a.svg") if "ropout" in words]


def test_another_nets_numbers_are_told_as_they_are(tmp_path: Path) -> None:
    arrays = {name: array.copy() for name, array in ORIGINALS["fnn"].items()}
    arrays["hidden_kernel"] = np.zeros((784, 57), np.float32)
    arrays["hidden_bias"] = np.zeros(57, np.float32)
    arrays["output_kernel"] = np.zeros((57, 10), np.float32)
    plot_diagram("fnn", fnn_layers(arrays), tmp_path / "a.svg")
    total = 785 * 57 + 580
    assert {"57", f"feed-forward net, {total:,} parameters"} <= set(texts(tmp_path / "a.svg"))


@pytest.mark.parametrize(
    ("net", "name", "shape"),
    [
        ("fnn", "hidden_kernel", (783, 100)),
        ("fnn", "output_kernel", (99, 10)),
        ("cnn", "conv1_kernel", (4, 5, 1, 16)),
        ("cnn", "conv2_kernel", (4, 4, 15, 32)),
        ("cnn", "dense_kernel", (625, 1567)),
        ("cnn", "output_kernel", (10, 624)),
    ],
)
def test_shapes_that_fit_no_net_are_refused(net: str, name: str, shape: tuple[int, ...]) -> None:
    arrays = {**ORIGINALS[net], name: np.zeros(shape, np.float32)}
    with pytest.raises(InvalidInput, match=r"These shapes fit no net: .*" + name):
        LAYERS[net](arrays)


@pytest.mark.parametrize("net", ["fnn", "cnn"])
@pytest.mark.parametrize("dark", [False, True])
def test_diagrams_are_as_wide_as_a_phone_and_the_same_again(
    net: str, dark: bool, tmp_path: Path
) -> None:
    layers = LAYERS[net](ORIGINALS[net])
    plot_diagram(net, layers, tmp_path / "a.png", dark=dark)
    width, height = size(tmp_path / "a.png")
    assert width == 2 * 340 < height
    for name in ("a.svg", "b.svg"):
        plot_diagram(net, layers, tmp_path / name, dark=dark)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_every_map_is_drawn_once(tmp_path: Path) -> None:
    plot_diagram("cnn", cnn_layers(ORIGINALS["cnn"]), tmp_path / "a.svg")
    styles = [path.get("style", "") for path in root(tmp_path / "a.svg").iter(f"{NAMESPACE}path")]
    assert sum("fill: #fffefb; stroke: #857d71" in style for style in styles) == 16 + 16 + 32 + 32
