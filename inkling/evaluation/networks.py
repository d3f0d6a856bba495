"""How good networks are that were trained as a whole, by the graphs that serve them."""

from functools import partial

import numpy as np

from functions import FloatArray
from inkling.evaluation.metrics import Labels
from inkling.nets.description import Figures
from inkling.parallel import Done, ignore, in_chunks

CHUNK = 250  # digits at once: some 100 MB in the largest of the shipped ones
LEAST = np.finfo(np.float32).tiny  # a loss takes a smaller probability for this


def network_probabilities(
    graph: bytes,
    scale: float,
    digits: FloatArray,
    *,
    workers: int | None = None,
    done: Done = ignore,
) -> FloatArray:
    """Return what a serving graph says, (n, 10), of digits (n, 28, 28) in [0, 1]."""
    parts = in_chunks(partial(_of_chunk, graph, scale), digits, CHUNK, workers=workers, done=done)
    return np.concatenate([np.empty((0, 10), np.float32), *parts])


def _of_chunk(graph: bytes, scale: float, digits: FloatArray, start: int) -> FloatArray:
    from inkling.nets.litert import ServedNetwork

    return ServedNetwork(graph, scale).probabilities(digits)


def figures_of(probabilities: FloatArray, labels: Labels) -> Figures:
    """Return how good answers (n, 10) are to digits with labels (n,), one or more."""
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    loss = -np.log(np.clip(of_label, LEAST, 1)).mean()
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    return Figures(len(labels), round(float(loss), 6), round(float(accuracy), 6))
