"""A file laid out as MNIST, for the commands."""

from pathlib import Path

import numpy as np
import pytest

from testing.examples import learnable


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up patterns in the place of MNIST's digits."""
    digits, labels = learnable(1, count=500)
    grey = np.rint(digits * 255).astype(np.uint8)
    path = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    np.savez_compressed(
        path,
        x_train=np.tile(grey, (120, 1, 1)),
        y_train=np.tile(labels.astype(np.uint8), 120),
        x_test=np.tile(grey, (20, 1, 1)),
        y_test=np.tile(labels.astype(np.uint8), 20),
    )
    return path
