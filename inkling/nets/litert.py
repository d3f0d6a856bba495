"""Nets as web workers serve them: in LiteRT, TensorFlow's inference runtime, without TensorFlow."""

import os

import numpy as np

from inkling.errors import InvalidInput
from two_layer_net import FloatArray, Weights

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
from ai_edge_litert.interpreter import Interpreter


def _open(graph: bytes, what: str, remedy: str) -> Interpreter:
    """Return an interpreter on one thread. Raises InvalidInput for bytes that are no graph."""
    try:
        interpreter = Interpreter(model_content=graph, num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise InvalidInput(f"{what} cannot be read ({error}).", remedy) from error
    return interpreter


class ServedConvNet:
    """A CNN in LiteRT on one thread. Not safe for several threads at once."""

    takes_many = False

    def __init__(self, graph: bytes, arrays: Weights) -> None:
        """Take a graph and the arrays by its inputs' names.

        Raises InvalidInput for bytes that are no graph, ValueError for an array of another shape.
        """
        remedy = "Write it anew: inkling train cnn."
        self._interpreter = _open(graph, "The serving graph of the CNN", remedy)
        self._inputs = {d["name"]: d["index"] for d in self._interpreter.get_input_details()}
        self._digit = self._inputs.pop("digits")
        self._output = self._interpreter.get_output_details()[0]["index"]
        self.load(arrays)

    def load(self, arrays: Weights) -> None:
        """Take up other weights, in place. Raises ValueError for one of another shape."""
        for name, index in self._inputs.items():
            self._interpreter.set_tensor(index, arrays[name])

    def probabilities(self, digits: FloatArray) -> FloatArray:
        """Return probabilities (1, 10) for one digit (1, 28, 28) in [0, 1]."""
        self._interpreter.set_tensor(self._digit, digits.reshape(1, 28, 28, 1))
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output))


class ServedNetwork:
    """A network in LiteRT whose graph holds its weights. Not safe for several threads at once."""

    takes_many = True

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
