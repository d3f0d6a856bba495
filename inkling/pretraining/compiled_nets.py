"""Nets in TensorFlow as `fit.fit` wants them, compiled: gradients with dropout, and answers."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import tensorflow as tf

from conv_net import compiled
from inkling.pretraining.fit import FloatArray, Gradients, Probabilities, Weights

AT_ONCE = 1000  # digits that are answered at once


class Scores(Protocol):
    """From weights and digits (n, 28, 28, 1): scores (n, classes) before the softmax."""

    def __call__(
        self,
        weights: dict[str, tf.Tensor],
        digits: tf.Tensor,
        dropout: Sequence[float] = ...,
        seeds: Sequence[tf.Tensor] = ...,
    ) -> tf.Tensor:
        """Return them, with each share of `dropout` dropped where its seed (2,) says."""


def compiled_gradients(
    scores_of: Scores, shapes: Mapping[str, tuple[int, ...]], dropout: Sequence[float]
) -> Gradients:
    """Return what gives the mean cross-entropy in nats and its gradients, for weights of `shapes`.

    A graph is made at its first call.
    """

    def compute(
        weights: dict[str, tf.Tensor], digits: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        seeds = tf.unstack(tf.random.split(seed, len(dropout)))
        with tf.GradientTape() as tape:
            tape.watch(weights)
            scores = scores_of(weights, digits, dropout, seeds)
            loss = tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=scores)
            loss = tf.reduce_mean(loss)
        return loss, tape.gradient(loss, weights)

    specs = {name: tf.TensorSpec(shape) for name, shape in shapes.items()}
    digits, targets = tf.TensorSpec((None, 28, 28, 1)), tf.TensorSpec((None, None))
    signature = specs, digits, targets, tf.TensorSpec((2,), tf.int32)
    graph = compiled(compute, *signature)

    def gradients(
        weights: Weights, digits: FloatArray, targets: FloatArray, seed: Sequence[int]
    ) -> tuple[float, Weights]:
        loss, found = graph(
            {name: weights[name] for name in shapes},
            np.asarray(digits, np.float32)[..., np.newaxis],
            np.asarray(targets, np.float32),
            np.asarray(seed, np.int32),
        )
        return float(loss), {name: array.numpy() for name, array in found.items()}

    return gradients


def compiled_probabilities(
    scores_of: Scores, shapes: Mapping[str, tuple[int, ...]]
) -> Probabilities:
    """Return what gives probabilities (n, classes), of weights and digits (n, 28, 28) in [0, 1]."""

    def compute(weights: dict[str, tf.Tensor], digits: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(scores_of(weights, digits))

    specs = {name: tf.TensorSpec(shape) for name, shape in shapes.items()}
    graph = compiled(compute, specs, tf.TensorSpec((None, 28, 28, 1)))

    def probabilities(state: Weights, digits: FloatArray) -> FloatArray:
        weights = {name: state[name] for name in shapes}
        starts = range(0, len(digits), AT_ONCE)  # so that their layers fit in memory
        parts = [np.asarray(digits[n : n + AT_ONCE], np.float32) for n in starts]
        return np.concatenate([graph(weights, part[..., np.newaxis]).numpy() for part in parts])

    return probabilities
