"""The layers that a network may have: what each makes of a shape, and what weights it has.

Worked out from a config of Keras's, without TensorFlow: for summaries, for formats of others, and
to check what comes from elsewhere before anything is built of it.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inkling.errors import InvalidInput
from inkling.nets import layer_values as values
from inkling.nets.layer_values import Option, Values

Shape = tuple[int, ...]
Weights = tuple[tuple[str, Shape], ...]  # names and shapes in Keras's order
Made = tuple[Shape, Weights]
DIGIT: Shape = (28, 28, 1)
REMEDY = "Only chains of plain Keras layers can be used: see docs/networks.md."


@dataclass(frozen=True)
class Kind:
    """A kind of layer. make: its output's shape and its weights, by its values and its input's."""

    options: Mapping[str, Option]
    make: Callable[[Values, Shape], Made]


@dataclass(frozen=True)
class Layer:
    """A layer in its place. output: without the number of digits. work: multiplications a digit."""

    kind: str
    name: str
    values: Values
    output: Shape
    weights: Weights
    work: int

    @property
    def parameters(self) -> int:
        """How many numbers its weights are."""
        return sum(math.prod(shape) for _, shape in self.weights)


def _side(length: int, kernel: int, stride: int, spread: int, padding: str) -> int:
    """Return how many places a window has along a side."""
    if padding == "same":
        return math.ceil(length / stride)
    return (length - (kernel - 1) * spread - 1) // stride + 1


def _places(found: Values, shape: Shape, window: str) -> Shape:
    """Return how many places a window has in (height, width, channels)."""
    if len(shape) != 3:
        raise ValueError("its input is no picture")
    strides = found["strides"] or found[window]
    spreads = found.get("dilation_rate", [1, 1])
    return tuple(
        _side(length, kernel, stride, spread, found["padding"])
        for length, kernel, stride, spread in zip(
            shape[:2], found[window], strides, spreads, strict=True
        )
    )


def _bias(found: Values, units: int) -> Weights:
    return (("bias", (units,)),) if found["use_bias"] else ()


def _conv(found: Values, shape: Shape) -> Made:
    filters, kernel = found["filters"], found["kernel_size"]
    places = _places(found, shape, "kernel_size")
    return (*places, filters), (
        ("kernel", (*kernel, shape[2], filters)),
        *_bias(found, filters),
    )


def _depthwise(found: Values, shape: Shape) -> Made:
    places, many = _places(found, shape, "kernel_size"), found["depth_multiplier"]
    weights = (("kernel", (*found["kernel_size"], shape[2], many)),)
    return (*places, shape[2] * many), (*weights, *_bias(found, shape[2] * many))


def _separable(found: Values, shape: Shape) -> Made:
    places, many = _places(found, shape, "kernel_size"), found["depth_multiplier"]
    filters = found["filters"]
    return (*places, filters), (
        ("depthwise_kernel", (*found["kernel_size"], shape[2], many)),
        ("pointwise_kernel", (1, 1, shape[2] * many, filters)),
        *_bias(found, filters),
    )


def _pool(found: Values, shape: Shape) -> Made:
    return (*_places(found, shape, "pool_size"), shape[2]), ()


def _whole_picture(found: Values, shape: Shape) -> Made:
    if len(shape) != 3:
        raise ValueError("its input is no picture")
    return (1, 1, shape[2]) if found["keepdims"] else (shape[2],), ()


def _dense(found: Values, shape: Shape) -> Made:
    units = found["units"]
    return (*shape[:-1], units), (("kernel", (shape[-1], units)), *_bias(found, units))


def _normalise(found: Values, shape: Shape) -> Made:
    if found["axis"] not in (-1, len(shape)):
        raise ValueError("axis is not the last")
    names = [name for name, key in (("gamma", "scale"), ("beta", "center")) if found[key]]
    return shape, tuple((n, shape[-1:]) for n in (*names, "moving_mean", "moving_variance"))


def _reshape(found: Values, shape: Shape) -> Made:
    target, size = found["target_shape"], math.prod(shape)
    known = math.prod(side for side in target if side != -1)
    sides = tuple(size // max(known, 1) if side == -1 else side for side in target)
    if target.count(-1) > 1 or math.prod(sides) != size:
        raise ValueError(f"it cannot make {target} of {size} values")
    return sides, ()


def _pad(found: Values, shape: Shape) -> Made:
    if len(shape) != 3:
        raise ValueError("its input is no picture")
    (top, bottom), (left, right) = found["padding"]
    return (shape[0] + top + bottom, shape[1] + left + right, shape[2]), ()


def _as_it_is(found: Values, shape: Shape) -> Made:
    return shape, ()


_units = values.whole(1, values.UNITS_LIMIT)
_ends = {"activation": Option(values.activation, "linear"), "use_bias": Option(values.flag, True)}
_window = {
    "strides": Option(values.pair, [1, 1]),
    "padding": Option(values.one_of(*values.PADDINGS), "valid"),
    "dilation_rate": Option(values.pair, [1, 1]),
}
_pooling = {
    "pool_size": Option(values.pair, [2, 2]),
    "strides": Option(values.optional(values.pair), None),
    "padding": _window["padding"],
}
_kernel, _filters = {"kernel_size": Option(values.pair)}, {"filters": Option(_units)}
_many = {"depth_multiplier": Option(values.whole(1, 1000), 1)}
_one_group = {"groups": Option(values.only(1), 1)}
KINDS = {
    "Conv2D": Kind(_filters | _kernel | _window | _ends | _one_group, _conv),
    "DepthwiseConv2D": Kind(_kernel | _window | _ends | _many, _depthwise),
    "SeparableConv2D": Kind(_filters | _kernel | _window | _ends | _many, _separable),
    "MaxPooling2D": Kind(_pooling, _pool),
    "AveragePooling2D": Kind(_pooling, _pool),
    "GlobalAveragePooling2D": Kind({"keepdims": Option(values.flag, False)}, _whole_picture),
    "Dropout": Kind({"rate": Option(values.share)}, _as_it_is),
    "Flatten": Kind({}, lambda found, shape: ((math.prod(shape),), ())),
    "Reshape": Kind({"target_shape": Option(values.target)}, _reshape),
    "Dense": Kind({"units": Option(_units)} | _ends, _dense),
    "BatchNormalization": Kind(
        {
            "axis": Option(values.axis, -1),
            "epsilon": Option(values.number, 1e-3),
            "center": Option(values.flag, True),
            "scale": Option(values.flag, True),
        },
        _normalise,
    ),
    "Activation": Kind({"activation": Option(values.activation)}, _as_it_is),
    "ReLU": Kind(
        {
            "max_value": Option(values.optional(values.number), None),
            "negative_slope": Option(values.number, 0.0),
            "threshold": Option(values.number, 0.0),
        },
        _as_it_is,
    ),
    "Softmax": Kind({"axis": Option(values.only(-1), -1)}, _as_it_is),
    "ZeroPadding2D": Kind({"padding": Option(values.margins, [[1, 1], [1, 1]])}, _pad),
    "Rescaling": Kind(
        {"scale": Option(values.number), "offset": Option(values.number, 0.0)}, _as_it_is
    ),
}


def make_layer(kind: str, name: str, config: Mapping[str, Any], shape: Shape) -> Layer:
    """Return a layer on an input of this shape.

    Raises InvalidInput for a kind that is not in the table, and for options that cannot be used.
    """
    known = KINDS.get(kind)
    if known is None:
        raise InvalidInput(f"The layer {name[:40]!r} is a {kind[:40]}.", REMEDY)
    try:
        found = values.read_options(known.options, config)
        output, weights = known.make(found, shape)
        if min(output) < 1:
            raise ValueError(f"nothing is left of its input {shape}")
    except ValueError as error:
        what = f"The layer {name[:40]!r} ({kind}) cannot be used: {error}."
        raise InvalidInput(what, REMEDY) from error
    places = math.prod(output[:-1])
    kernels = [math.prod(size) for _, size in weights if len(size) > 1]
    work = places * sum(kernels) if kernels else math.prod(output)
    return Layer(kind, name, found, output, weights, work)


def chained(rows: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Iterator[Layer]:
    """Yield the layers of these kinds, names and options, one after another on a digit.

    Raises as `make_layer` does.
    """
    shape = DIGIT
    for kind, name, options in rows:
        layer = make_layer(kind, name, options, shape)
        yield layer
        shape = layer.output


def layers_of(config: Mapping[str, Any]) -> list[Layer]:
    """Return the layers of a network on (28, 28, 1), of its description's config.

    Raises InvalidInput for a config that has others than those of KINDS.
    """
    try:
        rows = [(row["class_name"], row["config"]) for row in config["layers"]]
        return [*chained((k, c["name"], c) for k, c in rows if k != "InputLayer")]
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("The network's layers cannot be read.", "Make it anew.") from error


def config_of(layers: Sequence[Layer], name: str = "sequential") -> dict[str, Any]:
    """Return layers on (28, 28, 1) as a config that `keras.Sequential.from_config` takes."""
    shape = {"name": "digits", "batch_shape": [None, 28, 28, 1], "dtype": "float32"}
    rows: list[dict[str, Any]] = [{"class_name": "InputLayer", "config": shape}]
    rows += [
        {"class_name": each.kind, "config": {"name": each.name} | each.values} for each in layers
    ]
    return {
        "name": name,
        "trainable": True,
        "layers": [row | {"module": "keras.layers", "registered_name": None} for row in rows],
    }


def arrays_wanted(layers: Sequence[Layer]) -> dict[str, Shape]:
    """Return names and shapes of a network's weights, as `keras_models.arrays_of` names them."""
    weights = [weight for layer in layers for weight in layer.weights]
    return {f"{number:02}_{name}": shape for number, (name, shape) in enumerate(weights)}
