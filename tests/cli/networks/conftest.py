"""Commands on folders of a test's own, and small networks for them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from inkling.cli.main import inkling
from inkling.settings import ROOT
from testing.examples import learnable

Ink = Callable[..., Result]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 patterns to learn, 100 to judge on."""
    digits, labels = learnable(1, count=500)
    grey, said = np.rint(digits * 255).astype(np.uint8), labels.astype(np.uint8)
    path = tmp_path_factory.mktemp("sample") / "sample.npz"
    np.savez(path, x_train=grey[:400], y_train=said[:400], x_test=grey[400:], y_test=said[400:])
    return path


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder with the originals, without networks."""
    folder = tmp_path / "models"
    folder.mkdir()
    for path in (ROOT / "models").iterdir():
        if path.is_file():
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def ink(tmp_path: Path, models: Path, sample: Path) -> Ink:
    """Runs a command, which must end with 0 unless another `code` is given."""

    def run(*words: object, code: int = 0) -> Result:
        environ = {
            "INSTANCE_FOLDER": str(tmp_path / "instance"),
            "TMP_FOLDER": str(tmp_path / "tmp"),
            "MODELS_FOLDER": str(models),
            "MNIST_FILE": str(sample),
        }
        done = CliRunner(env=environ).invoke(inkling, [str(word) for word in words])
        assert done.exit_code == code, done.output + str(done.exception)
        return done

    return run
