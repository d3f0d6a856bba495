"""The convolutional net (CNN) in TensorFlow: how it answers, learns, and is written for serving.

Conv 4×4×16, ReLU, max-pool 2, dropout, conv 4×4×32, ReLU, max-pool 2, dropout, dense 625, ReLU,
dropout, dense 10. `ConvNet` has the same face as `two_layer_net.TwoLayerNet`. This is the only
module that imports TensorFlow.
"""

import os
from collections.abc import Callable, Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no banner on every start
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the same results on every machine

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from two_layer_net import FloatArray, IntArray, Weights

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


def initial_weights(rng: np.random.Generator) -> Weights:
    """Weights to start from, float32: normal as in He et al. (2015) for ReLU, biases zero."""

    def fan_in(shape: tuple[int, ...]) -> int:
        return shape[1] if len(shape) == 2 else int(np.prod(shape[:3]))

    return {
        name: (
            rng.normal(0, np.sqrt(2 / fan_in(shape)), shape).astype(np.float32)
            if name.endswith("kernel")
            else np.zeros(shape, np.float32)
        )
        for name, shape in SHAPES.items()
    }


def logits(
    weights: dict[str, tf.Tensor],
    digits: tf.Tensor,
    dropout: Sequence[float] = (0, 0, 0),
    seeds: Sequence[tf.Tensor] = (),
) -> tf.Tensor:
    """Scores (n, 10) before the softmax for digits (n, 28, 28, 1) in [0, 1].

    dropout: the share that is dropped after the first pool, the second pool and the dense layer,
    each with a seed (2,) of its own.
    """

    def drop(values: tf.Tensor, place: int) -> tf.Tensor:
        rate = dropout[place]
        stateless = tf.nn.experimental.stateless_dropout
        return stateless(values, rate, seed=seeds[place]) if rate else values

    values = digits
    for place, layer in enumerate(("conv1", "conv2")):
        values = tf.nn.conv2d(values, weights[f"{layer}_kernel"], strides=1, padding="SAME")
        values = tf.nn.relu(values + weights[f"{layer}_bias"])
        values = drop(tf.nn.max_pool2d(values, 2, 2, "VALID"), place)  # (n, 14 then 7, …)
    values = tf.reshape(values, (-1, SHAPES["dense_kernel"][1]))  # (n, 1568)
    values = tf.matmul(values, weights["dense_kernel"], transpose_b=True) + weights["dense_bias"]
    values = drop(tf.nn.relu(values), 2)  # (n, 625)
    return tf.matmul(values, weights["output_kernel"], transpose_b=True) + weights["output_bias"]


def _loss(scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=scores)
    return tf.reduce_mean(cross_entropy)


def _as_input(digits: FloatArray) -> NDArray[np.float32]:
    return np.asarray(digits, np.float32).reshape(-1, 28, 28, 1)


class ConvNet:
    """A convolutional net with its weights and optimizer: answers, and takes online steps.

    A state without the optimizer's part (the originals have none) starts it at zero.
    """

    def __init__(self, state: Weights) -> None:
        self._weights = {n: tf.Variable(tf.zeros(shape), name=n) for n, shape in SHAPES.items()}
        self._velocities = {n: tf.Variable(tf.zeros(shape)) for n, shape in SHAPES.items()}
        self.load(state)
        digits, labels = tf.TensorSpec((None, 28, 28, 1)), tf.TensorSpec((None,), tf.int64)
        self._compiled_probabilities = tf.function(self._probabilities, input_signature=[digits])
        self._compiled_step = tf.function(
            self._step, input_signature=[digits, labels, tf.TensorSpec(())]
        )

    def load(self, state: Weights) -> None:
        """Take up a state that `state` gave, in place: what is compiled stays so."""
        for name, shape in SHAPES.items():
            self._weights[name].assign(state[name])
            self._velocities[name].assign(state.get(VELOCITY + name, np.zeros(shape, np.float32)))

    def state(self) -> Weights:
        """All that a version of this net holds: weights and RMSprop's velocities, by name."""
        velocities = {VELOCITY + name: array for name, array in self._velocities.items()}
        return {name: array.numpy() for name, array in {**self._weights, **velocities}.items()}

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Probabilities (n, 10), rows summing to 1, for digits (n, 28, 28) in [0, 1]."""
        return np.asarray(self._compiled_probabilities(_as_input(digits)).numpy())

    def _probabilities(self, digits: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(logits(self._weights, digits))

    def step(
        self, digits: FloatArray, labels: IntArray, learning_rate: float = ONLINE_LEARNING_RATE
    ) -> float:
        """One step of RMSprop on digits (n, 28, 28) with labels (n,), dropout off; the loss before.

        RMSprop as in Hinton's lecture 6e of "Neural Networks for Machine Learning" (2012).
        """
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

    def accuracy(self, digits: FloatArray, labels: IntArray, batch: int = 1000) -> float:
        """The share in [0, 1] of digits (n, 28, 28) whose likeliest class is the label."""
        parts = [
            self.probabilities(digits[start : start + batch]).argmax(axis=1)
            for start in range(0, len(digits), batch)
        ]
        return float((np.concatenate(parts) == labels).mean())


def gradients_from_scratch(
    dropout: Sequence[float],
) -> Callable[[Weights, FloatArray, FloatArray, Sequence[int]], tuple[float, Weights]]:
    """What `fitting.fit` asks for: loss and gradients with dropout, compiled."""

    def compute(
        weights: dict[str, tf.Tensor], digits: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        seeds = tf.unstack(tf.random.split(seed, len(dropout)))
        with tf.GradientTape() as tape:
            tape.watch(weights)
            scores = logits(weights, digits, dropout, seeds)
            loss = tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=scores)
            loss = tf.reduce_mean(loss)
        return loss, tape.gradient(loss, weights)

    specs = {name: tf.TensorSpec(shape) for name, shape in SHAPES.items()}
    digits, targets = tf.TensorSpec((None, 28, 28, 1)), tf.TensorSpec((None, 10))
    seed = tf.TensorSpec((2,), tf.int32)
    compiled = tf.function(compute, input_signature=[specs, digits, targets, seed])

    def gradients(
        weights: Weights, digits: FloatArray, targets: FloatArray, seed: Sequence[int]
    ) -> tuple[float, Weights]:
        loss, found = compiled(
            {name: weights[name] for name in SHAPES},
            _as_input(digits),
            np.asarray(targets, np.float32),
            np.asarray(seed, np.int32),
        )
        return float(loss), {name: array.numpy() for name, array in found.items()}

    return gradients


def serving_graph() -> bytes:
    """The net as a LiteRT flatbuffer that takes one digit and all weights as inputs.

    Inputs: `digits` (1, 28, 28, 1) and the names and shapes of SHAPES, all float32.
    Output: probabilities (1, 10). As weights are inputs, one graph serves every version.
    """

    def serve(digits: tf.Tensor, **weights: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(logits(weights, digits))

    specs = {name: tf.TensorSpec(shape, name=name) for name, shape in SHAPES.items()}
    digits = tf.TensorSpec((1, 28, 28, 1), name="digits")
    concrete = tf.function(serve).get_concrete_function(digits, **specs)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    return bytes(converter.convert())
