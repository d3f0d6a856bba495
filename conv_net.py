"""The convolutional net (CNN) in TensorFlow: how it answers, is trained, and written for serving.

Conv 4×4×16, ReLU, max-pool 2, dropout, conv 4×4×32, ReLU, max-pool 2, dropout, dense 625, ReLU,
dropout, dense 10. Servers and trainers ask `inkling.nets.lite_conv_net.LiteConvNet`, which needs no
TensorFlow; `ConvNet` is for the plain step, which moves the convolutions too.
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
FEATURES = SHAPES["dense_kernel"][1]


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
    """A convolutional net with its weights and RMSprop's part: answers, and takes plain steps."""

    def __init__(self, state: Weights) -> None:
        self._weights = {n: tf.Variable(tf.zeros(shape), name=n) for n, shape in SHAPES.items()}
        self._velocities: dict[str, tf.Variable] = {}  # from the first step on
        self.load(state)
        digits, labels = tf.TensorSpec((None, 28, 28, 1)), tf.TensorSpec((None,), tf.int64)
        self._compiled_probabilities = compiled(self._probabilities, digits)
        self._compiled_step = compiled(self._step, digits, labels, tf.TensorSpec(()))

    def load(self, state: Weights) -> None:
        """Take up a state that `state` gave, in place: what is compiled stays so.

        A state without RMSprop's part (the originals have none) starts it at zero.
        """
        for name in SHAPES:
            self._weights[name].assign(state[name])
        self._stepped = VELOCITY + "conv1_kernel" in state  # else its own part is none, or Adam's
        for name, shape in SHAPES.items():
            if self._stepped or self._velocities:
                velocity = state.get(VELOCITY + name, np.zeros(shape, np.float32))
                self._velocity(name).assign(velocity)

    def _velocity(self, name: str) -> tf.Variable:
        if name not in self._velocities:
            self._velocities[name] = tf.Variable(tf.zeros(SHAPES[name]))
        return self._velocities[name]

    @property
    def weights(self) -> Weights:
        """The weights by name, as copies."""
        return {name: array.numpy() for name, array in self._weights.items()}

    def state(self) -> Weights:
        """Return all that a version of this net holds: weights and optimizer's part, by name."""
        held = dict(self._weights)
        if self._stepped:
            held |= {VELOCITY + name: array for name, array in self._velocities.items()}
        return {name: array.numpy() for name, array in held.items()}

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
        for name in SHAPES:
            self._velocity(name)  # made before the step is compiled
        self._stepped = True
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


def convolutions_graph(weights: Weights) -> bytes:
    """Return the convolutions as a LiteRT flatbuffer: of a digit, what the dense layers see.

    Input: `digits` (1, 28, 28, 1); output: (1, 1568), both float32. The weights, those of the
    convolutions, are constants in it, as `inkling.nets.litert` looks for them.
    """
    constants = {name: tf.constant(array) for name, array in weights.items()}
    digits = tf.TensorSpec((1, 28, 28, 1), name="digits")
    function = tf.function(lambda digits: convolved(constants, digits), autograph=False)
    concrete = function.get_concrete_function(digits)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    return bytes(converter.convert())
