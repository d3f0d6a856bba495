"""What a job is told of a sample that it cannot have."""

import pytest

from inkling.errors import InvalidInput
from inkling.settings import load_settings
from inkling.trainer import job_sample
from inkling.trainer.job_sample import BadSample, read_job_sample


def test_a_failed_download_names_the_setting_that_a_job_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise InvalidInput("MNIST could not be downloaded (no network).", "Pass --mnist FILE.")

    monkeypatch.setattr(job_sample, "download_arrays", fail)
    with pytest.raises(BadSample, match=r"\(no network\)\. Name its file in MNIST_FILE\."):
        read_job_sample("mnist", load_settings({}))
