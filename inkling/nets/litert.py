"""Graphs in LiteRT, TensorFlow's inference runtime, without TensorFlow."""

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

import numpy as np

from inkling.errors import InvalidInput
from two_layer_net import FloatArray, Weights

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
from ai_edge_litert.interpreter import Interpreter

Shapes = Mapping[str, tuple[int, ...]]
NOTE = b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
CNN_ANEW = "Write it anew: inkling train cnn."


_first, _opened = threading.Lock(), threading.Event()


def _temporary_file() -> IO[bytes] | None:
    """Return a file without a name; None where there is nowhere to write: then the line is seen."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return None


@contextmanager
def _without_its_note() -> Iterator[None]:
    """Keep a line off standard error that LiteRT writes there at its first graph; and nothing else.

    No variable and no call does that: https://github.com/google-ai-edge/LiteRT/issues/7420.
    """
    if _opened.is_set() or (room := _temporary_file()) is None:
        yield
        return
    with _first, room as file:
        standard_error = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(standard_error, 2)
            os.close(standard_error)
            file.seek(0)
            if said := file.read().replace(NOTE, b""):
                os.write(2, said)
            _opened.set()


def _open(graph: bytes, what: str, remedy: str) -> Interpreter:
    """Return an interpreter on one thread. Raises InvalidInput for bytes that are no graph."""
    try:
        with _without_its_note():
            interpreter = Interpreter(model_content=graph, num_threads=1)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise InvalidInput(f"{what} cannot be read ({error}).", remedy) from error
    return interpreter


def placeholders(shapes: Shapes) -> Weights:
    """Return arrays by name, each of which a graph's bytes can be searched for."""
    return {
        name: np.random.default_rng(shape).random(shape, np.float32)
        for name, shape in shapes.items()
    }


def _in_a_graph(array: FloatArray) -> bytes:
    """Return an array as a graph has it: kernels by their outputs first."""
    last_first = (3, 0, 1, 2) if array.ndim == 4 else tuple(range(array.ndim))
    return np.asarray(array, np.float32).transpose(last_first).tobytes()


def _put_in(graph: bytes, weights: Weights) -> bytes:
    """Return a graph with weights in the place of its placeholders.

    Constants are five times as fast as weights that are inputs: LiteRT packs them beforehand.
    Raises InvalidInput for a graph without such placeholders.
    """
    shapes = {name: array.shape for name, array in weights.items()}
    for name, placeholder in placeholders(shapes).items():
        found = _in_a_graph(placeholder)
        if graph.count(found) != 1:
            raise InvalidInput(f"The CNN's graph has no place for {name}.", CNN_ANEW)
        graph = graph.replace(found, _in_a_graph(weights[name]))
    return graph


class Convolutions:
    """A CNN's convolutions in LiteRT on one thread. Not safe for several threads at once."""

    def __init__(self, graph: bytes, weights: Weights) -> None:
        """Take a graph with placeholders, and the convolutions' arrays by name.

        Raises InvalidInput for bytes that are no such graph.
        """
        self.weights = {name: array.copy() for name, array in weights.items()}
        self._interpreter = _open(_put_in(graph, weights), "The CNN's graph", CNN_ANEW)
        self._digit = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def __call__(self, digits: FloatArray) -> FloatArray:
        """Return what the dense layers see, (n, 1568), of digits (n, 28, 28) in [0, 1].

        One digit after the other, which takes no longer: so the bits do not depend on what is
        asked together.
        """
        return np.concatenate([self._features(digit) for digit in digits])

    def _features(self, digit: FloatArray) -> FloatArray:
        self._interpreter.set_tensor(self._digit, digit.reshape(1, 28, 28, 1))
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output))

    def have(self, weights: Weights) -> bool:
        """Whether these are their weights."""
        return all(np.array_equal(array, weights[name]) for name, array in self.weights.items())


class ServedNetwork:
    """A network in LiteRT whose graph holds its weights. Not safe for several threads at once."""

    def __init__(self, graph: bytes, scale: float = 1.0) -> None:
        """Take a graph, and what a digit in [0, 1] is multiplied by before it.

        Raises InvalidInput for bytes that are no graph of 28×28 and ten classes.
        """
        self._interpreter = _open(graph, "The serving graph", "Train or import the network anew.")
        self._scale, self._count = np.float32(scale), 1
        inputs, outputs = (
            self._interpreter.get_input_details(),
            self._interpreter.get_output_details(),
        )
        shapes = [tuple(tensor["shape"]) for tensor in (*inputs, *outputs)]
        if shapes != [(1, 28, 28, 1), (1, 10)]:
            problem = f"The serving graph has tensors of the shapes {shapes}."
            raise InvalidInput(problem, "It must make (1, 10) of (1, 28, 28, 1).")
        self._digits, self._output = inputs[0]["index"], outputs[0]["index"]

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Return probabilities (n, 10) for digits (n, 28, 28) in [0, 1]."""
        if len(digits) != self._count:
            self._count = len(digits)
            self._interpreter.resize_tensor_input(self._digits, (self._count, 28, 28, 1))
            self._interpreter.allocate_tensors()
        scaled = np.asarray(digits, np.float32).reshape(-1, 28, 28, 1) * self._scale
        self._interpreter.set_tensor(self._digits, scaled)
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(self._output))
