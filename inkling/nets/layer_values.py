"""What the options of a Keras layer may be: plain values alone, each within its range."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Values = dict[str, Any]
REQUIRED = object()
SIDE_LIMIT = 1_000  # of kernels, strides and paddings: more than any picture here has
UNITS_LIMIT = 100_000
ACTIVATIONS = (
    *("linear", "relu", "relu6", "sigmoid", "tanh", "softmax"),
    *("elu", "selu", "softplus", "silu"),
)
OTHER_NAMES = {None: "linear", "swish": "silu"}
PADDINGS = ("valid", "same")
# What says nothing of how a trained layer answers.
OF_TRAINING = {
    *("name", "trainable", "dtype", "autocast", "batch_input_shape", "data_format"),
    *("seed", "noise_shape", "momentum", "renorm_momentum", "rank", "lora_alpha"),
}
ENDS_OF_TRAINING = ("_initializer", "_regularizer", "_constraint")


class Option(NamedTuple):
    """An option: how its value is read, which raises ValueError; its default, or REQUIRED."""

    read: Callable[[Any], Any]
    default: Any = REQUIRED


def whole(low: int, high: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers in a range."""

    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"no whole number from {low} to {high}")
        return value

    return read


def number(value: Any) -> float:
    """Return a finite number."""
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) > 1e9:
        raise ValueError("no finite number")
    return float(value)


def share(value: Any) -> float:
    """Return a number in [0, 1)."""
    if not 0 <= number(value) < 1:
        raise ValueError("no share below 1")
    return number(value)


def flag(value: Any) -> bool:
    """Return a truth value."""
    if type(value) is not bool:
        raise ValueError("neither true nor false")
    return value


def pair(value: Any) -> list[int]:
    """Return two whole numbers of at least 1; one stands for both."""
    found = value if isinstance(value, list | tuple) else [value, value]
    if len(found) != 2:
        raise ValueError("no pair of numbers")
    return [whole(1, SIDE_LIMIT)(each) for each in found]


def only(wanted: Any) -> Callable[[Any], Any]:
    """Return a reader that takes one value alone, as a number or as a list of it."""

    def read(value: Any) -> Any:
        found = value if isinstance(value, list | tuple) else [value]
        if not found or any(type(each) is not type(wanted) or each != wanted for each in found):
            raise ValueError(f"not {wanted}, and nothing else can be used")
        return wanted

    return read


def one_of(*choices: str) -> Callable[[Any], str]:
    """Return a reader of one of these words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"none of {', '.join(choices)}")
        return value

    return read


def activation(value: Any) -> str:
    """Return the name of an activation. One that is a function of somebody's own has none."""
    if value is None or isinstance(value, str):
        value = OTHER_NAMES.get(value, value)
    return one_of(*ACTIVATIONS)(value)


def margins(value: Any) -> list[list[int]]:
    """Return ((top, bottom), (left, right)) of a padding in any of Keras's three forms."""
    rows = value if isinstance(value, list | tuple) else [value, value]
    found = [list(row) if isinstance(row, list | tuple) else [row, row] for row in rows]
    if len(found) != 2 or any(len(row) != 2 for row in found):
        raise ValueError("no ((top, bottom), (left, right))")
    return [[whole(0, SIDE_LIMIT)(each) for each in row] for row in found]


def target(value: Any) -> list[int]:
    """Return a shape to reshape to, in which one side may be -1."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= 4:
        raise ValueError("no shape")
    return [whole(-1, UNITS_LIMIT)(each) for each in value]


def optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a reader that takes null too."""
    return lambda value: None if value is None else read(value)


def axis(value: Any) -> int:
    """Return the axis that a layer works along, also where it is a list of one."""
    found = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    return whole(-1, 4)(found)


def read_options(options: Mapping[str, Option], config: Mapping[str, Any]) -> Values:
    """Return the values of a layer's options, of a config of Keras's.

    Raises ValueError for a wrong one, for one that is missing, and for one that is not known and
    may change what the layer does.
    """
    if config.get("data_format", "channels_last") not in ("channels_last", None):
        raise ValueError("data_format is not channels_last")
    found = {}
    for name, option in options.items():
        if name not in config and option.default is REQUIRED:
            raise ValueError(f"{name} is missing")
        if name not in config:
            found[name] = option.default
            continue
        try:
            found[name] = option.read(config[name])
        except ValueError as error:
            raise ValueError(f"{name} is {error}") from error
    for name, value in config.items():
        told = name in options or name in OF_TRAINING or name.endswith(ENDS_OF_TRAINING)
        if not told and value is not None and value is not False:
            raise ValueError(f"{name[:40]} is not known")
    return found
