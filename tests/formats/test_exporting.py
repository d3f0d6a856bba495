"""Networks in the formats of others: what they say there is what they say here."""

import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.formats.exporting import FORMATS, export_network
from inkling.formats.importing import import_network
from inkling.formats.tfjs import tfjs_files
from inkling.nets.description import ServableNetwork
from inkling.nets.litert import ServedNetwork
from inkling.nets.page_models import page_network
from inkling.nets.registry import MODELS, build_all
from inkling.settings import ROOT
from tests.formats.foreign import DIGITS, answers, make, save

MODELS_FOLDER = ROOT / "models"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> ServableNetwork:
    folder = tmp_path_factory.mktemp("network")
    return import_network(save(make("all kinds"), folder / "net.keras"), "mine")


@pytest.mark.parametrize("form", FORMATS)
def test_a_network_says_the_same_in_every_format(
    form: str, network: ServableNetwork, tmp_path: Path
) -> None:
    description, arrays = network.description, checkpoints.unpack(network.weights)
    out = tmp_path / f"net{FORMATS[form]}"
    written = export_network(description, arrays, network.graph, form, out)
    assert [path.exists() for path in written] == [True] * len(written)
    here = ServedNetwork(network.graph).probabilities(DIGITS)
    if form == "keras":
        there = answers("", keras.models.load_model(out))
    elif form == "tflite":
        there = ServedNetwork(out.read_bytes()).probabilities(DIGITS)
    elif form == "npz":
        there = ServedNetwork(import_network(out, "again").graph).probabilities(DIGITS)
    else:  # test_tfjs.py has the package itself read it
        names = [path.name for path in written]
        assert names == ["model.json", "group1-shard1of1.bin"]
        assert written[1].stat().st_size == 4 * description.parameters
        return
    np.testing.assert_allclose(there, here, atol=1e-5)


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize("form", ["keras", "tflite"])
def test_the_models_of_the_page_are_exported_too(form: str, key: str, tmp_path: Path) -> None:
    weights = checkpoints.originals(MODELS_FOLDER)
    served = build_all(weights, checkpoints.graphs(MODELS_FOLDER))[MODELS[key].network.key]
    here = np.concatenate([served.probabilities(digit[np.newaxis]) for digit in DIGITS])
    description, arrays = page_network(key, weights[MODELS[key].network.key])
    out = tmp_path / f"net.{form}"
    export_network(description, arrays, None, form, out)
    if form == "keras":
        there = answers("", keras.models.load_model(out))
    else:
        there = ServedNetwork(out.read_bytes()).probabilities(DIGITS)
    np.testing.assert_allclose(there, here, atol=1e-4)
    assert description.parameters == sum(a.size for a in weights[MODELS[key].network.key].values())


def test_equal_networks_make_equal_files(network: ServableNetwork, tmp_path: Path) -> None:
    arrays = checkpoints.unpack(network.weights)
    for name in ("a", "b"):
        export_network(network.description, arrays, None, "npz", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert zipfile.ZipFile(tmp_path / "a").testzip() is None


def test_tfjs_is_told_in_its_own_words(network: ServableNetwork) -> None:
    files = tfjs_files(network.description, checkpoints.unpack(network.weights))
    model = json.loads(files["model.json"])
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    assert layers[0]["config"]["batch_input_shape"] == [None, 28, 28, 1]
    names = [weight["name"] for weight in model["weightsManifest"][0]["weights"]]
    assert "depthwiseconv2d_5/depthwise_kernel" in names
    assert "swish" in [layer["config"].get("activation") for layer in layers]


def test_a_layer_that_tfjs_has_not_is_told_and_nothing_is_written(
    network: ServableNetwork, tmp_path: Path
) -> None:
    description, arrays = network.description, checkpoints.unpack(network.weights)
    layer = next(row for row in description.config["layers"] if row["class_name"] == "ReLU")
    layer["config"]["negative_slope"] = 0.1
    try:
        with pytest.raises(InvalidInput, match="has no ReLU with a slope"):
            export_network(description, arrays, None, "tfjs", tmp_path / "net")
    finally:
        layer["config"]["negative_slope"] = 0.0
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="is no folder"):
        export_network(description, arrays, None, "tfjs", tmp_path / "file")
