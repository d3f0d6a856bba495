"""Journals with their stores, of each kind, and what a small Inkling holds after a while."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from inkling import checkpoints
from inkling.journal.changes import relabel
from inkling.journal.dump import TABLES, dump
from inkling.journal.jobs import ask_training
from inkling.journal.networks import networks_of
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal, open_journal
from inkling.learning.learner import Learner, build_learner
from inkling.records import COLLECTED, NOT_A_DIGIT, Drawing
from inkling.rejections import Code, Rejection
from inkling.settings import ROOT, Settings, load_settings
from inkling.storage.base import ObjectStore
from inkling.storage.s3 import Credentials, S3Store
from inkling.storage.stores import open_store
from inkling.trainer.trainer import Trainer
from inkling.trainer.uploader import Uploader
from testing.jobs import add_network
from testing.pen import draw
from testing.postgres import needs_postgres, new_database
from testing.s3_server import KEY, SECRET, make_bucket, s3_url
from two_layer_net import TwoLayerNet

BOTH = checkpoints.originals(ROOT / "models")
ORIGINALS = {"fnn": BOTH["fnn"]}  # this net needs no TensorFlow
EMPTY: dict[str, list[object]] = {
    "drawings": [],
    "versions": [],
    "evaluations": [],
    "networks": [],
    "changes": [],
}
KINDS = ["SQLite", pytest.param("PostgreSQL", marks=needs_postgres)]
STROKES: list[list[list[float]]] = [[[1.5, 20, 30], [4, 5, 6.25], [0, 16, 33]], [[7], [8], [50]]]


@dataclass
class Place:
    """A journal and its store, and the variables with which a command finds them."""

    environ: dict[str, str]
    settings: Settings
    journal: Journal
    store: ObjectStore

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.journal, self.store)

    def trainer(self) -> Trainer:
        """A trainer of the FNN alone."""
        return Trainer(self.outbox, ORIGINALS, fnn())

    def learn(self) -> None:
        trainer = self.trainer()
        while trainer.work():
            pass

    def deliver(self) -> None:
        uploader = Uploader(self.outbox)
        while uploader.deliver():
            pass

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the tables but what is stored where, as JSON values."""
        kept = {*self.journal.kept_versions()}
        with self.journal.snapshot() as snapshot:
            return {name: [*map(json.loads, dump(snapshot, name, kept))] for name in TABLES}

    def objects(self) -> dict[str, bytes]:
        """The weights of every version that has them, and the networks' objects, by name."""
        rows = networks_of(self.journal).values()
        networks = {key for row in rows for key in (row.weights, row.graph)}
        return {name: self.outbox.get(name) for name in self.journal.kept_objects() | networks}


REJECTION = Rejection(Code.UNREADABLE, {"error": "½ \u2028 'x'"})

Opener = Callable[..., Place]  # of a kind, with a bucket or not


def fnn() -> Learner:
    return Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS)


@cache
def both() -> Learner:
    """Both nets, compiled once for all tests of a process; who takes them starts them anew."""
    return build_learner(BOTH)


@contextmanager
def open_place(
    kind: str, folder: Path, request: pytest.FixtureRequest, s3: bool = False
) -> Iterator[Place]:
    """An empty place below a folder, on `SQLite` or `PostgreSQL`, with a folder or a bucket."""
    environ = {
        "INSTANCE_FOLDER": str(folder / "instance"),
        "TMP_FOLDER": str(folder / "tmp"),
        "DATABASE_URL": "",
    }
    if kind == "PostgreSQL":
        environ["DATABASE_URL"] = new_database(request.getfixturevalue("postgres_server"))
    settings = load_settings(environ)
    store = open_bucket() if s3 else open_store(settings)
    journal = open_journal(settings)
    yield Place(environ, settings, journal, store)
    journal.close()


def open_bucket() -> S3Store:
    credentials = Credentials(KEY, SECRET, "us-east-1")
    return S3Store(make_bucket(s3_url()), endpoint_url=s3_url(), credentials=credentials)


def labelled(number: int, **more: Any) -> Drawing:
    told: dict[str, Any] = {
        "predictions": {"fnn": [0.1, 1e-7, 0.3]},
        "predicted_version": number,
        "strokes": STROKES if number % 2 else None,
    }
    paper = draw(number % 10, width=14 + number % 9)
    return replace(Drawing.of(number % 10, paper), **told | more)


def fill(place: Place) -> None:
    """24 versions, three with weights; drawings rejected, no digit, queued; two networks; a job."""
    for first in (0, 8, 16):  # three commits with any store
        for number in range(first, first + 8):
            place.journal.add(labelled(number))
        place.learn()
        place.deliver()
    rejected = place.journal.add(labelled(24))
    place.journal.reject(rejected.id, REJECTION)
    with place.journal.alone() as change:
        relabel(change, rejected.id, 7)
    place.journal.add(labelled(25, label=NOT_A_DIGIT, state=COLLECTED))
    place.deliver()
    for number in range(26, 29):
        place.journal.add(labelled(number))
    place.journal.add_evaluation(16, {"mnist": {"accuracy": 0.987}})
    add_network(place.outbox, "mine")
    add_network(place.outbox, "yours")
    ask_training(place.journal, "mine", "other")
    assert sorted(place.journal.kept_versions()) == [8, 16, 24]
