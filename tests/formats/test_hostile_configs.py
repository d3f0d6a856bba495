"""Configs of networks that cannot be used, by accident or on purpose: refused, nothing run."""

from pathlib import Path
from typing import Any

import keras
import pytest

from tests.formats.foreign import layers
from tests.formats.refusal import Edit, edited, refused


def of_dense(**values: Any) -> Edit:
    return lambda config: config["config"]["layers"][2]["config"].update(values)


def of_flatten(**values: Any) -> Edit:
    return lambda config: config["config"]["layers"][1]["config"].update(values)


def of_layer(number: int, **values: Any) -> Edit:
    return lambda config: config["config"]["layers"][number].update(values)


def of_input(*shape: int | str | None) -> Edit:
    return lambda config: config["config"]["layers"][0]["config"].update(batch_shape=shape)


LAMBDA = {"name": "dense", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAA"}}}
OWN = {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "exec"}
EDITS: dict[str, tuple[Edit, str]] = {
    "a lambda": (of_layer(2, class_name="Lambda", config=LAMBDA), "is a Lambda"),
    "a layer of another package": (of_layer(2, module="os"), "somebody's own making"),
    "a registered layer": (of_layer(2, registered_name="Own>Dense"), "somebody's own making"),
    "a function as activation": (of_dense(activation=OWN), "activation is none of"),
    "an activation by a path": (of_dense(activation="os.system"), "activation is none of"),
    "an option that nobody knows": (of_dense(call="exec"), "call is not known"),
    "a model in a model": (of_layer(2, class_name="Sequential"), "is a Sequential"),
    "no layers": (lambda config: config["config"].update(layers=[]), "0 layers"),
    "layers that are none": (lambda config: config["config"].update(layers=[1, None]), "read"),
    "another model": (lambda config: config.update(class_name="Subclassed"), "is a Subclassed"),
    "many units": (of_dense(units=10**9), "units is no whole number"),
    "units that are no number": (of_dense(units="10"), "units is no whole number"),
    "units that are true": (of_dense(units=True), "units is no whole number"),
    "no units": (of_dense(units=None), "units is no whole number"),
    "many parameters": (of_dense(units=50_000), "39,250,000 parameters"),
    "eleven classes": (of_dense(units=11), "not ten classes"),
    "a colour picture": (of_input(None, 28, 28, 3), "takes (28, 28, 3)"),
    "a larger picture": (of_input(None, 32, 32, 1), "takes (32, 32, 1)"),
    "an input without a shape": (of_input(), "takes ()"),
    "a shape of words": (of_input(None, "28"), "takes ('28',)"),
    "another order": (of_flatten(data_format="channels_first"), "channels_last"),
    "no probabilities": (of_dense(activation="sigmoid"), "ends in sigmoid"),
    "a layer that two follow": (of_layer(2, inbound_nodes=[]), "one follows several"),
    "layers that go round": (
        lambda config: config["config"]["layers"][0].update(
            inbound_nodes=config["config"]["layers"][2]["inbound_nodes"]
        ),
        "chain",
    ),
    "deep lists": (
        lambda config: config["config"]["layers"][2].update(inbound_nodes=nested(900)),
        "",
    ),
}


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize("case", EDITS)
def test_a_config_that_cannot_be_used_is_refused(case: str, plain: Path, tmp_path: Path) -> None:
    edit, wrong = EDITS[case]
    assert wrong in refused(edited(plain, tmp_path / "net.keras", edit))


@pytest.mark.parametrize(
    ("chain", "wrong"),
    [
        ([("ZeroPadding2D", {"padding": 1000})], "over 4,000,000 values"),
        ([("Conv2D", {"filters": 4, "kernel_size": 29})], "nothing is left"),
        ([("Conv2D", {"filters": 4000, "kernel_size": 28, "padding": "same"})], "multiplications"),
        ([("MaxPooling2D", {"padding": "causal"})], "padding is none of"),
        ([("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2})], "groups is not 1"),
        ([("Conv2D", {"filters": 4, "kernel_size": [3, 0]})], "kernel_size is no whole number"),
        ([("Conv2D", {"filters": 4})], "kernel_size is missing"),
        ([("Reshape", {"target_shape": [-1, 5]})], "cannot make"),
        ([("BatchNormalization", {"axis": 1})], "axis is not the last"),
        ([("BatchNormalization", {"renorm": True})], "renorm is not known"),
        ([("Rescaling", {"scale": float("nan")})], "scale is no finite number"),
        ([("Flatten", {}), ("Conv2D", {"filters": 4, "kernel_size": 3})], "is no picture"),
        ([("Dropout", {"rate": 0.1})] * 300, "302 layers"),
    ],
)
def test_layers_that_cannot_be_are_refused(
    chain: list[tuple[str, dict[str, Any]]], wrong: str, plain: Path, tmp_path: Path
) -> None:
    rows = [{"class_name": kind, "config": {"name": "a"} | options} for kind, options in chain]
    start = {"name": "input", "batch_shape": [None, 28, 28, 1]}
    end = {"class_name": "Dense", "config": {"name": "end", "units": 10}}
    all_rows = [{"class_name": "InputLayer", "config": start}, *rows, end]
    model = {"class_name": "Sequential", "config": {"layers": all_rows}}
    path = edited(plain, tmp_path / "net.keras", lambda config: config.update(model))
    assert wrong in refused(path)


@pytest.mark.parametrize("name", ["api", "fnn", "cnn_retrained", "../a", "A", "", "a" * 41])
def test_names_of_the_app_are_refused(name: str, plain: Path) -> None:
    refused(plain / "net.keras", name)


@pytest.mark.parametrize("scale", [-1.0, float("nan"), float("inf"), 1e7])
def test_scales_that_are_none_are_refused(scale: float, plain: Path) -> None:
    assert "The scale is" in refused(plain / "net.keras", scale=scale)


def test_a_lambda_of_keras_itself_is_not_run(tmp_path: Path) -> None:
    mark = str(tmp_path / "run")

    def touch(x: Any) -> Any:
        Path(mark).touch()
        return x

    own = keras.layers.Lambda(touch, output_shape=(10,))
    model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10), own])
    for end in ("keras", "h5"):
        model.save(tmp_path / f"net.{end}")
        Path(mark).unlink(missing_ok=True)
        assert "is a Lambda" in refused(tmp_path / f"net.{end}")
        assert not Path(mark).exists()
