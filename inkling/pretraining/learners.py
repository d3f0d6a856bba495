"""The nets that are trained from scratch, as `fit.fit` wants them, and those that teach them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

import two_layer_net
from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.pretraining.augmented_cache import Taught
from inkling.pretraining.fit import Gradients, Probabilities, Recipe, Weights
from two_layer_net import TwoLayerNet

TEACHER = "teacher"  # the larger net, which no server asks
UNLIKE_DIGITS = "unlike-digits"  # tells digits from junk


@dataclass(frozen=True)
class Learner:
    """A net as `fit.fit` wants it."""

    start: Weights
    gradients: Gradients
    probabilities: Probabilities


def learner(net: str, recipe: Recipe, seed: int) -> Learner:
    """Return an untrained `fnn`, `cnn`, `teacher` or `unlike-digits`.

    TensorFlow comes with all but the first: training the FNN by labels need not wait 4 s for it.
    """
    rng = np.random.default_rng(seed)
    if net == "fnn":
        return Learner(
            two_layer_net.initial_weights(rng, recipe.hidden),
            two_layer_net.gradients_from_scratch,
            lambda state, digits: TwoLayerNet(state).probabilities(digits),
        )
    from conv_net import initial_weights
    from inkling.pretraining.compiled_nets import compiled_gradients, compiled_probabilities

    module = _in_tensorflow(net)
    return Learner(
        initial_weights(rng, module.SHAPES),
        compiled_gradients(module.logits, module.SHAPES, recipe.dropout),
        compiled_probabilities(module.logits, module.SHAPES),
    )


def _in_tensorflow(net: str) -> ModuleType:
    """Return the module with the net's SHAPES and `logits`."""
    import conv_net
    from inkling.pretraining import junk_net, large_net

    return {"cnn": conv_net, TEACHER: large_net, UNLIKE_DIGITS: junk_net}[net]


def taught_by(folder: Path) -> Taught:
    """Return the larger net of a folder as a teacher; its CNN where there is no larger one.

    Raises InvalidInput for a folder with neither, BadWeights for a damaged file.
    """
    found = [net for net in (TEACHER, "cnn") if (folder / f"{net}.npz").exists()]
    if not found:
        raise InvalidInput(
            f"{folder} holds no {TEACHER}.npz and no cnn.npz.", "`inkling train teacher` makes one."
        )
    from inkling.pretraining.compiled_nets import compiled_probabilities

    net = found[0]
    content = (folder / f"{net}.npz").read_bytes()
    state = checkpoints.unpack(content)
    module = _in_tensorflow(net)
    answer = compiled_probabilities(module.logits, module.SHAPES)
    name = f"{net}-{hashlib.sha256(content).hexdigest()[:16]}"
    return Taught(lambda digits: answer(state, digits), name)
