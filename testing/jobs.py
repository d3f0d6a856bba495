"""Small networks and samples that train in moments, and jobs that train them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from inkling import checkpoints
from inkling.coordination.coordination import open_coordination
from inkling.data.samples import read_sample, write_sample
from inkling.journal.jobs import Job, jobs_of
from inkling.journal.networks import publish_network
from inkling.journal.outbox import Outbox
from inkling.journal.reader import JournalReader
from inkling.journal.writer import open_journal
from inkling.nets.description import Description
from inkling.settings import Settings
from inkling.trainer.job_runner import JobRunner

EPOCHS = 6
TRAINING: dict[str, Any] = {
    "architecture": "dense",
    "hidden": [12],
    "epochs": EPOCHS,
    "batch": 20,
    "rate": 1e-3,
    "validation_share": 0.2,
    "validate_on_test": False,
    "patience": None,
    "seed": 7,
}


def write_digits(path: Path, count: int = 300) -> None:
    """Write a sample in which a digit is a bar that lies the lower the larger it is, and noise."""
    rng = np.random.default_rng(count)
    labels = np.arange(count, dtype=np.uint8) % 10
    digits = rng.integers(0, 120, (count, 28, 28), dtype=np.uint8)
    digits[np.arange(count), 2 * labels + 4, 6:22] = 255
    write_sample(path, (digits, labels), (digits[:50], labels[:50]))


def add_network(outbox: Outbox, name: str, **training: Any) -> None:
    """Give the journal a network of a hidden layer, whose weights are no weights yet."""
    description = Description(
        name=name,
        title="Dense 12",
        about="Hidden layers.",
        architecture="dense",
        config={},
        parameters=9550,
        training=TRAINING | training,
    )
    publish_network(outbox, description, f"weights of {name}".encode(), f"{name}".encode())


def undisturbed(sample: Path, name: str) -> checkpoints.Arrays:
    """Return the weights of the network that `add_network` gives, trained by this process."""
    from inkling.nets.architectures import ARCHITECTURES, Recipe
    from inkling.pretraining.network_training import Nowhere, Plan
    from inkling.pretraining.trained_network import train_network

    recipe = Recipe(EPOCHS, 20, validation_share=0.2)
    plan = Plan(ARCHITECTURES["dense"], recipe, (12,), 7)
    found = train_network(name, plan, read_sample(sample), Nowhere(), lambda progress: None)
    return checkpoints.unpack(found.weights)


def equal(one: checkpoints.Arrays, other: checkpoints.Arrays) -> bool:
    """Whether two sets of weights are the same, bit for bit."""
    return one.keys() == other.keys() and all(
        one[name].tobytes() == other[name].tobytes() for name in one
    )


def job(journal: JournalReader, id: int) -> Job:
    """Return the job with this id."""
    return next(found for found in jobs_of(journal) if found.id == id)


@contextmanager
def runner(settings: Settings, embedded: bool = False) -> Iterator[JobRunner]:
    """Runs jobs meanwhile, as a trainer's process does; its child reads this one's environment."""
    journal = open_journal(settings)
    found = JobRunner(settings, open_coordination(settings), lambda: journal, embedded)
    found.start()
    try:
        yield found
    finally:
        found.stop()
        journal.close()


def waiting_faults(folder: Path, places: Sequence[str], action: str = "wait") -> dict[str, Path]:
    """Return a file for each place, which makes the action happen there while it is there."""
    return {place: folder / f"{place}.{action}".replace(" ", "-") for place in places}
