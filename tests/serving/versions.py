"""Versions whose answers tell which one they are, and what a trainer does with them."""

import uuid

import numpy as np

from conv_net import SHAPES
from functions import FloatArray, process_image
from inkling import checkpoints
from inkling.journal.schema import versions
from inkling.journal.writer import Journal
from inkling.records import Drawing, Lesson
from inkling.serving.recognizer import Recognizer
from inkling.storage.folder import FolderStore
from testing.commits import commit
from testing.pen import draw
from two_layer_net import initial_weights

STEP = 0.05  # between the scores of two versions
RETRAINED = ("fnn_retrained", "cnn_retrained")


def digit(shown: int) -> FloatArray:
    found = process_image(draw(shown))
    assert found is not None
    return found


THREE = digit(3)


def telling(version: int) -> dict[str, checkpoints.Arrays]:
    """Weights by net with which every answer tells the version: a 0 is the likelier, the later."""
    bias = np.zeros(10, np.float32)
    bias[0] = STEP * version
    fnn = {n: np.zeros_like(a) for n, a in initial_weights(np.random.default_rng(0)).items()}
    cnn = {name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()}
    return {"fnn": {**fnn, "output_bias": bias}, "cnn": {**cnn, "output_bias": bias}}


def told(probabilities: FloatArray) -> int:
    """The version that an answer of `telling` weights is from."""
    return round(float(np.log(probabilities[0] / probabilities[1])) / STEP)


def put(store: FolderStore, version: int, states: dict[str, checkpoints.Arrays]) -> dict[str, str]:
    """Store weights; the names of the objects."""
    objects = {}
    for net, state in states.items():
        objects[net], content = checkpoints.named(version, net, state)
        store.put(objects[net], content)
    return objects


def publish(
    journal: Journal, store: FolderStore, version: int, states: dict[str, checkpoints.Arrays]
) -> dict[str, str]:
    """Do what the trainer does once a drawing was learned; the names of the version's objects."""
    drawing = Drawing(str(uuid.uuid4()), 0, b"", bytes(784), {}, version - 1)
    journal.add(drawing)
    objects = put(store, version, states)
    commit(journal, [Lesson(drawing, version, {})], objects)
    return objects


def thin(journal: Journal, store: FolderStore, version: int) -> None:
    objects = journal.objects(version)
    assert objects
    with journal.engine.begin() as connection:
        row = versions.c.number == version
        connection.execute(versions.update().where(row).values(kept=False, objects=None))
    for name in objects.values():
        store.delete(name)


def assert_serves(recognizer: Recognizer, version: int) -> None:
    """That the version is served once the journal was looked at."""
    recognizer.refresh()
    assert recognizer.predict(THREE).version == version
    answers = recognizer.predict(THREE).probabilities
    assert {told(answers[name]) for name in RETRAINED} == {version}
