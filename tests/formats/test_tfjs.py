"""The tfjs format, as the npm package @tensorflow/tfjs reads it from a server."""

import functools
import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from functions import FloatArray
from inkling import checkpoints
from inkling.formats.exporting import export_network
from inkling.formats.importing import import_network
from inkling.nets import keras_models
from inkling.nets.architectures import ARCHITECTURES
from inkling.nets.description import Description
from inkling.nets.page_models import page_network
from inkling.nets.registry import MODELS
from inkling.settings import ROOT
from testing.node import NODE, needs_node
from tests.formats.foreign import DIGITS, answers, make, save
from two_layer_net import Weights

pytestmark = needs_node
KINDS = {"lenet": (), "bn-cnn": (), "dense": (10, 10)}


def trained_here(key: str) -> tuple[Description, Weights]:
    """A network of a kind that is trained here, its weights at random."""
    keras.utils.set_random_seed(4)
    architecture = ARCHITECTURES[key]
    model = keras_models.build(architecture, KINDS[key])
    rng = np.random.default_rng(5)
    model.set_weights([w + rng.uniform(0, 0.05, w.shape) for w in model.get_weights()])
    config = keras_models.config_of(model)
    scale, parameters = architecture.scale, model.count_params()
    description = Description(key, key, "", key, config, parameters, scale)
    return description, keras_models.arrays_of(model)


def of_page(key: str) -> tuple[Description, Weights]:
    originals = checkpoints.originals(ROOT / "models")
    return page_network(key, originals[MODELS[key].network.key])


def imported(folder: Path) -> tuple[Description, Weights]:
    found = import_network(save(make("all kinds"), folder / "kinds.keras"), "kinds", 2)
    return found.description, checkpoints.unpack(found.weights)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the test's folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            """Nothing."""

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def in_keras(description: Description, arrays: Weights) -> FloatArray:
    model = keras_models.model_of(description.config)
    keras_models.set_arrays(model, arrays)
    return answers("", model, DIGITS[:2] * np.float32(description.scale))


def test_the_package_says_what_keras_says(served: str, tmp_path: Path) -> None:
    networks = {key: trained_here(key) for key in KINDS} | {key: of_page(key) for key in MODELS}
    networks["kinds"] = imported(tmp_path)
    for name, (description, arrays) in networks.items():
        export_network(description, arrays, None, "tfjs", tmp_path / name)
    digits = DIGITS[:2, :, :, np.newaxis].tolist()
    (tmp_path / "digits.json").write_text(json.dumps(digits))
    urls = {name: f"{served}/{name}/model.json" for name in networks}
    script = [str(NODE / "predict.mjs"), f"{served}/digits.json", *urls.values()]
    done = subprocess.run(["node", *script], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    for name, (description, arrays) in networks.items():
        found = said[urls[name]]
        np.testing.assert_allclose(
            found["probabilities"], in_keras(description, arrays), atol=1e-4, err_msg=name
        )
        assert found["parameters"] == description.parameters
