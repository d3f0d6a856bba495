"""The convolutional net (CNN) in TensorFlow: how it answers, learns, and is written for serving.

Conv 4×4×16, ReLU, max-pool 2, dropout, conv 4×4×32, ReLU, max-pool 2, dropout, dense 625, ReLU,
dropout, dense 10. `ConvNet` has the same face as `two_layer_net.TwoLayerNet`.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no banner on every start
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the same results on every machine
# TensorFlow then leaves out Keras, which nothing here uses: a fifth of its import, and 45 MB
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from two_layer_net import (
    ADAM_DECAY,
    ADAM_EPSILON,
    ADAM_MOMENTUM,
    MEAN,
    SQUARE,
    STEPS,
    Batch,
    FloatArray,
    IntArray,
    Weights,
)

SHAPES = {  # dense kernels lie as (outputs, inputs), the way the serving runtime wants them
    "conv1_kernel": (4, 4, 1, 16),
    "conv1_bias": (16,),
    "conv2_kernel": (4, 4, 16, 32),
    "conv2_bias": (32,),
    "dense_kernel": (625, 7 * 7 * 32),
    "dense_bias": (625,),
    "output_kernel": (10, 625),
    "output_bias": (10,),
}
VELOCITY = "velocity_"  # the optimizer's part of a state: velocity_conv1_kernel, …
ONLINE_LEARNING_RATE, RMS_DECAY, EPSILON = 1e-5, 0.9, 1e-7
LEARNED = ("dense_kernel", "dense_bias", "output_kernel", "output_bias")  # by `learn`
FEATURES = SHAPES["dense_kernel"][1]
FEATURES_KEPT = 4096  # digits whose features stay in memory, 6 kB each


def initial_weights(
    rng: np.random.Generator, shapes: Mapping[str, tuple[int, ...]] = SHAPES
) -> Weights:
    """Return first weights, float32: normal as in He et al. (2015) for ReLU, biases zero."""

    def fan_in(shape: tuple[int, ...]) -> int:
        return shape[1] if len(shape) == 2 else int(np.prod(shape[:3]))

    return {
        name: (
            rng.normal(0, np.sqrt(2 / fan_in(shape)), shape).astype(np.float32)
            if name.endswith("kernel")
            else np.zeros(shape, np.float32)
        )
        for name, shape in shapes.items()
    }


def logits(
    weights: dict[str, tf.Tensor],
    digits: tf.Tensor,
    dropout: Sequence[float] = (0, 0, 0),
    seeds: Sequence[tf.Tensor] = (),
) -> tf.Tensor:
    """Return scores (n, 10) before the softmax for digits (n, 28, 28, 1) in [0, 1].

    dropout: the share that is dropped after the first pool, the second pool and the dense layer,
    each with a seed (2,) of its own.
    """

    features = convolved(weights, digits, dropout, seeds)
    return dense_scores(weights, features, dropout, seeds)


def convolved(
    weights: dict[str, tf.Tensor],
    digits: tf.Tensor,
    dropout: Sequence[float] = (0, 0, 0),
    seeds: Sequence[tf.Tensor] = (),
) -> tf.Tensor:
    """Return what the dense layers see, (n, 1568), of digits (n, 28, 28, 1)."""
    values = digits
    for place, layer in enumerate(("conv1", "conv2")):
        values = tf.nn.conv2d(values, weights[f"{layer}_kernel"], strides=1, padding="SAME")
        values = tf.nn.relu(values + weights[f"{layer}_bias"])
        values = drop_out(tf.nn.max_pool2d(values, 2, 2, "VALID"), place, dropout, seeds)
    return tf.reshape(values, (-1, FEATURES))  # (n, 7 × 7 × 32)


def dense_scores(
    weights: dict[str, tf.Tensor],
    features: tf.Tensor,
    dropout: Sequence[float] = (0, 0, 0),
    seeds: Sequence[tf.Tensor] = (),
) -> tf.Tensor:
    """Return scores (n, outputs) of features (n, inputs): a dense layer, ReLU, another one.

    Here of 1568, 625 and 10; the nets of `inkling.pretraining` end the same way.
    """
    values = tf.matmul(features, weights["dense_kernel"], transpose_b=True)
    values = drop_out(tf.nn.relu(values + weights["dense_bias"]), 2, dropout, seeds)
    return tf.matmul(values, weights["output_kernel"], transpose_b=True) + weights["output_bias"]


def drop_out(
    values: tf.Tensor, place: int, dropout: Sequence[float], seeds: Sequence[tf.Tensor]
) -> tf.Tensor:
    """Return values of which the share `dropout[place]` is dropped, decided by its seed."""
    rate, stateless = dropout[place], tf.nn.experimental.stateless_dropout
    return stateless(values, rate, seed=seeds[place]) if rate else values


def _scores(features: tf.Tensor, dense: Sequence[tf.Tensor]) -> tf.Tensor:
    return dense_scores(dict(zip(LEARNED, dense, strict=True)), features)


def _put(
    variables: dict[str, tf.Variable],
    name: str,
    array: FloatArray | None,
    shape: tuple[int, ...],
) -> None:
    """Give a variable the array, or zeros; make it only where there is an array."""
    if array is not None and name not in variables:
        variables[name] = tf.Variable(array)
    elif name in variables:
        variables[name].assign(np.zeros(shape, np.float32) if array is None else array)


def _loss(scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=scores)
    return tf.reduce_mean(cross_entropy)


def compiled(function: Callable[..., Any], *signature: Any) -> Callable[..., Any]:
    """Return a function as a graph, made at its first call.

    Without autograph, which turns ifs and loops over tensors into graphs: there are none here, and
    it writes files to /tmp that a kill leaves behind.
    """
    return tf.function(function, autograph=False, input_signature=signature)  # type: ignore[no-any-return]


def _as_input(digits: FloatArray) -> NDArray[np.float32]:
    return np.asarray(digits, np.float32).reshape(-1, 28, 28, 1)


class ConvNet:
    """A convolutional net with its weights and optimizer: answers, and takes online steps.

    A state holds the part of the optimizer that stepped last: Adam's (`learn`, on the dense layers)
    or RMSprop's (`step`, on all). A state without one (the originals have none) starts it at zero.
    """

    def __init__(self, state: Weights) -> None:
        self._weights = {n: tf.Variable(tf.zeros(shape), name=n) for n, shape in SHAPES.items()}
        self._velocities: dict[str, tf.Variable] = {}  # each optimizer's, from its first step on
        self._means: dict[str, tf.Variable] = {}
        self._squares: dict[str, tf.Variable] = {}
        self._known: dict[bytes, FloatArray] = {}  # features of digits, the oldest first
        self.load(state)
        digits, labels = tf.TensorSpec((None, 28, 28, 1)), tf.TensorSpec((None,), tf.int64)
        scores, one = tf.TensorSpec((None, 10)), tf.TensorSpec(())
        features, row = tf.TensorSpec((None, FEATURES)), tf.TensorSpec((None,))
        dense = [tf.TensorSpec(SHAPES[name]) for name in LEARNED]
        self._compiled_probabilities = compiled(self._probabilities, digits)
        self._compiled_features = compiled(self._features, digits)
        self._compiled_scores = compiled(_scores, features, dense)
        self._compiled_own_scores = compiled(self._own_scores, features)
        self._compiled_step = compiled(self._step, digits, labels, one)
        self._compiled_learn = compiled(
            self._learn, features, scores, row, scores, row, one, one, one
        )

    def load(self, state: Weights) -> None:
        """Take up a state that `state` gave, in place: what is compiled stays so."""
        convolutions = [name for name in SHAPES if name not in LEARNED]
        if any((self._weights[name].numpy() != state[name]).any() for name in convolutions):
            self._known.clear()
        for name in SHAPES:
            self._weights[name].assign(state[name])
        self.steps = int(state.get(STEPS, np.zeros(()))[()])  # of Adam
        self._stepped = VELOCITY + LEARNED[0] in state  # whether RMSprop's part is what it holds
        for name, shape in SHAPES.items():
            _put(self._velocities, name, state.get(VELOCITY + name), shape)
        for name in LEARNED:
            _put(self._means, name, state.get(MEAN + name), SHAPES[name])
            _put(self._squares, name, state.get(SQUARE + name), SHAPES[name])

    def state(self) -> Weights:
        """Return all that a version of this net holds: weights and optimizer's part, by name."""
        held = dict(self._weights)
        if self._stepped:
            held |= {VELOCITY + name: array for name, array in self._velocities.items()}
        found = {name: array.numpy() for name, array in held.items()}
        if self.steps:
            found |= {MEAN + name: array.numpy() for name, array in self._means.items()}
            found |= {SQUARE + name: array.numpy() for name, array in self._squares.items()}
            found[STEPS] = np.array(self.steps, np.float64)
        return found

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Return probabilities (n, 10), rows summing to 1, for digits (n, 28, 28) in [0, 1]."""
        return np.asarray(self._compiled_probabilities(_as_input(digits)).numpy())

    def _probabilities(self, digits: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(logits(self._weights, digits))

    def step(
        self, digits: FloatArray, labels: IntArray, learning_rate: float = ONLINE_LEARNING_RATE
    ) -> float:
        """Take a step of RMSprop on digits (n, 28, 28) with labels (n,); return the loss before.

        Dropout is off. RMSprop as in Hinton's lecture 6e of "Neural Networks for Machine Learning"
        (2012).
        """
        if not self._velocities:
            self._velocities |= {n: tf.Variable(tf.zeros(shape)) for n, shape in SHAPES.items()}
        self._stepped, self.steps = True, 0
        self._known.clear()  # this step moves the convolutions too
        rate = np.float32(learning_rate)
        return float(self._compiled_step(_as_input(digits), np.asarray(labels, np.int64), rate))

    def _step(self, digits: tf.Tensor, labels: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = _loss(logits(self._weights, digits), labels)
        for name, gradient in tape.gradient(loss, self._weights).items():
            velocity = self._velocities[name]
            velocity.assign(RMS_DECAY * velocity + (1 - RMS_DECAY) * gradient**2)
            self._weights[name].assign_sub(rate * gradient / tf.sqrt(velocity + EPSILON))
        return loss

    def features(self, digits: FloatArray) -> FloatArray:
        """Return what the dense layers see, (n, 1568), of digits (n, 28, 28) in [0, 1]."""
        return np.asarray(self._compiled_features(_as_input(digits)).numpy())

    def _features(self, digits: tf.Tensor) -> tf.Tensor:
        return convolved(self._weights, digits)

    def known_features(self, digits: FloatArray) -> FloatArray:
        """Return `features` of digits that come again and again; keep what was made last.

        Each is made by itself, so that its bits do not depend on what else was missing.
        """
        return np.concatenate([self._known_features_of(digit[np.newaxis]) for digit in digits])

    def _known_features_of(self, digit: FloatArray) -> FloatArray:
        key = digit.tobytes()
        if key not in self._known:
            if len(self._known) >= FEATURES_KEPT:
                del self._known[next(iter(self._known))]
            self._known[key] = self.features(digit)
        return self._known[key]

    def scorer(self, state: Weights) -> Callable[[FloatArray], FloatArray]:
        """Return what gives scores (n, 10) of features (n, 1568) by other weights, for good."""
        dense = [tf.constant(state[name]) for name in LEARNED]
        return lambda features: np.asarray(self._compiled_scores(features, dense).numpy())

    def scores(self, features: FloatArray) -> FloatArray:
        """Return scores (n, 10) before the softmax, of features (n, 1568)."""
        return np.asarray(self._compiled_own_scores(features).numpy())

    def _own_scores(self, features: tf.Tensor) -> tf.Tensor:
        return dense_scores(self._weights, features)

    def learn(self, batch: Batch, rate: float) -> float:
        """Take a step of Adam on a batch; return the loss before it.

        Dropout is off. Convolutions stay.
        """
        for kept in (self._means, self._squares):
            if not kept:
                kept |= {n: tf.Variable(tf.zeros(SHAPES[n])) for n in LEARNED}
        self._stepped, self.steps = False, self.steps + 1
        powers = (np.float32(decay**self.steps) for decay in (ADAM_MOMENTUM, ADAM_DECAY))
        parts = (batch.features, batch.targets, batch.weight, batch.scores, batch.pull)
        return float(self._compiled_learn(*parts, np.float32(rate), *powers))

    def _learn(
        self,
        features: tf.Tensor,
        targets: tf.Tensor,
        weight: tf.Tensor,
        scores: tf.Tensor,
        pull: tf.Tensor,
        rate: tf.Tensor,
        momentum_power: tf.Tensor,
        decay_power: tf.Tensor,
    ) -> tf.Tensor:
        learned = {name: self._weights[name] for name in LEARNED}
        with tf.GradientTape() as tape:
            found = dense_scores(learned, features)
            cross_entropy = tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=found)
            distance = tf.reduce_sum((found - scores) ** 2, axis=1)
            loss = tf.reduce_sum(weight * cross_entropy) + tf.reduce_sum(pull * distance)
        for name, gradient in tape.gradient(loss, learned).items():
            tf.raw_ops.ResourceApplyAdam(
                var=self._weights[name].handle,
                m=self._means[name].handle,
                v=self._squares[name].handle,
                beta1_power=momentum_power,
                beta2_power=decay_power,
                lr=rate,
                beta1=ADAM_MOMENTUM,
                beta2=ADAM_DECAY,
                epsilon=ADAM_EPSILON,
                grad=gradient,
            )
        return loss

    def accuracy(self, digits: FloatArray, labels: IntArray, batch: int = 1000) -> float:
        """Return the share in [0, 1] of digits (n, 28, 28) whose likeliest class is the label."""
        parts = [
            self.probabilities(digits[start : start + batch]).argmax(axis=1)
            for start in range(0, len(digits), batch)
        ]
        return float((np.concatenate(parts) == labels).mean())


def serving_graph() -> bytes:
    """Return the net as a LiteRT flatbuffer that takes one digit and all weights as inputs.

    Inputs: `digits` (1, 28, 28, 1) and the names and shapes of SHAPES, all float32.
    Output: probabilities (1, 10). As weights are inputs, one graph serves every version.
    """

    def serve(digits: tf.Tensor, **weights: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(logits(weights, digits))

    specs = {name: tf.TensorSpec(shape, name=name) for name, shape in SHAPES.items()}
    digits = tf.TensorSpec((1, 28, 28, 1), name="digits")
    concrete = tf.function(serve, autograph=False).get_concrete_function(digits, **specs)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    return bytes(converter.convert())
