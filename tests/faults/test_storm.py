"""A storm of labels: everybody is answered, and all of them are learned once."""

from pathlib import Path

import pytest

from testing.deployments import embedded
from testing.storm import storm


@pytest.mark.proof
@pytest.mark.parametrize("labels", [90, pytest.param(240, marks=pytest.mark.long)])
def test_a_storm_of_labels_is_learned_once_each(tmp_path: Path, labels: int) -> None:
    with embedded(tmp_path) as deployment:
        deployment.wait_for_trainer()
        deployment.visitors.answered = storm(deployment.server, labels, labels / 30).answered
        deployment.check()


LONG = {"test_a_storm_of_labels_is_learned_once_each"}
