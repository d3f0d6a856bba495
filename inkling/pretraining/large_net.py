"""A larger convolutional net that is only used in training: the originals learn what it says.

Twice two conv 3×3 with ReLU (32 and 64 channels) and a max-pool 2 with dropout; dense 256, ReLU,
dropout, dense 10. Small kernels, two in a row, as in Simonyan and Zisserman (2015).
"""

from collections.abc import Sequence

import tensorflow as tf

from conv_net import dense_scores, drop_out

SHAPES = {
    "conv1_kernel": (3, 3, 1, 32),
    "conv1_bias": (32,),
    "conv2_kernel": (3, 3, 32, 32),
    "conv2_bias": (32,),
    "conv3_kernel": (3, 3, 32, 64),
    "conv3_bias": (64,),
    "conv4_kernel": (3, 3, 64, 64),
    "conv4_bias": (64,),
    "dense_kernel": (256, 7 * 7 * 64),  # (outputs, inputs), as `conv_net` has them
    "dense_bias": (256,),
    "output_kernel": (10, 256),
    "output_bias": (10,),
}
BLOCKS = ("conv1", "conv2"), ("conv3", "conv4")


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
    values = digits
    for place, layers in enumerate(BLOCKS):
        for layer in layers:
            values = tf.nn.conv2d(values, weights[f"{layer}_kernel"], strides=1, padding="SAME")
            values = tf.nn.relu(values + weights[f"{layer}_bias"])
        values = drop_out(tf.nn.max_pool2d(values, 2, 2, "VALID"), place, dropout, seeds)
    features = tf.reshape(values, (-1, SHAPES["dense_kernel"][1]))  # (n, 7 × 7 × 64)
    return dense_scores(weights, features, dropout, seeds)
