"""Networks as files that others open: Keras, LiteRT, TensorFlow.js, numpy."""

import tempfile
from pathlib import Path
from typing import Any

from inkling.errors import InvalidInput
from inkling.files import write_whole
from inkling.formats.npz import npz_file
from inkling.formats.tfjs import tfjs_files
from inkling.nets.description import Description
from two_layer_net import Weights

FORMATS = {
    "keras": ".keras",
    "tflite": ".tflite",
    "tfjs": "-tfjs",
    "npz": ".npz",
}  # how the names of the files end; that of tfjs is a folder's


def export_network(
    description: Description, arrays: Weights, graph: bytes | None, form: str, out: Path
) -> list[Path]:
    """Write a network in one of FORMATS; return the files that were written.

    graph: what serves it; None where it must be made. Raises InvalidInput for a layer that the
    format lacks, OSError where it cannot be written. Keras and a missing graph load TensorFlow.
    """
    if form == "tfjs":
        if out.exists() and not out.is_dir():
            raise InvalidInput(f"{out} is no folder.", "Name another: tfjs is several files.")
        files = {out / name: content for name, content in tfjs_files(description, arrays).items()}
    elif form == "npz":
        files = {out: npz_file(description, arrays)}
    elif form == "keras":
        files = {out: _keras_file(_model(description, arrays))}
    else:
        files = {out: _graph(description, arrays) if graph is None else graph}
    for path, content in files.items():
        write_whole(path, content)
    return [*files]


def _model(description: Description, arrays: Weights) -> Any:
    from inkling.nets import keras_models

    model = keras_models.model_of(description.config)
    keras_models.set_arrays(model, arrays)
    return model


def _graph(description: Description, arrays: Weights) -> bytes:
    from inkling.nets import keras_models

    return keras_models.serving_graph(_model(description, arrays))


def _keras_file(model: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        model.save(path)
        return path.read_bytes()
