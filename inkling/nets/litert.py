"""A CNN as web workers serve it: in LiteRT, TensorFlow's inference runtime, without TensorFlow."""

import os

import numpy as np

from inkling.errors import InvalidInput
from two_layer_net import FloatArray, Weights

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
from ai_edge_litert.interpreter import Interpreter


class ServedConvNet:
    """A CNN in LiteRT on one thread. Not safe for several threads at once."""

    takes_many = False

    def __init__(self, graph: bytes, arrays: Weights) -> None:
        """Take a graph and the arrays by its inputs' names.

        Raises InvalidInput for bytes that are no graph, ValueError for an array of another shape.
        """
        try:
            self._interpreter = Interpreter(model_content=graph, num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InvalidInput(
                f"The serving graph of the CNN cannot be read ({error}).",
                "Write it anew: inkling train cnn.",
            ) from error
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
