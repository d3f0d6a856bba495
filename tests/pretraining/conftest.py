"""A file laid out as MNIST, for the commands."""

from pathlib import Path

import pytest

from inkling.data.datasets import MNIST_SHAPES
from tests.pretraining.material import write_mnist


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up patterns in the place of MNIST's digits, as many."""
    path = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    assert write_mnist(path, train=120, test=20) == MNIST_SHAPES
    return path
