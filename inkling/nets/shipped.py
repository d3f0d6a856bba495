"""The networks that come trained: `models/networks/NAME.json`, its weights and serving graph."""

import json
from pathlib import Path

from inkling.nets.description import Description

FOLDER = "networks"  # within the models folder


def shipped_networks(models_folder: Path) -> dict[str, Description]:
    """Return the descriptions of the networks that a models folder has, by name.

    Raises InvalidInput for a file that is no description.
    """
    files = sorted((models_folder / FOLDER).glob("*.json"))
    return {file.stem: Description.from_json(json.loads(file.read_text())) for file in files}


def shipped_graph(models_folder: Path, name: str) -> bytes:
    """Return a shipped network's serving graph. Raises OSError where there is none."""
    return (models_folder / FOLDER / f"{name}.tflite").read_bytes()


def shipped_weights(models_folder: Path, name: str) -> bytes:
    """Return a shipped network's weights, an .npz file. Raises OSError where there are none."""
    return (models_folder / FOLDER / f"{name}.npz").read_bytes()
