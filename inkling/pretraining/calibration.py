"""Probabilities that mean what they say: one temperature for a trained net, put into its weights.

Guo et al., "On Calibration of Modern Neural Networks" (2017).
"""

import numpy as np

from inkling.pretraining.fit import FloatArray, IntArray, Weights

TEMPERATURES = np.geomspace(0.5, 2, 81)
OUTPUT_LAYER = ("output_kernel", "output_bias")  # the same names in both nets


def best_temperature(
    probabilities: FloatArray, labels: IntArray, importance: FloatArray | None = None
) -> float:
    """Return what scores must be divided by so that their log-likelihood is greatest.

    It lies in [0.5, 2]. probabilities (n, 10) before, labels (n,); `importance` (n,): how much each
    counts, by default the same. Above 1, the net was too sure of itself.
    """
    logs = np.log(np.maximum(probabilities.astype(np.float64), np.finfo(np.float32).tiny))
    rows = np.arange(len(labels))

    def loss(temperature: float) -> float:
        scores = logs / temperature
        normal = np.log(np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1))
        losses = normal + scores.max(axis=1) - scores[rows, labels]
        return float(np.average(losses, weights=importance))

    return float(min(TEMPERATURES, key=loss))


def at_temperature(state: Weights, temperature: float) -> Weights:
    """Return the net with its scores divided by a temperature: guesses stay, probabilities move."""
    divisor = np.float32(temperature)
    return {
        name: array / divisor if name in OUTPUT_LAYER else array for name, array in state.items()
    }
