"""The labelled digits that a job trains on, read before TensorFlow is loaded."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions import FloatArray
from inkling.data.datasets import Mnist, download_mnist, read_mnist
from inkling.data.samples import read_sample
from inkling.errors import InklingError, InvalidInput
from inkling.journal.jobs import OTHER, SAMPLES
from inkling.settings import Settings

Split = tuple[NDArray[np.uint8], NDArray[np.int64]]  # (n, 28, 28), 255 ink; labels (n,)


class BadSample(InvalidInput):
    """A job's sample cannot be read. The message names no folder of this machine."""


@dataclass(frozen=True)
class JobSample:
    """What is learned, and what it is judged on, if anything. name: for people."""

    name: str
    train: Split
    test: Split | None


def read_job_sample(sample: str, settings: Settings) -> JobSample:
    """Return the sample that a job names.

    Raises BadSample, in words that everybody may read, for one that cannot be had or is damaged.
    """
    file = _file_of(sample, settings)
    try:
        if sample == OTHER:
            return _split(file.name, read_sample(file))
        return _split("MNIST", read_mnist(file) if settings.mnist_file else download_mnist())
    except OSError as error:
        raise BadSample(f"{file.name} cannot be read ({error.strerror}).", "Allow it.") from error
    except InklingError as error:
        message, remedy = (t.replace(f"{file.parent}/", "") for t in (error.message, error.remedy))
        raise BadSample(message, remedy) from error


def _file_of(sample: str, settings: Settings) -> Path:
    """Return the sample's file; for MNIST without one, its name alone."""
    if sample not in SAMPLES:
        raise BadSample(f"There is no sample {sample!r}.", f"Name one of: {', '.join(SAMPLES)}.")
    if sample == OTHER and not settings.sample_file:
        raise BadSample("There is no other sample.", "Make one, and name it in SAMPLE_FILE.")
    return Path(settings.sample_file if sample == OTHER else settings.mnist_file or "MNIST")


def _split(name: str, found: Mnist) -> JobSample:
    test = (_bytes(found.test_digits), found.test_labels) if len(found.test_labels) else None
    return JobSample(name, (_bytes(found.train_digits), found.train_labels), test)


def _bytes(digits: FloatArray) -> NDArray[np.uint8]:
    """Return digits in [0, 1] as the bytes that they were read from."""
    return np.asarray(np.rint(digits * np.float32(255)), np.uint8)
