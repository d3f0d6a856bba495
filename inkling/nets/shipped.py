"""The networks that come trained: `models/networks/NAME.json`, its weights and serving graph."""

import json
from pathlib import Path

from inkling.errors import InvalidInput
from inkling.files import write_whole
from inkling.nets.description import Description

FOLDER = "networks"  # within the models folder


def shipped_networks(models_folder: Path) -> dict[str, Description]:
    """Return the descriptions of the networks that a models folder has, by name.

    Raises InvalidInput for a file that is no description.
    """
    files = sorted((models_folder / FOLDER).glob("*.json"))
    return {file.stem: _read(file) for file in files}


def _read(file: Path) -> Description:
    try:
        return Description.from_json(json.loads(file.read_text()))
    except (ValueError, InvalidInput) as error:
        problem = f"{file} is no description of a network ({error})."
        raise InvalidInput(problem, "Remove it, or make it anew: make networks.") from error


def shipped_graph(models_folder: Path, name: str) -> bytes:
    """Return a shipped network's serving graph. Raises OSError where there is none."""
    return (models_folder / FOLDER / f"{name}.tflite").read_bytes()


def shipped_weights(models_folder: Path, name: str) -> bytes:
    """Return a shipped network's weights, an .npz file. Raises OSError where there are none."""
    return (models_folder / FOLDER / f"{name}.npz").read_bytes()


def write_shipped(
    models_folder: Path, description: Description, weights: bytes, graph: bytes
) -> None:
    """Write a network into a models folder; its description last, which makes it one of them.

    Raises OSError where it cannot be written.
    """
    folder, name = models_folder / FOLDER, description.name
    write_whole(folder / f"{name}.npz", weights)
    write_whole(folder / f"{name}.tflite", graph)
    told = json.dumps(description.to_json(), indent=1, ensure_ascii=False)
    write_whole(folder / f"{name}.json", told + "\n")
