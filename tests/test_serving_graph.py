"""The CNN's serving graph: LiteRT answers as TensorFlow does, with any weights."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from conv_net import SHAPES, ConvNet, serving_graph
from inkling import checkpoints
from inkling.nets.litert import ServedConvNet
from inkling.settings import ROOT
from testing.examples import batch, random_weights


@pytest.fixture(scope="module")
def net() -> ConvNet:
    """One net, since compiling takes a second; every test loads what it needs."""
    return ConvNet(random_weights(0))


@pytest.fixture(scope="module")
def graph() -> bytes:
    return serving_graph()


def test_the_serving_graph_takes_a_digit_and_all_weights(graph: bytes) -> None:
    interpreter = Interpreter(model_content=graph)
    inputs = {d["name"]: tuple(d["shape"]) for d in interpreter.get_input_details()}
    assert inputs == {"digits": (1, 28, 28, 1), **SHAPES}
    outputs = interpreter.get_output_details()
    assert [tuple(d["shape"]) for d in outputs] == [(1, 10)]
    every = [*interpreter.get_input_details(), *outputs]
    assert {d["dtype"] for d in every} == {np.float32}
    assert len(graph) < 10_000  # no weights inside


@pytest.mark.parametrize("source", ["written now", "as shipped"])
def test_litert_equals_tensorflow_with_any_weights(net: ConvNet, graph: bytes, source: str) -> None:
    if source == "as shipped":
        graph = (ROOT / "models" / "cnn.tflite").read_bytes()
    originals = checkpoints.originals(ROOT / "models")["cnn"]
    states = [*map(random_weights, (20, 21, 22)), originals, random_weights(20)]
    for number, state in enumerate(states):
        served = ServedConvNet(graph, state)
        net.load(state)
        digits = np.concatenate([batch(number, 10)[0], np.zeros((1, 28, 28), np.float32)])
        expected = net.probabilities(digits)
        for _ in range(2):
            found = np.stack([served.probabilities(digit[np.newaxis])[0] for digit in digits])
            np.testing.assert_allclose(found, expected, atol=1e-5)


def test_two_served_nets_of_one_graph_do_not_share_weights(graph: bytes) -> None:
    one, other = (ServedConvNet(graph, random_weights(seed)) for seed in (30, 31))
    digit = batch(30, 1)[0][0]
    before = one.probabilities(digit).copy()
    other.probabilities(digit)
    np.testing.assert_array_equal(one.probabilities(digit), before)


def test_what_a_served_net_answered_stays_as_it_was(graph: bytes) -> None:
    served = ServedConvNet(graph, random_weights(33))
    digits = batch(33, 2)[0]
    first = served.probabilities(digits[0])
    kept = first.copy()
    served.probabilities(digits[1])
    np.testing.assert_array_equal(first, kept)
