"""Loss and gradients of a net in TensorFlow with dropout, compiled: what `fit.fit` asks for."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import tensorflow as tf

from conv_net import compiled
from inkling.pretraining.fit import FloatArray, Gradients, Weights


class Scores(Protocol):
    """From weights and digits (n, 28, 28, 1): scores (n, 10) before the softmax."""

    def __call__(
        self,
        weights: dict[str, tf.Tensor],
        digits: tf.Tensor,
        dropout: Sequence[float],
        seeds: Sequence[tf.Tensor],
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
    digits, targets = tf.TensorSpec((None, 28, 28, 1)), tf.TensorSpec((None, 10))
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
