"""Networks of other people: they answer here what they answer in Keras."""

from pathlib import Path

import numpy as np
import pytest

from inkling import checkpoints
from inkling.formats.importing import import_network
from inkling.formats.npz import npz_file
from inkling.nets.description import Description, Figures
from inkling.nets.layers import arrays_wanted, layers_of
from inkling.nets.litert import ServedNetwork
from tests.formats.foreign import DIGITS, FOREIGN, SCORES, answers, make, save


@pytest.mark.parametrize("end", [".keras", ".h5"])
@pytest.mark.parametrize("name", FOREIGN)
def test_an_imported_network_answers_as_in_keras(name: str, end: str, tmp_path: Path) -> None:
    model = make(name)
    found = import_network(save(model, tmp_path / f"net{end}"), "mine")
    served = ServedNetwork(found.graph).probabilities(DIGITS)
    np.testing.assert_allclose(served, answers(name, model), atol=1e-5)
    assert found.description.parameters == model.count_params()
    assert found.description.architecture == "imported"
    assert found.description.training["file"] == f"net{end}"
    layers = layers_of(found.description.config)
    arrays = checkpoints.unpack(found.weights)
    assert {n: a.shape for n, a in arrays.items()} == arrays_wanted(layers)
    assert (layers[-1].kind == "Softmax") >= (name in SCORES)


def test_a_file_of_keras_2_is_read_too(tmp_path: Path) -> None:
    """Its config, as it wrote them: the shape at the first layer, links as lists."""
    import h5py

    config = """{"class_name": "Functional", "config": {"name": "model", "layers": [
    {"class_name": "InputLayer", "name": "input_1", "inbound_nodes": [], "config":
      {"batch_input_shape": [null, 28, 28], "dtype": "float32", "name": "input_1"}},
    {"class_name": "Dense", "name": "dense", "inbound_nodes": [[["flatten", 0, 0, {}]]], "config":
      {"name": "dense", "units": 10, "activation": "softmax", "use_bias": true,
       "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}}},
    {"class_name": "Flatten", "name": "flatten", "inbound_nodes": [[["input_1", 0, 0, {}]]],
     "config": {"name": "flatten", "trainable": true, "data_format": "channels_last"}}],
    "input_layers": [["input_1", 0, 0]], "output_layers": [["dense", 0, 0]]}}"""
    kernel = np.random.default_rng(1).normal(0, 0.1, (784, 10)).astype(np.float32)
    with h5py.File(tmp_path / "net.h5", "w") as file:
        file.attrs["model_config"] = config
        top = file.create_group("model_weights")
        top.attrs["layer_names"] = [b"input_1", b"flatten", b"dense"]
        for name in ("input_1", "flatten"):
            top.create_group(name).attrs["weight_names"] = np.array([], "S1")
        top.create_group("dense").attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        top["dense/dense/kernel:0"] = kernel
        top["dense/dense/bias:0"] = np.zeros(10, np.float32)
    found = import_network(tmp_path / "net.h5", "old")
    scores = DIGITS.reshape(-1, 784) @ kernel
    powers = np.exp(scores)
    served = ServedNetwork(found.graph).probabilities(DIGITS)
    np.testing.assert_allclose(served, powers / powers.sum(axis=1, keepdims=True), atol=1e-6)


def test_a_chain_of_dense_layers_is_relu_and_softmax(tmp_path: Path) -> None:
    rng, shapes = np.random.default_rng(1), [(784, 12), (12,), (12, 7), (7,), (7, 10), (10,)]
    arrays = [rng.normal(0, 0.2, shape) for shape in shapes]
    np.savez(tmp_path / "net.npz", *arrays)
    found = import_network(tmp_path / "net.npz", "chain", scale=2)
    values = DIGITS.reshape(-1, 784) * 2
    for kernel, bias in zip(arrays[:4:2], arrays[1:4:2], strict=True):
        values = np.maximum(0, values @ kernel + bias)
    powers = np.exp(values @ arrays[4] + arrays[5])
    served = ServedNetwork(found.graph, found.description.scale).probabilities(DIGITS)
    np.testing.assert_allclose(served, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize("scale", [None, 3.0])
def test_what_was_exported_comes_back_with_its_scale_and_what_is_told(
    scale: float | None, tmp_path: Path
) -> None:
    made = import_network(save(make("all kinds"), tmp_path / "net.keras"), "mine", scale=255)
    told = Description.from_json(
        made.description.to_json()
        | {"title": "Mine", "about": "All kinds of layers.", "history": {"loss": [1.0, 0.5]}}
        | {"figures": {"test": vars(Figures(10, 0.5, 0.9))}}
    )
    (tmp_path / "net.npz").write_bytes(npz_file(told, checkpoints.unpack(made.weights)))
    found = import_network(tmp_path / "net.npz", "again", scale=scale)
    assert found.description.name == "again"
    assert found.description.scale == (scale or 255)
    for what in ("title", "about", "history", "figures", "config", "parameters"):
        assert getattr(found.description, what) == getattr(told, what)
    assert found.weights == made.weights
