"""The CNN without TensorFlow answers as the one with it, with any weights, and keeps no bits."""

import subprocess
import sys

import numpy as np
import pytest

from conv_net import SHAPES, ConvNet, convolutions_graph
from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.nets.lite_conv_net import CONVOLUTIONS, LiteConvNet
from inkling.nets.litert import placeholders
from inkling.settings import ROOT
from testing.examples import batch, random_weights
from two_layer_net import softmax

SHIPPED = (ROOT / "models" / "cnn.tflite").read_bytes()


@pytest.fixture(scope="module")
def net() -> ConvNet:
    """One net, since compiling takes a second; every test loads what it needs."""
    return ConvNet(random_weights(0))


def test_the_shipped_graph_is_what_training_writes() -> None:
    shapes = {name: SHAPES[name] for name in CONVOLUTIONS}
    assert convolutions_graph(placeholders(shapes)) == SHIPPED
    assert len(SHIPPED) < 40_000


def test_it_equals_tensorflow_with_any_weights(net: ConvNet) -> None:
    originals = checkpoints.originals(ROOT / "models")["cnn"]
    states = [*map(random_weights, (20, 21, 22)), originals, random_weights(20)]
    lite = LiteConvNet(SHIPPED, states[0])
    for number, state in enumerate(states):
        net.load(state)
        lite.load(state)
        digits = np.concatenate([batch(number, 10)[0], np.zeros((1, 28, 28), np.float32)])
        expected = net.probabilities(digits)
        for found in (lite, LiteConvNet(SHIPPED, state)):
            np.testing.assert_allclose(found.probabilities(digits), expected, atol=1e-5)


def test_two_nets_of_one_graph_share_no_weights() -> None:
    one, other = (LiteConvNet(SHIPPED, random_weights(seed)) for seed in (30, 31))
    digits = batch(30, 1)[0]
    before = one.probabilities(digits).copy()
    other.probabilities(digits)
    np.testing.assert_array_equal(one.probabilities(digits), before)


def test_what_a_net_answered_stays_as_it_was() -> None:
    net = LiteConvNet(SHIPPED, random_weights(33))
    digits = batch(33, 2)[0]
    first, features = net.probabilities(digits[:1]), net.features(digits[:1])
    kept, features_kept = first.copy(), features.copy()
    net.probabilities(digits[1:])
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(features, features_kept)


def test_features_do_not_depend_on_what_else_is_asked() -> None:
    net, digits = LiteConvNet(SHIPPED, random_weights(34)), batch(34, 30)[0]
    alone = np.concatenate([net.features(digit[np.newaxis]) for digit in digits])
    np.testing.assert_array_equal(net.features(digits), alone)
    np.testing.assert_array_equal(net.known_features(digits), alone)
    np.testing.assert_array_equal(net.known_features(digits[::-1]), alone[::-1])


def test_answers_are_those_of_features() -> None:
    net, digits = LiteConvNet(SHIPPED, random_weights(35)), batch(35, 5)[0]
    features = net.features(digits)
    np.testing.assert_array_equal(net.answers(features), net.probabilities(digits))
    np.testing.assert_allclose(softmax(net.scores(features)), net.answers(features), atol=1e-6)


def test_nets_see_alike_whose_convolutions_are_equal() -> None:
    weights, others = random_weights(36), random_weights(37)
    dense_moved = weights | {n: a for n, a in others.items() if n not in CONVOLUTIONS}
    net = LiteConvNet(SHIPPED, weights)
    assert net.sees_as(LiteConvNet(SHIPPED, dense_moved))
    for name in CONVOLUTIONS:
        assert not net.sees_as(LiteConvNet(SHIPPED, weights | {name: others[name]}))


def test_kept_features_go_when_the_convolutions_do() -> None:
    net, digits = LiteConvNet(SHIPPED, random_weights(38)), batch(38, 3)[0]
    net.known_features(digits)
    net.load(random_weights(39))
    expected = LiteConvNet(SHIPPED, random_weights(39)).features(digits)
    np.testing.assert_array_equal(net.known_features(digits), expected)


def test_a_state_with_rmsprops_part_answers_and_is_let_go_of(net: ConvNet) -> None:
    net.load(random_weights(40))
    net.step(*batch(40))
    state = net.state()
    lite = LiteConvNet(SHIPPED, state)
    digits = batch(41, 5)[0]
    np.testing.assert_allclose(lite.probabilities(digits), net.probabilities(digits), atol=1e-5)
    assert {*lite.state()} == {*SHAPES}


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (b"", "no place for conv1_kernel"),
        (SHIPPED[:-30_000], "no place"),
        (SHIPPED * 2, "no place"),
    ],
)
def test_other_bytes_are_no_graph(graph: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as raised:
        LiteConvNet(graph, random_weights(0))
    assert "inkling train cnn" in str(raised.value)


def test_a_damaged_graph_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        LiteConvNet(b"x" * 64 + SHIPPED[64:], random_weights(0))


OPENING = """
import os, sys
from pathlib import Path
from inkling.nets import litert
from inkling.nets.registry import NETWORKS
from inkling import checkpoints

models = Path("models")
interpreter = litert.Interpreter

def speaks(**words):
    os.write(2, b"something is wrong\\n")
    return interpreter(**words)

litert.Interpreter = speaks
NETWORKS["cnn"].build(checkpoints.originals(models)["cnn"], checkpoints.graphs(models)["cnn"])
print("after", file=sys.stderr)
"""


def test_only_a_note_of_litert_is_kept_off_standard_error() -> None:
    done = subprocess.run([sys.executable, "-c", OPENING], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == "something is wrong\nafter\n"


FULL = """
import tempfile

def full():
    raise OSError(28, "No space left on device")

tempfile.TemporaryFile = full
"""


def test_where_nothing_can_be_written_a_graph_opens_all_the_same() -> None:
    words = [sys.executable, "-c", FULL + OPENING]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"something is wrong", "after"} <= {*done.stderr.splitlines()}
