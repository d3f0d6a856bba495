"""The labelled digits that a job trains on, read before TensorFlow is loaded."""

from pathlib import Path
from typing import Any

from inkling.data.datasets import MNIST_SHAPES, download_arrays, mnist_arrays
from inkling.data.samples import TrainingSample, read_sample, training_sample
from inkling.errors import InklingError, InvalidInput
from inkling.journal.jobs import OTHER, SAMPLES
from inkling.settings import Settings


class BadSample(InvalidInput):
    """A job's sample cannot be read. The message names no folder of this machine."""


def read_job_sample(sample: str, settings: Settings) -> TrainingSample:
    """Return the sample that a job names.

    Raises BadSample, in words that everybody may read, for one that cannot be had or is damaged.
    """
    file = _file_of(sample, settings)
    try:
        if sample == OTHER:
            return read_sample(file)
        found = mnist_arrays(file, [*MNIST_SHAPES]) if settings.mnist_file else _downloaded()
        return training_sample("MNIST", found)
    except OSError as error:
        raise BadSample(f"{file.name} cannot be read ({error.strerror}).", "Allow it.") from error
    except InklingError as error:
        message, remedy = (t.replace(f"{file.parent}/", "") for t in (error.message, error.remedy))
        raise BadSample(message, remedy) from error


def _downloaded() -> dict[str, Any]:
    try:
        return download_arrays()
    except InvalidInput as error:
        raise BadSample(error.message, "Name its file in MNIST_FILE.") from error


def _file_of(sample: str, settings: Settings) -> Path:
    """Return the sample's file; for MNIST without one, its name alone."""
    if sample not in SAMPLES:
        raise BadSample(f"There is no sample {sample!r}.", f"Name one of: {', '.join(SAMPLES)}.")
    if sample == OTHER and not settings.sample_file:
        raise BadSample("There is no other sample.", "Make one, and name it in SAMPLE_FILE.")
    return Path(settings.sample_file if sample == OTHER else settings.mnist_file or "MNIST")
