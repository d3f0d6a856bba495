"""Chains of layers in the configs that Keras 2 and Keras 3 write: read, never run.

Nothing is looked up by a name from the file, and none of Keras's own loaders sees it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inkling.errors import InvalidInput
from inkling.formats.limits import MOST_CONFIG, MOST_LAYERS
from inkling.nets.layers import REMEDY

Row = tuple[str, str, Mapping[str, Any]]  # a layer's kind, name and options
MODELS = ("Sequential", "Functional", "Model")
INPUT_SHAPES = ("batch_shape", "batch_input_shape")


def read_config(content: bytes | str) -> tuple[tuple[Any, ...], list[Row]]:
    """Return the shape that the first layer takes, and the layers with Keras's InputLayer.

    Raises InvalidInput for what is no chain of layers.
    """
    if len(content) > MOST_CONFIG:
        raise InvalidInput(f"The network's config has {len(content):,} bytes.", REMEDY)
    try:
        model = json.loads(content)
        kind, config = model["class_name"], model["config"]
        if kind not in MODELS:
            raise InvalidInput(f"The network is a {str(kind)[:40]}.", REMEDY)
        layers = config if isinstance(config, list) else config["layers"]
        if not 0 < len(layers) <= MOST_LAYERS:
            raise InvalidInput(f"The network has {len(layers)} layers.", REMEDY)
        if kind != "Sequential":
            layers = _chained(layers)
        rows = [_row(layer) for layer in layers]
        return _input_shape(rows), rows
    except InvalidInput:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise InvalidInput("The network's config cannot be read.", REMEDY) from error


def _row(layer: Mapping[str, Any]) -> Row:
    kind, config = layer["class_name"], layer["config"]
    name = config["name"]
    if not isinstance(kind, str) or not isinstance(name, str) or not isinstance(config, dict):
        raise ValueError("no layer")
    package = layer.get("module")
    if layer.get("registered_name") not in (None, kind) or package not in (None, "keras.layers"):
        raise InvalidInput(f"The layer {name[:40]!r} is of somebody's own making.", REMEDY)
    return kind, name, config


def _input_shape(rows: Sequence[Row]) -> tuple[Any, ...]:
    """Return what a chain takes, without the number of digits."""
    for name in INPUT_SHAPES:
        if name in rows[0][2]:
            return tuple(rows[0][2][name][1:])
    raise InvalidInput("The network does not tell the shape of its input.", REMEDY)


def _chained(layers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the layers of a functional model from its input to its output.

    Raises InvalidInput where they are no chain, each after one other.
    """
    followers: dict[str | None, Mapping[str, Any]] = {}
    for layer in layers:
        sources: Sequence[str | None] = [*_sources(layer["inbound_nodes"])] or [None]
        if len(sources) != 1 or sources[0] in followers:
            raise InvalidInput("The network's layers are no chain: one follows several.", REMEDY)
        followers[sources[0]] = layer
    found: list[Mapping[str, Any]] = []
    while follower := followers.pop(found[-1]["config"]["name"] if found else None, None):
        found.append(follower)
    if followers:
        raise InvalidInput("The network's layers are no chain: some are apart.", REMEDY)
    return found


def _sources(value: Any) -> Iterator[str]:
    """Yield the names of the layers that a layer's nodes take, in the form of Keras 2 or 3."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            yield str(value["config"]["keras_history"][0])
        else:
            for part in value.values():
                yield from _sources(part)
    elif isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str):
            yield value[0]
        else:
            for part in value:
                yield from _sources(part)
