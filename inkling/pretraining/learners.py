"""The nets that are trained from scratch, as `fit.fit` wants them, and those that teach them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import two_layer_net
from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.pretraining.augmented_cache import Taught
from inkling.pretraining.fit import FloatArray, Gradients, Probabilities, Recipe, Weights
from two_layer_net import TwoLayerNet

TEACHER = "teacher"  # the larger net, which no server asks
AT_ONCE = 1000  # digits that nets in TensorFlow answer at once


@dataclass(frozen=True)
class Learner:
    """A net as `fit.fit` wants it."""

    start: Weights
    gradients: Gradients
    probabilities: Probabilities


def learner(net: str, recipe: Recipe, seed: int) -> Learner:
    """Return an untrained `fnn`, `cnn` or `teacher`.

    TensorFlow is imported for the latter two: training the FNN by labels need not wait 4 s for it.
    """
    rng = np.random.default_rng(seed)
    if net == "fnn":
        return Learner(
            two_layer_net.initial_weights(rng, recipe.hidden),
            two_layer_net.gradients_from_scratch,
            lambda state, digits: TwoLayerNet(state).probabilities(digits),
        )
    import conv_net
    from inkling.pretraining import large_net
    from inkling.pretraining.compiled_gradients import compiled_gradients

    module = conv_net if net == "cnn" else large_net
    return Learner(
        conv_net.initial_weights(rng, module.SHAPES),
        compiled_gradients(module.logits, module.SHAPES, recipe.dropout),
        _probabilities(net),
    )


def _probabilities(net: str) -> Probabilities:
    """Return what answers for `cnn` or `teacher`, any number of digits."""
    import conv_net
    from inkling.pretraining import large_net

    if net == TEACHER:
        answer = large_net.compiled_probabilities()
        return lambda state, digits: _in_batches(partial(answer, state), digits)
    judge = conv_net.ConvNet(conv_net.initial_weights(np.random.default_rng(0)))

    def probabilities(state: Weights, digits: FloatArray) -> FloatArray:
        judge.load(state)
        return _in_batches(judge.probabilities, digits)

    return probabilities


def _in_batches(answer: Callable[[FloatArray], FloatArray], digits: FloatArray) -> FloatArray:
    """Return answers (n, 10) to any number of digits, in batches whose layers fit in memory."""
    starts = range(0, len(digits), AT_ONCE)
    return np.concatenate([answer(digits[start : start + AT_ONCE]) for start in starts])


def taught_by(folder: Path) -> Taught:
    """Return the larger net of a folder as a teacher; its CNN where there is no larger one.

    Raises InvalidInput for a folder with neither, BadWeights for a damaged file.
    """
    found = [net for net in (TEACHER, "cnn") if (folder / f"{net}.npz").exists()]
    if not found:
        raise InvalidInput(
            f"{folder} holds no {TEACHER}.npz and no cnn.npz.", "`inkling train teacher` makes one."
        )
    net = found[0]
    content = (folder / f"{net}.npz").read_bytes()
    state = checkpoints.unpack(content)
    answer = _probabilities(net)
    name = f"{net}-{hashlib.sha256(content).hexdigest()[:16]}"
    return Taught(lambda digits: answer(state, digits), name)
