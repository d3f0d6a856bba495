"""A storm of labels: everybody is answered, and all of them are learned once."""

from pathlib import Path

import pytest

from testing.deployments import embedded
from testing.storm import storm


@pytest.mark.proof
def test_a_storm_of_labels_is_learned_once_each(tmp_path: Path) -> None:
    with embedded(tmp_path) as deployment:
        deployment.wait_for_trainer()
        deployment.visitors.answered = storm(deployment.server, labels=240, seconds=8).answered
        deployment.check()
