"""A store that has lost all weights: what a server does that is started on it."""

import shutil
from pathlib import Path

import pytest

from testing.deployments import embedded
from testing.live import wait_until

pytestmark = pytest.mark.proof


def test_a_server_makes_weights_anew_that_its_store_has_lost(tmp_path: Path) -> None:
    with embedded(tmp_path) as deployment:
        deployment.wait_for_trainer()
        with deployment.labelling(6):
            pass
        wait_until(lambda: deployment.journal.current_version() == 6)
        deployment.server.stop()
        shutil.rmtree(tmp_path / "instance" / "objects" / "weights")
        deployment.mend()
        made = "The weights of version 6 are there again, bit for bit"
        wait_until(lambda: made in deployment.log())
        assert deployment.visitors.predict()["version"] == 6
        with deployment.labelling(2):
            pass
        deployment.check()
