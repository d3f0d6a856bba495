"""The learning rule: batches, gradients against TensorFlow's, Adam against Keras's, the memory."""

import importlib
import uuid
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import conv_net
import two_layer_net
from functions import augment, encode_png
from inkling import checkpoints
from inkling.learning.learner import Learner
from inkling.learning.reference import ANCHORS, read_anchors
from inkling.learning.replay_buffer import CannotLearn, InMemory, ReplayBuffer, example_of
from inkling.learning.rule import (
    OWN,
    RULES,
    SGD,
    Anchors,
    Rehearsed,
    Rule,
    choose,
    make_batch,
    mean_of,
)
from inkling.nets.lite_conv_net import LiteConvNet
from inkling.records import Drawing, Example
from inkling.settings import ROOT
from testing.pen import draw
from two_layer_net import Batch, TwoLayerNet, Weights, batch_loss_and_gradients

ORIGINALS = checkpoints.originals(ROOT / "models")
RULE = Rule(rate=2e-3, half=40, anchors=6, pull=0.2, drift=2, earlier=5)
NETS = ("fnn", "cnn")
DENSE = ("dense_kernel", "dense_bias", "output_kernel", "output_bias")


def random_batch(features: int, seed: int = 0, rows: int = 12) -> Batch:
    rng = np.random.default_rng(seed)
    targets = rng.random((rows, 10)).astype(np.float32)
    return Batch(
        features=(rng.random((rows, features)) * (rng.random((rows, features)) > 0.7)).astype(
            np.float32
        ),
        targets=targets / targets.sum(axis=1, keepdims=True),
        weight=rng.random(rows).astype(np.float32),
        scores=rng.normal(0, 3, (rows, 10)).astype(np.float32),
        pull=(rng.random(rows) / 10).astype(np.float32),
    )


def labelled(digit: int, number: int = 0, **more: Any) -> Drawing:
    png = encode_png(draw(digit, width=12 + number % 12))
    return replace(Drawing(str(uuid.UUID(int=number + 1)), digit, png, bytes(784), {}, 0), **more)


def fnn_learner(**more: Any) -> Learner:
    return Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, **more)


def lite() -> LiteConvNet:
    return LiteConvNet((ROOT / "models" / "cnn.tflite").read_bytes(), ORIGINALS["cnn"])


def state_of(learner: Learner, name: str = "fnn") -> Weights:
    return learner[name].state()


def equal(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(
        one[name].tobytes() == other[name].tobytes() for name in one
    )


# --- gradients and Adam ---


def test_the_gradients_are_the_slopes_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    state: Weights = {
        name: array.astype(np.float64)
        for name, array in two_layer_net.initial_weights(rng, hidden=7).items()
    }
    batch = random_batch(784)
    batch = Batch(**{name: array.astype(np.float64) for name, array in vars(batch).items()})
    _, gradients = batch_loss_and_gradients(state, batch)
    for name, array in state.items():
        for _ in range(12):
            place = tuple(rng.integers(size) for size in array.shape)
            losses = []
            for step in (1e-5, -1e-5):
                array[place] += step
                losses.append(batch_loss_and_gradients(state, batch)[0])
                array[place] -= step
            slope = (losses[0] - losses[1]) / 2e-5
            assert gradients[name][place] == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_the_gradients_equal_tensorflows() -> None:
    tf: Any = importlib.import_module("tensorflow")
    state, batch = ORIGINALS["fnn"], random_batch(784, 1)
    loss, gradients = batch_loss_and_gradients(state, batch)
    variables = {name: tf.Variable(array) for name, array in state.items()}
    with tf.GradientTape() as tape:
        hidden = tf.nn.relu(batch.features @ variables["hidden_kernel"] + variables["hidden_bias"])
        scores = hidden @ variables["output_kernel"] + variables["output_bias"]
        entropy = tf.nn.softmax_cross_entropy_with_logits(batch.targets, scores)
        distance = tf.reduce_sum((scores - batch.scores) ** 2, axis=1)
        expected = tf.reduce_sum(batch.weight * entropy + batch.pull * distance)
    assert loss == pytest.approx(float(expected), rel=1e-5)
    for name, gradient in tape.gradient(expected, variables).items():
        np.testing.assert_allclose(gradients[name], gradient.numpy(), rtol=1e-3, atol=1e-5)


def keras_steps(net: str, batches: list[Batch], rates: list[float]) -> Weights:
    """What the weights become by Keras's own layers and Adam."""
    tf: Any = importlib.import_module("tensorflow")
    keras: Any = importlib.import_module("keras")
    flip = net == "cnn"  # its kernels lie the other way round
    names = DENSE if flip else two_layer_net.LEARNED
    arrays = [ORIGINALS[net][name] for name in names]
    values = [tf.Variable(a.T if flip and a.ndim == 2 else a) for a in arrays]
    optimizer = keras.optimizers.Adam(beta_1=0.9, beta_2=0.999, epsilon=1e-7)
    for batch, rate in zip(batches, rates, strict=True):
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(batch.features @ values[0] + values[1])
            scores = hidden @ values[2] + values[3]
            entropy = tf.nn.softmax_cross_entropy_with_logits(batch.targets, scores)
            distance = tf.reduce_sum((scores - batch.scores) ** 2, axis=1)
            loss = tf.reduce_sum(batch.weight * entropy + batch.pull * distance)
        optimizer.learning_rate = rate
        optimizer.apply(tape.gradient(loss, values), values)
    found = [value.numpy() for value in values]
    return {n: a.T if flip and a.ndim == 2 else a for n, a in zip(names, found, strict=True)}


@pytest.mark.parametrize("net", NETS)
def test_steps_equal_those_of_keras_adam(net: str) -> None:
    width = 784 if net == "fnn" else conv_net.FEATURES
    learning: Any = TwoLayerNet(ORIGINALS["fnn"]) if net == "fnn" else lite()
    learning.load(ORIGINALS[net])
    batches = [random_batch(width, seed) for seed in range(4)]
    rates = [RULE.rate_at(step) for step in range(4)]
    for number, (batch, rate) in enumerate(zip(batches, rates, strict=True)):
        assert learning.steps == number
        learning.learn(batch, rate)
    expected, found = keras_steps(net, batches, rates), learning.state()
    for name, array in expected.items():
        move = array - ORIGINALS[net][name]
        assert np.abs(move).max() > 1e-3
        difference = np.abs(found[name] - array)
        assert np.quantile(difference, 0.999) < 2e-5  # where a gradient is all noise, its sign is


def test_the_convolutions_stay_as_they_were() -> None:
    net = lite()
    net.learn(random_batch(conv_net.FEATURES), 1e-3)
    moved = {n for n in conv_net.SHAPES if (net.state()[n] != ORIGINALS["cnn"][n]).any()}
    assert moved == {*DENSE}


@pytest.mark.parametrize("net", NETS)
def test_a_state_holds_adams_part_and_goes_on_from_it(net: str) -> None:
    width = 784 if net == "fnn" else conv_net.FEATURES
    learning: Any = TwoLayerNet(ORIGINALS["fnn"]) if net == "fnn" else lite()
    learning.load(ORIGINALS[net])
    learning.learn(random_batch(width, 0), 1e-3)
    taken = checkpoints.parts(net, learning.state())
    assert len(taken[f"{net}_optimizer"]) == 9
    assert taken[net].keys() == ORIGINALS[net].keys()
    learning.learn(random_batch(width, 1), 1e-3)
    straight = learning.state()
    learning.load(ORIGINALS[net])
    assert learning.state().keys() == ORIGINALS[net].keys()
    stored = {
        n: a for p in taken.values() for n, a in checkpoints.unpack(checkpoints.pack(p)).items()
    }
    learning.load(stored)
    learning.learn(random_batch(width, 1), 1e-3)
    continued = learning.state()
    assert equal(continued, straight)
    learning.load({name: stored[name] for name in ORIGINALS[net]})  # it makes a difference
    learning.learn(random_batch(width, 1), 1e-3)
    assert np.abs(learning.state()["output_bias"] - straight["output_bias"]).max() > 1e-5


# --- batches ---


def parts_of_a_batch(earlier: int) -> tuple[np.ndarray, Rehearsed, Anchors]:
    rng = np.random.default_rng(2)
    own = rng.random((OWN, 20)).astype(np.float32)
    features = rng.random((earlier, 20)).astype(np.float32)
    anchors = Anchors(
        rng.random((6, 20)).astype(np.float32), rng.normal(0, 3, (6, 10)).astype(np.float32)
    )
    return own, Rehearsed(features, np.arange(earlier)), anchors


def test_a_batch_has_the_drawing_its_variants_earlier_ones_and_anchors() -> None:
    own, earlier, anchors = parts_of_a_batch(5)
    trust = np.linspace(0, 1, 24, dtype=np.float32)
    batch = make_batch(own, 7, trust, earlier, anchors, RULE)
    expected = np.concatenate([own, earlier.features, anchors.features])
    np.testing.assert_array_equal(batch.features, expected)
    assert batch.targets[: OWN + 5].argmax(axis=1).tolist() == [7] * OWN + [0, 1, 2, 3, 4]
    np.testing.assert_allclose(batch.targets.sum(axis=1), 1, rtol=1e-5)
    assert batch.weight[0] == RULE.own
    np.testing.assert_allclose(batch.weight[1:OWN], trust * RULE.varied / 24, rtol=1e-6)
    assert batch.weight[OWN : OWN + 5].sum() == pytest.approx(RULE.rehearsed)
    assert batch.weight[OWN + 5 :].sum() == pytest.approx(RULE.anchored)
    assert not batch.pull[: OWN + 5].any()
    assert batch.pull[OWN + 5 :].sum() == pytest.approx(RULE.pull)
    np.testing.assert_array_equal(batch.scores[OWN + 5 :], anchors.scores)


def test_the_first_drawings_batch_has_blank_rows_that_move_nothing() -> None:
    own, nothing, anchors = parts_of_a_batch(0)
    trust = np.ones(24, np.float32)
    batch = make_batch(own, 7, trust, nothing, anchors, RULE)
    blank = slice(OWN, OWN + RULE.earlier)
    assert batch.features.shape == (OWN + 5 + 6, 20)
    assert not batch.weight[blank].any()
    assert not batch.pull[blank].any()
    kept = np.r_[0:OWN, OWN + 5 : OWN + 11]
    without = Batch(**{name: array[kept] for name, array in vars(batch).items()})
    rng = np.random.default_rng(0)
    state: Weights = {
        "hidden_kernel": rng.normal(0, 1, (20, 8)),
        "hidden_bias": rng.normal(0, 1, 8),
        "output_kernel": rng.normal(0, 1, (8, 10)),
        "output_bias": rng.normal(0, 1, 10),
    }
    one, other = batch_loss_and_gradients(state, batch), batch_loss_and_gradients(state, without)
    assert one[0] == pytest.approx(other[0], rel=1e-6)
    for name, gradient in one[1].items():
        np.testing.assert_allclose(gradient, other[1][name], rtol=1e-6, atol=1e-9)


def test_the_rate_falls_with_the_root_of_the_steps_down_to_a_floor() -> None:
    assert RULE.rate_at(0) == pytest.approx(2e-3 / np.sqrt(1 + 1 / 40))
    assert RULE.rate_at(119) == pytest.approx(1e-3)
    assert RULE.rate_at(100_000) == pytest.approx(0.3 * 2e-3)


def test_the_seed_alone_chooses_earlier_drawings_and_anchors() -> None:
    first, again, other = (choose(seed, 1000, 300, RULES["fnn"]) for seed in (1, 1, 2))
    for chosen, expected in zip(first, again, strict=True):
        np.testing.assert_array_equal(chosen, expected)
    assert (first[0] != other[0]).any()
    earlier, anchors = first
    assert (earlier.min() >= 0, earlier.max() < 1000, len(earlier)) == (True, True, 48)
    assert len({*anchors.tolist()}) == len(anchors) == 256
    assert [len(part) for part in choose(1, 0, 300, RULE)] == [0, 6]
    assert {*choose(1, 1, 300, RULE)[0].tolist()} == {0}


def test_the_memory_gives_back_what_it_was_given_in_order() -> None:
    memory = ReplayBuffer(InMemory(Example(n, bytes([n]) * 784) for n in range(4)))
    memory.remember(Example(9, bytes([9]) * 784))
    assert len(memory) == 5
    found = memory.examples(np.array([4, 0, 4]))
    assert [example.label for example in found] == [9, 0, 9]
    assert [example.digit[0] for example in found] == [9, 0, 9]
    memory.let_go()
    assert len(memory) == 4


# --- the learner ---


def test_sgd_is_the_plain_step_bit_for_bit() -> None:
    learner = fnn_learner(rule=SGD)
    net = TwoLayerNet(ORIGINALS["fnn"])
    for number in range(3):
        drawing = labelled(number, number)
        learner.learn(drawing)
        variants = augment(draw(number, width=12 + number), drawing.seed)
        assert variants is not None
        net.step(variants, np.full(24, number))
    assert equal(state_of(learner), net.state())


def test_sgd_is_the_plain_step_of_the_cnn_too() -> None:
    net = conv_net.ConvNet(ORIGINALS["cnn"])
    learner = Learner({"cnn": net}, ORIGINALS, SGD)
    learner.start(ORIGINALS)
    drawing = labelled(4, label=9)
    learner.learn(drawing)
    found = net.state()
    net.load(ORIGINALS["cnn"])
    variants = augment(draw(4, width=12), drawing.seed)
    assert variants is not None
    net.step(variants, np.full(24, 9))
    assert found.keys() == net.state().keys()
    for name, array in net.state().items():
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-7)


def test_learning_goes_on_from_states_and_memory_as_if_it_had_never_stopped() -> None:
    drawings = [labelled(n % 10, n) for n in range(8)]
    straight = fnn_learner()
    for drawing in drawings:
        straight.learn(drawing)
    for stop in (0, 1, 5):
        first, second = fnn_learner(), fnn_learner()
        for drawing in drawings[:stop]:
            first.learn(drawing)
        second.start({"fnn": state_of(first)}, InMemory([example_of(d) for d in drawings[:stop]]))
        for drawing in drawings[stop:]:
            second.learn(drawing)
        assert equal(state_of(second), state_of(straight))
        assert len(second.memory) == 8


def test_the_cnn_goes_on_from_a_memory_whose_features_are_not_kept_yet() -> None:
    drawings = [labelled(n % 10, n) for n in range(6)]
    learner = Learner({"cnn": lite()}, ORIGINALS)
    learner.start(ORIGINALS)
    for drawing in drawings:
        learner.learn(drawing)
    straight = state_of(learner, "cnn")
    learner.start(ORIGINALS)
    for drawing in drawings[:4]:
        learner.learn(drawing)
    other = Learner({"cnn": lite()}, ORIGINALS)
    other.start({"cnn": state_of(learner, "cnn")}, InMemory([example_of(d) for d in drawings[:4]]))
    for drawing in drawings[4:]:
        other.learn(drawing)
    assert equal(state_of(other, "cnn"), straight)


def test_what_was_learned_before_makes_a_difference() -> None:
    found = []
    for earlier in (labelled(1, 1), labelled(3, 3)):
        learner = fnn_learner()
        learner.start(ORIGINALS, InMemory([example_of(earlier)]))
        learner.learn(labelled(5, 5))
        found.append(state_of(learner))
    assert not equal(*found)


def test_a_drawing_is_remembered_as_the_journal_keeps_it() -> None:
    assert example_of(Drawing("", 3, b"", bytes(784))) == Example(3, bytes(784))


def test_a_drawing_that_cannot_be_learned_is_not_remembered() -> None:
    learner = fnn_learner()
    blank = encode_png(np.full((28, 28), 255, np.uint8))
    with pytest.raises(CannotLearn, match="Nothing is drawn"):
        learner.learn(labelled(1, png=blank))
    assert len(learner.memory) == 0


def test_ten_wrong_labels_do_not_make_the_nets_forget_the_anchors() -> None:
    """Each 1 is said to be a 7; other digits are still read as before."""
    learner = fnn_learner()
    digits = (read_anchors(ROOT / "models" / ANCHORS)[:500] / np.float32(255)).astype(np.float32)
    before = learner["fnn"].probabilities(digits).argmax(axis=1)
    for number in range(10):
        learner.learn(labelled(1, number, label=7))
    after = learner["fnn"].probabilities(digits).argmax(axis=1)
    assert (before == after).mean() > 0.95


# --- labels that share a step ---


def test_a_batch_of_one_label_learns_as_the_label_alone() -> None:
    alone, together = fnn_learner(), fnn_learner()
    for number in range(3):
        alone.learn(labelled(number, number))
        assert together.learn_together([labelled(number, number)]) == {}
    assert equal(state_of(alone), state_of(together))


def test_the_gradient_of_a_batch_is_the_mean_of_its_labels_gradients() -> None:
    state, batches = ORIGINALS["fnn"], [random_batch(784, seed) for seed in range(3)]
    loss, gradients = batch_loss_and_gradients(state, mean_of(batches))
    each = [batch_loss_and_gradients(state, batch) for batch in batches]
    assert loss == pytest.approx(np.mean([one for one, _ in each]), rel=1e-5)
    for name, gradient in gradients.items():
        mean = np.mean([found[name] for _, found in each], axis=0)
        np.testing.assert_allclose(gradient, mean, rtol=1e-3, atol=1e-6)


def test_labels_that_share_a_step_are_screened_and_remembered_one_by_one() -> None:
    learner = fnn_learner()
    right, wrong = Drawing.of(1, draw(1)), Drawing.of(8, draw(1))
    refused = learner.learn_together([right, wrong, Drawing.of(7, draw(7))], screened=True)
    assert [*refused] == [wrong.id]
    assert [example.label for example in learner.memory.examples(np.arange(2))] == [1, 7]
    assert state_of(learner)["velocity_steps"] == 1
