"""The net that tells digits from junk, in TensorFlow: `nets/unlike_digits.py` asks it in numpy."""

from collections.abc import Sequence

import tensorflow as tf

from conv_net import dense_scores, drop_out
from inkling.nets.unlike_digits import LAYERS, STRIDE

SHAPES = LAYERS


def logits(
    weights: dict[str, tf.Tensor],
    digits: tf.Tensor,
    dropout: Sequence[float] = (0, 0, 0),
    seeds: Sequence[tf.Tensor] = (),
) -> tf.Tensor:
    """Return scores (n, 11) before the softmax for digits (n, 28, 28, 1) in [0, 1]."""
    values = digits
    for place, layer in enumerate(("conv1", "conv2")):
        values = tf.nn.conv2d(values, weights[f"{layer}_kernel"], strides=STRIDE, padding="VALID")
        values = drop_out(tf.nn.relu(values + weights[f"{layer}_bias"]), place, dropout, seeds)
    features = tf.reshape(values, (-1, LAYERS["dense_kernel"][1]))
    return dense_scores(weights, features, dropout, seeds)
