"""Made-up weights, digits and labels, the same at every call, for the tests of both nets."""

import numpy as np

import conv_net
import two_layer_net
from two_layer_net import FloatArray, IntArray, Weights

NAMES = ("hidden_kernel", "hidden_bias", "output_kernel", "output_bias")


def example(
    dtype: type = np.float64, *, count: int = 7, hidden: int = 12
) -> tuple[Weights, FloatArray, IntArray]:
    """The FNN's weights without a zero among them, digits and labels."""
    rng = np.random.default_rng(5)
    weights: Weights = {
        name: (array + rng.normal(0, 0.1, array.shape)).astype(dtype)
        for name, array in two_layer_net.initial_weights(rng, hidden).items()
    }
    return weights, rng.random((count, 28, 28)).astype(dtype), rng.integers(0, 10, count)


def random_weights(seed: int) -> Weights:
    """The CNN's weights with biases that are not zero."""
    rng = np.random.default_rng(seed)
    found = conv_net.initial_weights(rng)
    for name in found:
        if name.endswith("bias"):
            found[name] = rng.normal(0, 0.1, found[name].shape).astype(np.float32)
    return found


def batch(seed: int, count: int = 24) -> tuple[FloatArray, IntArray]:
    rng = np.random.default_rng(seed)
    return rng.random((count, 28, 28)).astype(np.float32), rng.integers(0, 10, count)


def learnable(seed: int, count: int = 240) -> tuple[FloatArray, IntArray]:
    """Ten patterns under noise: any net that learns at all tells them apart."""
    patterns = np.random.default_rng(42).random((10, 7, 7)).repeat(4, 1).repeat(4, 2) > 0.7
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 10)
    return (patterns[labels] * 0.7 + rng.random((count, 28, 28)) * 0.3).astype(np.float32), labels
