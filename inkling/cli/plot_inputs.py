"""What `inkling plot` reads: histories, scores, samples and images, checked."""

import json
import math
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from functions import FloatArray
from inkling.cli.networks.found import AllNetworks
from inkling.cli.session import Session
from inkling.data.datasets import read_mnist, read_strokes
from inkling.data.rendering import seen_digit
from inkling.errors import InvalidInput
from inkling.evaluation.metrics import Scores, scores_from_json
from inkling.nets.registry import NETWORKS
from inkling.plots.charts import Training, choose_samples

Found = TypeVar("Found")


def pick(found: dict[str, Found], name: str, wrong: str) -> Found:
    """Return what lies under a name. Raises InvalidInput that lists the names there are."""
    if name not in found:
        raise InvalidInput(f"{wrong} {name!r}.", f"Choose from: {', '.join(found)}.")
    return found[name]


def drawn_samples(path: Path, count: int, seed: int) -> FloatArray:
    """Drawings of a stroke file as the page would send them: digits (count, 10, 28, 28)."""
    drawings = read_strokes(path)
    chosen = choose_samples([d.digit for d in drawings], count, seed, path)
    digits = np.stack([seen_digit(drawings[index]) for index in chosen.flat])
    return digits.reshape(count, 10, 28, 28)


def mnist_samples(path: Path, count: int, seed: int) -> FloatArray:
    """Digits (count, 10, 28, 28) of MNIST's train split."""
    data = read_mnist(path)
    return data.train_digits[choose_samples(data.train_labels, count, seed, path)]


def read_history(path: Path) -> Training:
    """A net's training from the JSON file that `inkling train` wrote.

    Raises InvalidInput that names the file and what is wrong in it.
    """
    found = read_json(path)
    try:
        names = ("loss", "accuracy", "validation_accuracy")
        loss, accuracy, validation = (numbers(found[name], name) for name in names)
        if not len(loss) == len(accuracy) == len(validation) > 0:
            raise InvalidInput("Its lists are empty, or one is longer than another.")
        if found["net"] not in NETWORKS:
            raise InvalidInput(f"Its net is {found['net']!r}.")
        if not all(0 <= share <= 1 for share in accuracy + validation):
            raise InvalidInput("An accuracy is not between 0 and 1.")
        if type(found["seed"]) is not int:
            raise InvalidInput("Its seed is no whole number.")
        return Training(found["net"], found["seed"], loss, accuracy, validation)
    except (InvalidInput, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path} is no training history. {told(error)}", "Name one that `inkling train` wrote."
        ) from error


def history_of(word: str) -> Training:
    """A net's training, from a file or by a network's name.

    Raises InvalidInput for a file that tells none, and for what is neither.
    """
    if Path(word).exists():
        return read_history(Path(word))
    with Session() as session:
        known = AllNetworks(session).beside
    if word not in known:
        raise InvalidInput(
            f"{word!r} is neither a file nor a network.",
            f"Name a file, or one of: {', '.join(known) or 'no network is trained yet'}.",
        )
    found = known[word]
    curves = ("loss", "accuracy", "val_loss", "val_accuracy")
    loss, accuracy, val_loss, val_accuracy = ([*found.history.get(name, [])] for name in curves)
    if not loss or not accuracy:
        raise InvalidInput(f"{word} does not tell how it was trained.", "Name another network.")
    seed = int(found.training.get("seed", 0))
    return Training(word, seed, loss, accuracy, val_accuracy, val_loss, found.title)


def read_dropout(path: Path) -> list[float]:
    """The three shares of dropout, in [0, 1), of the recipe in a CNN's history.

    Raises InvalidInput that names the file and what is wrong in it.
    """
    found = read_json(path)
    try:
        shares = numbers(found["recipe"]["dropout"], "dropout")
        if len(shares) != 3 or max(shares) >= 1:
            raise InvalidInput("Its dropout is not three shares below 1.")
        return shares
    except (InvalidInput, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path} is no history of the CNN. {told(error)}", "Train it: inkling train cnn"
        ) from error


def numbers(values: Any, name: str) -> list[float]:
    """A JSON list of finite numbers that are not negative."""
    if not all(type(v) in (int, float) and math.isfinite(v) and v >= 0 for v in values):
        raise InvalidInput(f"Its {name} holds what is no number from 0 upwards.")
    return [float(value) for value in values]


def read_scores(path: Path) -> Scores:
    """Scores by set and model from the JSON that `inkling evaluate --json` printed.

    Raises InvalidInput that names the file and what is wrong in it.
    """
    found = read_json(path)
    try:
        scores = scores_from_json(found["sets"])
        if not scores or not all(scores.values()):
            raise InvalidInput("It has no set, or one without models.")
        return scores
    except (InvalidInput, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path} is no evaluation. {told(error)}",
            "Name what `inkling evaluate --json` printed.",
        ) from error


def read_json(path: Path) -> Any:
    """The JSON value in a file."""
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON ({error}).", "Name a JSON file.") from error


def told(error: Exception) -> str:
    """What an error of a wrong shape says, in words."""
    if isinstance(error, KeyError):
        return f"It has no {error}."
    return str(error) if isinstance(error, InvalidInput) else "Its shape is another."
